package suite

import (
	"fmt"

	"github.com/simdconv/simdconv/benchmarks/roof"
	"github.com/simdconv/simdconv/bn"
	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/ref"
)

// A BatchNorm is a batch normalisation of M pixels of C channels.
//
//	train  reads x, gamma, beta and writes y, mean
//	infer  reads x, gamma, beta, mean, variance and writes y
//	bwd    reads dy, x, gamma, beta and writes dx, dgamma, dbeta
//
// Fused it adds a residual, which is read last, and takes the maximum with 0;
// backward it writes the residual's gradient, too.
type BatchNorm struct {
	M, C, H int // H is that of the maps, for the name
	Pass    string
	Fused   bool
}

const (
	batchNormChannels = 64
	checkedElements   = 1 << 21 // of x, at most, for plain loops to be waited for
)

// batchNorms are training, its gradient and inference, alone and fused.
func batchNorms(n int) (ops []MemoryOp) {
	for _, h := range []int{112, 56} {
		for _, fused := range []bool{false, true} {
			for _, pass := range []string{"train", "bwd", "infer"} {
				ops = append(ops, BatchNorm{M: n * h * h, C: batchNormChannels, H: h, Pass: pass, Fused: fused})
			}
		}
	}
	return ops
}

func (b BatchNorm) Label() string {
	op := "plain"
	if b.Fused {
		op = "add_relu"
	}
	return fmt.Sprintf("op=%s/h=%d/c=%d/pass=%s", op, b.H, b.C, b.Pass)
}

// sizes returns the bytes of x and, if they are there, those of the residual and
// of a mask of one bit for each element.
func (b BatchNorm) sizes() (x, residual, mask int) {
	x = 4 * b.M * b.C
	if b.Fused {
		return x, x, x / 32
	}
	return x, 0, 0
}

func (b BatchNorm) Bytes() int {
	x, residual, mask := b.sizes()
	switch b.Pass {
	case "train":
		return 2*x + residual + mask
	case "bwd":
		return 3*x + residual + mask
	}
	return 2*x + residual
}

// Traffic reads x twice in training, and dy and x twice going backward, as the
// statistics of a tensor are needed before its first element can be normalised.
func (b BatchNorm) Traffic() roof.Traffic {
	x, residual, mask := b.sizes()
	switch b.Pass {
	case "train":
		return roof.Traffic{Read: 2*x + residual, Write: x + mask}
	case "bwd":
		return roof.Traffic{Read: 4*x + 2*mask, Write: x + residual}
	}
	return roof.Traffic{Read: x + residual, Write: x}
}

func (b BatchNorm) Operands() (in, out [][]float32) {
	v := filled(4*b.C, 2)
	gamma, beta, mean, variance := v[:b.C], v[b.C:2*b.C], v[2*b.C:3*b.C], v[3*b.C:]
	for i := range variance {
		variance[i] = 1 + variance[i]*variance[i]
	}
	tensor := func() []float32 { return make([]float32, b.M*b.C) }
	vector := func() []float32 { return make([]float32, b.C) }
	x := filled(b.M*b.C, 1)
	switch b.Pass {
	case "train":
		in, out = [][]float32{x, gamma, beta}, [][]float32{tensor(), vector()}
	case "bwd":
		in, out = [][]float32{filled(b.M*b.C, 4), x, gamma, beta}, [][]float32{tensor(), vector(), vector()}
	default:
		in, out = [][]float32{x, gamma, beta, mean, variance}, [][]float32{tensor()}
	}
	if b.Fused {
		in = append(in, b.residual())
		if b.Pass == "bwd" {
			out = append(out, tensor())
		}
	}
	return in, out
}

// residual returns one so large that no sum with it is near 0, where a rounding
// would decide on which side of the ReLU it falls: normalised, the uniform x is
// within 3^0.5, and gamma and beta within 1.
func (b BatchNorm) residual() []float32 {
	r := filled(b.M*b.C, 3)
	for i, v := range r {
		if v < 0 {
			r[i] = v - 3
		} else {
			r[i] = v + 3
		}
	}
	return r
}

