package suite

import (
	"fmt"

	"github.com/simdconv/simdconv/benchmarks/roof"
	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/kerneltest"
	"github.com/simdconv/simdconv/kernels/random"
	"github.com/simdconv/simdconv/kernels/ref"
)

// A Vec is an element-wise or row operation. In is what is read; out is what is
// written, then what is updated.
type Vec struct {
	Name     string
	Elements int // of an operand
}

// VecCols is the length of a row, for operations on rows. Biases and sums over
// rows are of that length, too.
const VecCols = 1 << 10

// AxpyAlpha is the factor of axpy.
const AxpyAlpha = 1e-3

// A vecOp is how an operation is done.
type vecOp struct {
	name                string
	read, write, update int // operands of full length
	bias, sums          bool
	run                 func(e *kernels.Engine, in, out [][]float32)
	want                func(in, out [][]float64) // nil if none is known
}

var vecOps = []vecOp{
	{name: "add", read: 2, write: 1,
		run: func(e *kernels.Engine, in, out [][]float32) { e.Add(out[0], in[0], in[1]) },
		want: func(in, out [][]float64) {
			for i, x := range in[0] {
				out[0][i] = x + in[1][i]
			}
		}},
	{name: "axpy", read: 1, update: 1,
		run: func(e *kernels.Engine, in, out [][]float32) { e.Axpy(AxpyAlpha, in[0], out[0]) },
		want: func(in, out [][]float64) {
			for i, x := range in[0] {
				out[0][i] += AxpyAlpha * x
			}
		}},
	{name: "relu", read: 1, write: 1,
		run:  func(e *kernels.Engine, in, out [][]float32) { e.ReLU(out[0], in[0]) },
		want: func(in, out [][]float64) { ref.ReLU(out[0], in[0]) }},
	{name: "relu_backward", read: 2, write: 1,
		run:  func(e *kernels.Engine, in, out [][]float32) { e.ReLUBackward(out[0], in[0], in[1]) },
		want: func(in, out [][]float64) { ref.ReLUBackward(out[0], in[0], in[1]) }},
	{name: "add_bias", update: 1, bias: true,
		run: func(e *kernels.Engine, in, out [][]float32) { e.AddBias(out[0], in[0]) },
		want: func(in, out [][]float64) {
			for i := range out[0] {
				out[0][i] += in[0][i%VecCols]
			}
		}},
	{name: "sum_rows", read: 1, sums: true,
		run: func(e *kernels.Engine, in, out [][]float32) { e.SumRows(out[0], in[0]) }},
	{name: "finite", read: 1,
		run: func(e *kernels.Engine, in, _ [][]float32) { e.Finite(in[0]) }},
	{name: "sgd", read: 1, update: 1,
		run: func(e *kernels.Engine, in, out [][]float32) { e.SGD(out[0], nil, in[0], 1e-3, 0) }},
	{name: "momentum", read: 1, update: 2,
		run: func(e *kernels.Engine, in, out [][]float32) { e.SGD(out[0], out[1], in[0], 1e-3, 0.9) }},
	{name: "nesterov", read: 1, update: 2,
		run: func(e *kernels.Engine, in, out [][]float32) { e.Nesterov(out[0], out[1], in[0], 1e-3, 0.9) }},
	{name: "adam", read: 1, update: 3,
		run: func(e *kernels.Engine, in, out [][]float32) {
			e.Adam(out[0], out[1], out[2], in[0], 1e-3, 0.9, 0.999, 1e-7, 3)
		}},
	{name: "adamw", read: 1, update: 3,
		run: func(e *kernels.Engine, in, out [][]float32) {
			e.AdamW(out[0], out[1], out[2], in[0], 1e-3, 1e-2, 0.9, 0.999, 1e-7, 3)
		}},
	{name: "rmsprop", read: 1, update: 2,
		run: func(e *kernels.Engine, in, out [][]float32) {
			e.RMSprop(out[0], out[1], nil, nil, in[0], 1e-3, 0.9, 0, 1)
		}},
	{name: "sigmoid", read: 1, write: 1,
		run:  func(e *kernels.Engine, in, out [][]float32) { e.Sigmoid(out[0], in[0]) },
		want: func(in, out [][]float64) { ref.Sigmoid(out[0], in[0]) }},
	{name: "tanh", read: 1, write: 1,
		run:  func(e *kernels.Engine, in, out [][]float32) { e.Tanh(out[0], in[0]) },
		want: func(in, out [][]float64) { ref.Tanh(out[0], in[0]) }},
	{name: "softmax", read: 1, write: 1,
		run:  func(e *kernels.Engine, in, out [][]float32) { e.Softmax(out[0], in[0], VecCols) },
		want: func(in, out [][]float64) { ref.Softmax(out[0], in[0], VecCols) }},
	{name: "dropout", read: 1, write: 1,
		run: func(e *kernels.Engine, in, out [][]float32) { e.Dropout(out[0], in[0], random.Key{Seed: 1}, 0.5) }},
}

// vecs have operands that fit the second cache, and such that fit none.
func vecs(int) (ops []MemoryOp) {
	for _, elements := range []int{1 << 15, 1 << 24} {
		for _, op := range vecOps {
			ops = append(ops, Vec{op.name, elements})
		}
	}
	return ops
}

// op returns how it is done.
func (v Vec) op() vecOp {
	for _, op := range vecOps {
		if op.name == v.Name {
			return op
		}
	}
	panic("suite: no vector operation " + v.Name)
}

func (v Vec) Label() string { return fmt.Sprintf("op=%s/elements=%d", v.Name, v.Elements) }

func (v Vec) Bytes() int {
	op := v.op()
	return 4 * v.Elements * (op.read + op.write + op.update)
}

func (v Vec) Traffic() roof.Traffic {
	op := v.op()
	of := func(operands int) int { return 4 * v.Elements * operands }
	return roof.Traffic{Read: of(op.read), Write: of(op.write), Update: of(op.update)}
}

func (v Vec) Operands() (in, out [][]float32) {
	op := v.op()
	for i := range op.read {
		in = append(in, filled(v.Elements, uint64(i)))
	}
	if op.bias {
		in = append(in, filled(VecCols, uint64(len(in))))
	}
	for range op.write + op.update {
		out = append(out, make([]float32, v.Elements))
	}
	if op.sums {
		out = append(out, make([]float32, VecCols))
	}
	v.Reset(out)
	return in, out
}

// Reset fills what is updated with positive numbers, as some are second moments.
func (v Vec) Reset(out [][]float32) {
	op := v.op()
	for i, x := range out {
		if i < op.write || op.sums {
			clear(x)
			continue
		}
		kerneltest.FillUniform(x, uint64(7+i))
		for k := range x {
			x[k] *= x[k]
		}
	}
}

func (v Vec) Call(o kernels.Options, in, out [][]float32) (func() error, error) {
	e, err := kernels.New(o)
	if err != nil {
		return nil, err
	}
	run := v.op().run
	return func() error { run(e, in, out); return nil }, nil
}

// Want returns the last rows.
func (v Vec) Want(in, out [][]float32) [][]float64 {
	op := v.op()
	if op.want == nil {
		return nil
	}
	tails := func(x [][]float32) (all [][]float64) {
		for _, s := range x {
			all = append(all, tail(s, min(len(s), 4*VecCols)))
		}
		return all
	}
	want := tails(out)
	op.want(tails(in), want)
	return want
}

// Terms are those of the longest sum, a row's.
func (v Vec) Terms() int { return VecCols }
