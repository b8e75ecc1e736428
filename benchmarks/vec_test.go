package benchmarks

import (
	"fmt"
	"testing"

	"github.com/simdconv/simdconv/benchmarks/roof"
	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/random"
)

// BenchmarkVec runs element-wise and row operations on operands that fit the
// second cache and on such that fit none.
func BenchmarkVec(b *testing.B) {
	vectors := asked
	vectors.Batches = []int{1}
	for _, r := range memoryRows(vectors, vecRows) {
		b.Run(r.name(), r.run)
	}
}

// A vecOp is an operation on vectors of one length.
type vecOp struct {
	name                string
	read, write, update int // operands
	run                 func(e *kernels.Engine, x [][]float32)
}

const vecCols = 1024 // of row operations

var vecOps = []vecOp{
	{"add", 2, 1, 0, func(e *kernels.Engine, x [][]float32) { e.Add(x[2], x[0], x[1]) }},
	{"axpy", 1, 0, 1, func(e *kernels.Engine, x [][]float32) { e.Axpy(1e-3, x[0], x[1]) }},
	{"relu", 1, 1, 0, func(e *kernels.Engine, x [][]float32) { e.ReLU(x[1], x[0]) }},
	{"relu_backward", 2, 1, 0, func(e *kernels.Engine, x [][]float32) { e.ReLUBackward(x[2], x[0], x[1]) }},
	{"add_bias", 0, 0, 1, func(e *kernels.Engine, x [][]float32) { e.AddBias(x[0], zeros[:vecCols]) }},
	{"sum_rows", 1, 0, 0, func(e *kernels.Engine, x [][]float32) { e.SumRows(zeros[vecCols:], x[0]) }},
	{"finite", 1, 0, 0, func(e *kernels.Engine, x [][]float32) { e.Finite(x[0]) }},
	{"sgd", 1, 0, 1, func(e *kernels.Engine, x [][]float32) { e.SGD(x[1], nil, x[0], 1e-3, 0) }},
	{"momentum", 1, 0, 2, func(e *kernels.Engine, x [][]float32) { e.SGD(x[1], x[2], x[0], 1e-3, 0.9) }},
	{"nesterov", 1, 0, 2, func(e *kernels.Engine, x [][]float32) { e.Nesterov(x[1], x[2], x[0], 1e-3, 0.9) }},
	{"adam", 1, 0, 3, func(e *kernels.Engine, x [][]float32) {
		e.Adam(x[1], x[2], x[3], x[0], 1e-3, 0.9, 0.999, 1e-7, 3)
	}},
	{"adamw", 1, 0, 3, func(e *kernels.Engine, x [][]float32) {
		e.AdamW(x[1], x[2], x[3], x[0], 1e-3, 1e-2, 0.9, 0.999, 1e-7, 3)
	}},
	{"rmsprop", 1, 0, 2, func(e *kernels.Engine, x [][]float32) { e.RMSprop(x[1], x[2], nil, nil, x[0], 1e-3, 0.9, 0, 1) }},
	{"sigmoid", 1, 1, 0, func(e *kernels.Engine, x [][]float32) { e.Sigmoid(x[1], x[0]) }},
	{"tanh", 1, 1, 0, func(e *kernels.Engine, x [][]float32) { e.Tanh(x[1], x[0]) }},
	{"softmax", 1, 1, 0, func(e *kernels.Engine, x [][]float32) { e.Softmax(x[1], x[0], vecCols) }},
	{"dropout", 1, 1, 0, func(e *kernels.Engine, x [][]float32) { e.Dropout(x[1], x[0], random.Key{Seed: 1}, 0.5) }},
}

var zeros = make([]float32, 2*vecCols)

// vecRows are the rows of any batch.
func vecRows(int) (rows []memoryRow) {
	for _, elements := range []int{1 << 15, 1 << 24} {
		for _, op := range vecOps {
			of := func(operands int) int { return 4 * elements * operands }
			rows = append(rows, memoryRow{
				label:   fmt.Sprintf("op=%s/elements=%d", op.name, elements),
				bytes:   of(op.read + op.write + op.update),
				traffic: roof.Traffic{Read: of(op.read), Write: of(op.write), Update: of(op.update)},
				prepare: func(r memoryRow) (func() error, error) {
					e, err := kernels.New(r.options())
					if err != nil {
						return nil, err
					}
					var x [][]float32
					for i := range op.read + op.write + op.update {
						v := filled(elements, uint64(i))
						for k := range v {
							v[k] *= v[k]
						}
						x = append(x, v)
					}
					return func() error { op.run(e, x); return nil }, nil
				},
			})
		}
	}
	return rows
}
