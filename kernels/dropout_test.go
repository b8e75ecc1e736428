package kernels_test

import (
	"math"
	"testing"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/kerneltest"
	"github.com/simdconv/simdconv/kernels/random"
)

// TestDropoutRates checks the share of kept elements, within six standard
// deviations, and the two ends of the range.
func TestDropoutRates(t *testing.T) {
	e := newEngine(t, kernels.TierAuto, 2)
	const n = 100000
	x, y := make([]float32, n), make([]float32, n)
	e.Fill(x, 1)
	for _, rate := range []float32{0, 1e-12, 0.1, 0.5, 0.9, 1 - ulp} {
		e.Dropout(y, x, random.Key{Seed: 1}, rate)
		kept := 0
		for _, v := range y {
			switch v {
			case 0:
			case 1 / (1 - rate):
				kept++
			default:
				t.Fatalf("rate %v: element %v", rate, v)
			}
		}
		mean := n * (1 - float64(rate))
		if d := math.Abs(float64(kept) - mean); d > 6*math.Sqrt(mean*float64(rate))+1 {
			t.Errorf("rate %v: %d of %d kept, want about %.0f", rate, kept, n, mean)
		}
	}
	e.Dropout(y, x, random.Key{Seed: 1}, 0)
	kerneltest.Equal(t, "rate 0", y, x)
}

// TestDropoutKeys checks that each part of the key changes the mask.
func TestDropoutKeys(t *testing.T) {
	e := newEngine(t, kernels.TierAuto, 1)
	x := make([]float32, 256)
	e.Fill(x, 1)
	seen := map[[256]float32]random.Key{}
	for _, key := range []random.Key{{}, {Seed: 1}, {Stream: 1}, {Step: 1}, {Seed: 1 << 40}} {
		var y [256]float32
		e.Dropout(y[:], x, key, 0.5)
		if other, ok := seen[y]; ok {
			t.Errorf("keys %v and %v give the same mask", key, other)
		}
		seen[y] = key
	}
}

// TestDropoutNaN checks that a dropped element is zero whatever it was.
func TestDropoutNaN(t *testing.T) {
	e := newEngine(t, kernels.TierAuto, 1)
	x, y, mask := make([]float32, 99), make([]float32, 99), make([]float32, 99)
	e.Fill(mask, 1)
	e.Dropout(mask, mask, testKey, 0.5)
	e.Fill(x, float32(math.NaN()))
	e.Dropout(y, x, testKey, 0.5)
	for i, v := range y {
		if mask[i] == 0 && math.Float32bits(v) != 0 || mask[i] != 0 && v == v {
			t.Errorf("[%d] = %v where the mask is %v", i, v, mask[i])
		}
	}
}

func TestDropoutPanics(t *testing.T) {
	e := newEngine(t, kernels.TierAuto, 1)
	y := make([]float32, 3)
	for _, rate := range []float32{-0.1, 1, 1.5, float32(math.NaN()), float32(math.Inf(1))} {
		wantPanic(t, "kernels: dropout rate outside [0, 1)", func() { e.Dropout(y, y, testKey, rate) })
	}
}

// TestDropoutNumbers compares which elements are kept with the sequence of a key
// that fills all its words, over turns of the kernel and what they leave.
func TestDropoutNumbers(t *testing.T) {
	key := random.Key{Seed: 0x123456789abcdef0, Stream: 5<<32 | 0x80000001, Step: 7<<32 | 0xfedcba98}
	const rate = 0.375
	kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
		e := newEngine(t, tier, 1)
		for _, n := range []int{31, 127, 128, 129, 256, 1000, 70001} {
			x, y, want := kerneltest.Guarded(t, n, true), kerneltest.Guarded(t, n, true), make([]float32, n)
			kerneltest.FillUniform(x, 1)
			for i, v := range x {
				if float64(key.Uint32(uint64(i))) >= rate*(1<<32) {
					want[i] = v * (1 / (1 - float32(rate)))
				}
			}
			e.Dropout(y, x, key, rate)
			kerneltest.Equal(t, "y", y, want)
		}
	})
}
