package kernels_test

import (
	"math"
	"testing"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/kerneltest"
)

// spacing returns the unit in the last place of float32 numbers like v.
func spacing(v float64) float64 {
	_, exp := math.Frexp(v)
	return math.Ldexp(1, max(exp-24, -149))
}

var functions = []struct {
	name  string
	run   func(e *kernels.Engine, y, x []float32)
	exact func(x float64) float64
	bound float64 // in units in the last place
}{
	{"Exp", (*kernels.Engine).Exp, math.Exp, 1},
	{"Sigmoid", (*kernels.Engine).Sigmoid, func(x float64) float64 {
		if x < 0 {
			return math.Exp(x) / (1 + math.Exp(x))
		}
		return 1 / (1 + math.Exp(-x))
	}, 2},
	{"Tanh", (*kernels.Engine).Tanh, math.Tanh, 2},
}

// TestFunctionsULP goes through all exponents of both signs, densely where the
// results are neither 0 nor constant, and through special values.
func TestFunctionsULP(t *testing.T) {
	stride, dense := uint64(9973), 400000
	if testing.Short() {
		stride, dense = 99991, 40000
	}
	x := append([]float32(nil), edges...)
	for b := uint64(0); b < 1<<32; b += stride {
		x = append(x, math.Float32frombits(uint32(b)))
	}
	for i := range dense {
		x = append(x, float32(i-dense/2)*(220/float32(dense)), float32(i-dense/2)*(3/float32(dense)))
	}
	for _, v := range []float32{88.722839, 88.722832, -87.336548, -103.27893, -103.97208, 9.0109, 17.32868} {
		for range 50 {
			v = math.Nextafter32(v, -1000)
			x = append(x, v)
		}
	}
	y := make([]float32, len(x))
	first := map[string][]float32{}
	kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
		e := newEngine(t, tier, 1)
		for _, f := range functions {
			f.run(e, y, x)
			worst, at := 0.0, float32(0)
			for i, v := range x {
				want := f.exact(float64(v))
				got := float64(y[i])
				if want > math.MaxFloat32 && float32(want) > math.MaxFloat32 {
					want = math.Inf(1)
				}
				if want == 0 && math.Signbit(got) != math.Signbit(want) {
					t.Errorf("%s(%v) = %v, want %v", f.name, v, got, want)
				}
				if got == want || got != got && want != want {
					continue
				}
				if d := math.Abs(got-want) / spacing(want); !(d <= worst) {
					worst, at = d, v
				}
			}
			t.Logf("%s: %.3f units in the last place, at %v", f.name, worst, at)
			if !(worst <= f.bound) {
				t.Errorf("%s(%v) is off by %.3g units in the last place, want at most %v", f.name, at, worst, f.bound)
			}
			switch {
			case tier == kernels.TierGeneric:
			case first[f.name] == nil:
				first[f.name] = clone(y)
			default:
				kerneltest.Equal(t, f.name+" of AVX-512 and AVX2", y, first[f.name])
			}
		}
	})
}

// TestSoftmaxTiers compares the vector tiers bit by bit, over lengths around the
// 16 lanes, the four vectors of a turn and the longest call, and a wide range of
// logits, whose differences no float32 holds.
func TestSoftmaxTiers(t *testing.T) {
	first := map[int][]float32{}
	kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
		e := newEngine(t, tier, 1)
		for _, cols := range []int{1, 7, 8, 9, 15, 16, 17, 24, 25, 40, 63, 64, 65, 72, 80, 100, 1000, 32768, 70001} {
			x := kerneltest.Guarded(t, 2*cols, true)
			kerneltest.FillUniform(x, uint64(cols))
			for i := range x {
				x[i] = 40*x[i] + 33.3
			}
			y, logs := kerneltest.Guarded(t, 2*cols, true), kerneltest.Guarded(t, 2*cols, true)
			e.Softmax(y, x, cols)
			e.LogSoftmax(logs, x, cols)
			for r := range 2 {
				row := widen(x[r*cols : (r+1)*cols])
				top, sum := math.Inf(-1), 0.0
				for _, v := range row {
					top = max(top, v)
				}
				for _, v := range row {
					sum += math.Exp(v - top)
				}
				exact, exactLogs := make([]float64, cols), make([]float64, cols)
				for j, v := range row {
					exact[j], exactLogs[j] = math.Exp(v-top)/sum, v-top-math.Log(sum)
				}
				near(t, "softmax", y[r*cols:(r+1)*cols], exact, softmaxBound(cols))
				for j, want := range exactLogs {
					if d := math.Abs(float64(logs[r*cols+j]) - want); d > softmaxBound(cols)+3*ulp*math.Abs(want) {
						t.Fatalf("cols=%d: log softmax %v, want %v", cols, logs[r*cols+j], want)
					}
				}
			}
			switch {
			case tier == kernels.TierGeneric:
			case first[cols] == nil:
				first[cols] = append(clone(y), logs...)
			default:
				kerneltest.Equal(t, "AVX-512 and AVX2", append(clone(y), logs...), first[cols])
			}
		}
		nan, inf := float32(math.NaN()), float32(math.Inf(1))
		x := []float32{0, -inf, 1, -inf, -inf, nan, 1, inf, 1}
		y := make([]float32, len(x))
		e.Softmax(y, x, 3)
		p := float32(1 / (1 + math.E))
		kerneltest.Equal(t, "special rows", y[3:], []float32{nan, nan, nan, nan, nan, nan})
		near(t, "a row with -Inf", y[:3], []float64{float64(p), 0, math.E / (1 + math.E)}, 4*ulp)
	})
}
