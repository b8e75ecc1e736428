package ref_test

import (
	"testing"

	"github.com/simdconv/simdconv/kernels/ref"
)

// TestAdamW holds that the decay acts on the weight alone, before the step:
// without a gradient weights shrink; with one they also move by the rate, as
// in Adam's first step.
func TestAdamW(t *testing.T) {
	w, m, v := []float64{8, -4}, []float64{0, 0}, []float64{0, 0}
	ref.AdamW(w, m, v, []float64{0, 1e3}, 0.25, 0.5, 0.5, 0.75, 1e-300, 1)
	checkClose(t, "w", w, []float64{7, -3.5 - 0.25})
}