func (b BatchNorm) Reset(out [][]float32) {
	for _, o := range out {
		clear(o)
	}
}

func (b BatchNorm) Call(o kernels.Options, in, out [][]float32) (func() error, error) {
	p, err := bn.NewPlan(b.M, b.C, bn.Options{Options: o})
	if err != nil {
		return nil, err
	}
	ws := p.NewWorkspace()
	var f bn.Fused
	if b.Fused {
		f = bn.Fused{ReLU: true, Residual: in[len(in)-1]}
	}
	if b.Pass == "infer" {
		q := bn.Params{Gamma: in[1], Beta: in[2], MovingMean: in[3], MovingVariance: in[4]}
		return func() error { return p.InferFused(ws, out[0], in[0], q, f) }, nil
	}
	if b.Fused {
		f.Mask = make([]uint8, p.MaskLen())
	}
	moving := make([]float32, 3*b.C)
	q := bn.Params{MovingMean: moving[:b.C], MovingVariance: moving[b.C : 2*b.C]}
	s := bn.Saved{InvStd: moving[2*b.C:]}
	if b.Pass == "train" {
		q.Gamma, q.Beta, s.Mean = in[1], in[2], out[1]
		return func() error { return p.TrainFused(ws, out[0], in[0], q, s, f) }, nil
	}
	q.Gamma, q.Beta, s.Mean = in[2], in[3], make([]float32, b.C)
	if err := p.TrainFused(ws, out[0], in[1], q, s, f); err != nil {
		return nil, err
	}
	b.Reset(out)
	if b.Fused {
		return func() error {
			return p.BackwardFused(ws, out[0], out[3], out[1], out[2], in[0], in[1], f.Mask, q.Gamma, s)
		}, nil
	}
	return func() error { return p.Backward(ws, out[0], out[1], out[2], in[0], in[1], q.Gamma, s) }, nil
}

func (b BatchNorm) Want(in, _ [][]float32) [][]float64 {
	if b.M*b.C > checkedElements {
		return nil
	}
	v := make([][]float64, len(in))
	for i, x := range in {
		v[i] = float64s(x)
	}
	y, mean, variance := make([]float64, b.M*b.C), make([]float64, b.C), make([]float64, b.C)
	if b.Pass == "infer" {
		ref.BatchNormInfer(b.M, b.C, y, v[0], v[1], v[2], v[3], v[4], bn.DefaultEpsilon)
		return [][]float64{b.fuse(y, v)}
	}
	x, gamma, beta := v[0], v[1], v[2]
	if b.Pass == "bwd" {
		x, gamma, beta = v[1], v[2], v[3]
	}
	ref.BatchNormTrain(b.M, b.C, y, mean, variance, x, gamma, beta, bn.DefaultEpsilon)
	y = b.fuse(y, v)
	if b.Pass == "train" {
		return [][]float64{y, mean}
	}
	dy := v[0]
	if b.Fused {
		ref.ReLUBackward(dy, dy, y)
	}
	dx, dgamma, dbeta := make([]float64, b.M*b.C), make([]float64, b.C), make([]float64, b.C)
	ref.BatchNormBackward(b.M, b.C, dx, dgamma, dbeta, dy, x, gamma, mean, variance, bn.DefaultEpsilon)
	if b.Fused {
		return [][]float64{dx, dgamma, dbeta, dy}
	}
	return [][]float64{dx, dgamma, dbeta}
}

// fuse adds the residual, the last operand, and takes the maximum with 0.
func (b BatchNorm) fuse(y []float64, in [][]float64) []float64 {
	if b.Fused {
		for i, r := range in[len(in)-1] {
			y[i] += r
		}
		ref.ReLU(y, y)
	}
	return y
}

func (b BatchNorm) Terms() int { return b.M }
