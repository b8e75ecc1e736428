package kernels_test

import (
	"testing"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/ref"
)

func init() {
	vectorCases = append(vectorCases, vectorCase{
		name: "AdamW", args: 4, results: 3, bound: 4 * ulp, sum: true,
		positive: 2,
		run: func(e *kernels.Engine, x [][]float32) {
			e.AdamW(x[0], x[1], x[2], x[3], 0.125, 0.25, 0.75, 0.875, 1e-3, 3)
		},
		want: func(x [][]float64) {
			ref.AdamW(x[0], x[1], x[2], x[3], 0.125, 0.25, 0.75, 0.875, float64(float32(1e-3)), 3)
		},
	})
}

func TestAdamWPanics(t *testing.T) {
	e := newEngine(t, kernels.TierAuto, 1)
	v := make([]float32, 3)
	wantPanic(t, "kernels: steps are counted from 1", func() { e.AdamW(v, v, v, v, 1, 1, 0.9, 0.9, 0, 0) })
}
