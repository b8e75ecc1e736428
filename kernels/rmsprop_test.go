package kernels_test

import (
	"testing"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/ref"
)

// The epsilon of the centered cases keeps the root of random operands real.
func init() {
	const lr, rho, momentum = 0.125, 0.75, 0.5
	vectorCases = append(vectorCases, vectorCase{
		name: "RMSprop", args: 3, results: 2, bound: 4 * ulp, sum: true, positive: 1,
		run:  func(e *kernels.Engine, x [][]float32) { e.RMSprop(x[0], x[1], nil, nil, x[2], lr, rho, 0, 1.0/1024) },
		want: func(x [][]float64) { ref.RMSprop(x[0], x[1], nil, nil, x[2], lr, rho, 0, 1.0/1024) },
	}, vectorCase{
		name: "RMSprop momentum", args: 4, results: 3, bound: 4 * ulp, sum: true, positive: 1,
		run: func(e *kernels.Engine, x [][]float32) {
			e.RMSprop(x[0], x[1], x[2], nil, x[3], lr, rho, momentum, 1.0/1024)
		},
		want: func(x [][]float64) { ref.RMSprop(x[0], x[1], x[2], nil, x[3], lr, rho, momentum, 1.0/1024) },
	}, vectorCase{
		name: "RMSprop centered", args: 4, results: 3, bound: 4 * ulp, sum: true, positive: 1,
		run:  func(e *kernels.Engine, x [][]float32) { e.RMSprop(x[0], x[1], nil, x[2], x[3], lr, rho, 0, 2) },
		want: func(x [][]float64) { ref.RMSprop(x[0], x[1], nil, x[2], x[3], lr, rho, 0, 2) },
	}, vectorCase{
		name: "RMSprop centered momentum", args: 5, results: 4, bound: 4 * ulp, sum: true, positive: 1,
		run:  func(e *kernels.Engine, x [][]float32) { e.RMSprop(x[0], x[1], x[2], x[3], x[4], lr, rho, momentum, 2) },
		want: func(x [][]float64) { ref.RMSprop(x[0], x[1], x[2], x[3], x[4], lr, rho, momentum, 2) },
	})
}

func TestRMSpropPanics(t *testing.T) {
	e := newEngine(t, kernels.TierAuto, 1)
	w, v, g := make([]float32, 3), make([]float32, 3), make([]float32, 3)
	wantPanic(t, "kernels: momentum needs a velocity", func() { e.RMSprop(w, v, nil, nil, g, 1, 0.9, 0.5, 1) })
	wantPanic(t, "kernels: operands of different lengths", func() { e.RMSprop(w, nil, nil, nil, g, 1, 0.9, 0, 1) })
	wantPanic(t, "kernels: operands of different lengths", func() { e.RMSprop(w, v, nil, nil, nil, 1, 0.9, 0, 1) })
}
