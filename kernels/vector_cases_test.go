package kernels_test

import (
	"math"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/kerneltest"
	"github.com/simdconv/simdconv/kernels/random"
	"github.com/simdconv/simdconv/kernels/ref"
)

// A vectorCase is an operation on vectors of one length: the first operands
// are results, and may be read too.
type vectorCase struct {
	name     string
	args     int // operands
	results  int // of them, the first
	inPlace  int // operand up to which the result may be any, or 0
	positive int // operand without negative elements, or 0
	run      func(e *kernels.Engine, x [][]float32)
	// want computes the results in float64 from the operands before the call.
	want  func(x [][]float64)
	bound float64 // relative error of an element
	sum   bool    // results are sums that may cancel: the bound is on the rms
	edges bool    // the bound holds for edge values too
}

var testKey = random.Key{Seed: 7, Stream: 3, Step: 9}

var vectorCases = []vectorCase{
	{
		name: "Fill", args: 1, results: 1, edges: true,
		run: func(e *kernels.Engine, x [][]float32) { e.Fill(x[0], 2.5) },
		want: func(x [][]float64) {
			for i := range x[0] {
				x[0][i] = 2.5
			}
		},
	}, {
		name: "Scale", args: 1, results: 1, bound: ulp, edges: true,
		run: func(e *kernels.Engine, x [][]float32) { e.Scale(x[0], -1.5) },
		want: func(x [][]float64) {
			for i := range x[0] {
				x[0][i] *= -1.5
			}
		},
	}, {
		name: "Axpy", args: 2, results: 1, bound: 2 * ulp, sum: true, inPlace: 1,
		run: func(e *kernels.Engine, x [][]float32) { e.Axpy(0.3, x[1], x[0]) },
		want: func(x [][]float64) {
			for i, v := range x[1] {
				x[0][i] += float64(float32(0.3)) * v
			}
		},
	}, {
		name: "Add", args: 3, results: 1, bound: ulp, edges: true, inPlace: 2,
		run: func(e *kernels.Engine, x [][]float32) { e.Add(x[0], x[1], x[2]) },
		want: func(x [][]float64) {
			for i := range x[0] {
				x[0][i] = x[1][i] + x[2][i]
			}
		},
	}, {
		name: "Mul", args: 3, results: 1, bound: ulp, edges: true, inPlace: 2,
		run: func(e *kernels.Engine, x [][]float32) { e.Mul(x[0], x[1], x[2]) },
		want: func(x [][]float64) {
			for i := range x[0] {
				x[0][i] = x[1][i] * x[2][i]
			}
		},
	}, {
		name: "ReLU", args: 2, results: 1, edges: true, inPlace: 1,
		run:  func(e *kernels.Engine, x [][]float32) { e.ReLU(x[0], x[1]) },
		want: func(x [][]float64) { ref.ReLU(x[0], x[1]) },
	}, {
		name: "ReLUBackward", args: 3, results: 1, edges: true, inPlace: 1,
		run:  func(e *kernels.Engine, x [][]float32) { e.ReLUBackward(x[0], x[1], x[2]) },
		want: func(x [][]float64) { ref.ReLUBackward(x[0], x[1], x[2]) },
	}, {
		name: "Exp", args: 2, results: 1, bound: 2 * ulp, edges: true, inPlace: 1,
		run: func(e *kernels.Engine, x [][]float32) { e.Exp(x[0], x[1]) },
		want: func(x [][]float64) {
			for i, v := range x[1] {
				x[0][i] = math.Exp(v)
			}
		},
	}, {
		name: "Sigmoid", args: 2, results: 1, bound: 4 * ulp, edges: true, inPlace: 1,
		run:  func(e *kernels.Engine, x [][]float32) { e.Sigmoid(x[0], x[1]) },
		want: func(x [][]float64) { ref.Sigmoid(x[0], x[1]) },
	}, {
		name: "SigmoidBackward", args: 3, results: 1, bound: 3 * ulp, inPlace: 2,
		run:  func(e *kernels.Engine, x [][]float32) { e.SigmoidBackward(x[0], x[1], x[2]) },
		want: func(x [][]float64) { ref.SigmoidBackward(x[0], x[1], x[2]) },
	}, {
		name: "Tanh", args: 2, results: 1, bound: 4 * ulp, edges: true, inPlace: 1,
		run:  func(e *kernels.Engine, x [][]float32) { e.Tanh(x[0], x[1]) },
		want: func(x [][]float64) { ref.Tanh(x[0], x[1]) },
	}, {
		name: "TanhBackward", args: 3, results: 1, bound: 2 * ulp, sum: true, inPlace: 2,
		run:  func(e *kernels.Engine, x [][]float32) { e.TanhBackward(x[0], x[1], x[2]) },
		want: func(x [][]float64) { ref.TanhBackward(x[0], x[1], x[2]) },
	}, {
		name: "Dropout", args: 2, results: 1, bound: 3 * ulp, inPlace: 1,
		run: func(e *kernels.Engine, x [][]float32) { e.Dropout(x[0], x[1], testKey, 0.3) },
		want: func(x [][]float64) {
			keep := make([]bool, len(x[0]))
			for i := range keep {
				keep[i] = float64(testKey.Uint32(uint64(i))) >= math.Floor(float64(float32(0.3))*(1<<32))
			}
			ref.Dropout(x[0], x[1], keep, float64(float32(0.3)))
		},
	}, {
		name: "SGD", args: 2, results: 1, bound: 2 * ulp, sum: true,
		run:  func(e *kernels.Engine, x [][]float32) { e.SGD(x[0], nil, x[1], 0.1, 0) },
		want: func(x [][]float64) { ref.SGD(x[0], nil, x[1], float64(float32(0.1)), 0) },
	}, {
		name: "SGD momentum", args: 3, results: 2, bound: 3 * ulp, sum: true,
		run:  func(e *kernels.Engine, x [][]float32) { e.SGD(x[0], x[1], x[2], 0.1, 0.9) },
		want: func(x [][]float64) { ref.SGD(x[0], x[1], x[2], float64(float32(0.1)), float64(float32(0.9))) },
	}, {
		name: "LeakyReLU", args: 2, results: 1, bound: ulp, edges: true, inPlace: 1,
		run:  func(e *kernels.Engine, x [][]float32) { e.LeakyReLU(x[0], x[1], 0.25) },
		want: func(x [][]float64) { ref.LeakyReLU(x[0], x[1], 0.25) },
	}, {
		name: "LeakyReLUBackward", args: 3, results: 1, bound: ulp, edges: true, inPlace: 2,
		run:  func(e *kernels.Engine, x [][]float32) { e.LeakyReLUBackward(x[0], x[1], x[2], 0.25) },
		want: func(x [][]float64) { ref.LeakyReLUBackward(x[0], x[1], x[2], 0.25) },
	}, {
		name: "Nesterov", args: 3, results: 2, bound: 4 * ulp, sum: true,
		run:  func(e *kernels.Engine, x [][]float32) { e.Nesterov(x[0], x[1], x[2], 0.1, 0.9) },
		want: func(x [][]float64) { ref.Nesterov(x[0], x[1], x[2], float64(float32(0.1)), float64(float32(0.9))) },
	}, {
		name: "RMSprop", args: 3, results: 2, bound: 4 * ulp, sum: true, positive: 1,
		run: func(e *kernels.Engine, x [][]float32) { e.RMSprop(x[0], x[1], nil, nil, x[2], 0.1, 0.75, 0, 0.5) },
		want: func(x [][]float64) {
			ref.RMSprop(x[0], x[1], nil, nil, x[2], float64(float32(0.1)), 0.75, 0, 0.5)
		},
	}, {
		name: "RMSprop momentum", args: 4, results: 3, bound: 4 * ulp, sum: true, positive: 1,
		run: func(e *kernels.Engine, x [][]float32) { e.RMSprop(x[0], x[1], x[2], nil, x[3], 0.1, 0.75, 0.875, 0.5) },
		want: func(x [][]float64) {
			ref.RMSprop(x[0], x[1], x[2], nil, x[3], float64(float32(0.1)), 0.75, 0.875, 0.5)
		},
	}, {
		name: "RMSprop centered", args: 4, results: 3, bound: 4 * ulp, sum: true, positive: 1,
		run: func(e *kernels.Engine, x [][]float32) { e.RMSprop(x[0], x[1], nil, x[2], x[3], 0.1, 0.75, 0, 2) },
		want: func(x [][]float64) {
			ref.RMSprop(x[0], x[1], nil, x[2], x[3], float64(float32(0.1)), 0.75, 0, 2)
		},
	}, {
		name: "RMSprop centered momentum", args: 5, results: 4, bound: 4 * ulp, sum: true, positive: 1,
		run: func(e *kernels.Engine, x [][]float32) { e.RMSprop(x[0], x[1], x[2], x[3], x[4], 0.1, 0.75, 0.875, 2) },
		want: func(x [][]float64) {
			ref.RMSprop(x[0], x[1], x[2], x[3], x[4], float64(float32(0.1)), 0.75, 0.875, 2)
		},
	}, {
		name: "AdamW", args: 4, results: 3, bound: 5 * ulp, sum: true, positive: 2,
		run: func(e *kernels.Engine, x [][]float32) {
			e.AdamW(x[0], x[1], x[2], x[3], 0.125, 0.25, 0.75, 0.875, 1e-3, 3)
		},
		want: func(x [][]float64) {
			ref.AdamW(x[0], x[1], x[2], x[3], 0.125, 0.25, 0.75, 0.875, float64(float32(1e-3)), 3)
		},
	}, {
		name: "Adam", args: 4, results: 3, bound: 4 * ulp, sum: true,
		positive: 2,
		run:      func(e *kernels.Engine, x [][]float32) { e.Adam(x[0], x[1], x[2], x[3], 0.1, 0.75, 0.875, 1e-3, 3) },
		want: func(x [][]float64) {
			ref.Adam(x[0], x[1], x[2], x[3], float64(float32(0.1)), 0.75, 0.875, float64(float32(1e-3)), 3)
		},
	},
}

// vectorOperands returns random operands of length n.
func (c *vectorCase) vectorOperands(n int, alloc allocator) [][]float32 {
	x := make([][]float32, c.args)
	for i := range x {
		x[i] = alloc(n)
		kerneltest.FillUniform(x[i], uint64(100*n+i))
	}
	if c.positive > 0 {
		for i, v := range x[c.positive] {
			x[c.positive][i] = v * v
		}
	}
	return x
}
