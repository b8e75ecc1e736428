package kerneltest

import (
	"math"
	"testing"
)

// Equal fails the test unless got and want have the same length and the same
// bits, where any NaN equals any other. The message gives the first index that
// differs, both values there, and the number of differences.
func Equal(t testing.TB, name string, got, want []float32) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: length %d, want %d", name, len(got), len(want))
		return
	}
	first, count := -1, 0
	for i := range got {
		if !sameBits(got[i], want[i]) {
			if count == 0 {
				first = i
			}
			count++
		}
	}
	if count > 0 {
		g, w := got[first], want[first]
		t.Errorf("%s: %d of %d elements differ, first [%d] = %v (%#08x), want %v (%#08x)",
			name, count, len(got), first, g, math.Float32bits(g), w, math.Float32bits(w))
	}
}

func sameBits(a, b float32) bool {
	return math.Float32bits(a) == math.Float32bits(b) || a != a && b != b
}

// Close fails the test unless got and want have the same length and the root
// mean square of the error is at most bound times that of want. See
// [RMSError] for elements that are not finite.
func Close(t testing.TB, name string, got []float32, want []float64, bound float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: length %d, want %d", name, len(got), len(want))
		return
	}
	rms, peak := RMSError(got, want)
	// Written so that a NaN fails.
	if !(rms <= bound) {
		t.Errorf("%s: relative rms error %.3g (largest %.3g), want at most %.3g", name, rms, peak, bound)
	}
}

// RMSError returns the root mean square and the maximum of |got - want|, both
// divided by the root mean square of want. The slices must have the same
// length.
//
// NaN and infinite elements are left out of the sums where got and want agree;
// where they do not, both results are +Inf. If want has no other elements than
// zeros the results are 0 without any error and +Inf otherwise.
func RMSError(got []float32, want []float64) (rms, max float64) {
	if len(got) != len(want) {
		panic("kerneltest: slices of different length")
	}
	var errors, total float64
	for i, w := range want {
		g := float64(got[i])
		if !finite(g) || !finite(w) {
			if g == w || g != g && w != w {
				continue
			}
			return math.Inf(1), math.Inf(1)
		}
		d := math.Abs(g - w)
		errors += d * d
		total += w * w
		max = math.Max(max, d)
	}
	if max == 0 {
		return 0, 0
	}
	n := math.Sqrt(total)
	return math.Sqrt(errors) / n, max / (n / math.Sqrt(float64(len(want))))
}

func finite(v float64) bool {
	return math.Abs(v) <= math.MaxFloat64
}
