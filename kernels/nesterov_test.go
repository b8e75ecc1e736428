package kernels_test

import (
	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/ref"
)

func init() {
	vectorCases = append(vectorCases, vectorCase{
		name: "Nesterov", args: 3, results: 2, bound: 3 * ulp, sum: true,
		run:  func(e *kernels.Engine, x [][]float32) { e.Nesterov(x[0], x[1], x[2], 0.1, 0.9) },
		want: func(x [][]float64) { ref.Nesterov(x[0], x[1], x[2], float64(float32(0.1)), float64(float32(0.9))) },
	})
}
