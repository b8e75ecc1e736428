package net

import (
	"fmt"

	"github.com/simdconv/simdconv/kernels"
)

// Dense is a fully connected layer: y[u] = act(bias[u] + sum_i x[i] * kernel[i, u]).
// Its input is a vector [in]; a map needs a Flatten before it.
//
// Parameters: kernel [in, Units], Glorot uniform; bias [Units], zeros.
type Dense struct {
	Name       string
	Units      int
	Activation Activation
	NoBias     bool // Keras's use_bias=False

	KernelInitializer, BiasInitializer Initializer // nil means GlorotUniform, Zeros
}

// Build adds the product, and its activation where it is not fused.
func (l Dense) Build(b *Builder, in ...Value) (Value, error) {
	name, x, err := begin(b, "dense", l.Name, in)
	if err != nil {
		return Value{}, err
	}
	if len(x) != 1 {
		return Value{}, fmt.Errorf("net: %s: input shape %v, want a vector [features]: put a Flatten before it", name, x)
	}
	if err := atLeast(name, "Units", l.Units, 1); err != nil {
		return Value{}, err
	}
	if err := l.Activation.check(name); err != nil {
		return Value{}, err
	}
	kernelShape := Shape{x[0], l.Units}
	if err := kernelShape.check(); err != nil {
		return Value{}, layerError(name, fmt.Errorf("kernel: %w", err))
	}
	op := &denseOp{
		kernel: NewParam(name+"/kernel", kernelShape, orInit(l.KernelInitializer, GlorotUniform{})),
		act:    l.Activation.fuse(),
	}
	params := []*Param{op.kernel}
	if !l.NoBias {
		op.bias = NewParam(name+"/bias", Shape{l.Units}, orInit(l.BiasInitializer, Zeros{}))
		params = append(params, op.bias)
	}
	y, err := b.Add(Node{
		Name: name, Op: op, Out: Shape{l.Units}, Params: params,
		BackwardX: true, BackwardY: op.act == kernels.ActReLU,
	}, in[0])
	return l.Activation.rest(b, name, y, err)
}

type denseOp struct {
	kernel, bias *Param // bias nil without one
	act          kernels.Activation
}

func (op *denseOp) Plan(c Context) (Runner, error) {
	r := &denseRunner{denseOp: op, e: c.Engine, n: c.Batch, in: op.kernel.Shape[0], out: op.kernel.Shape[1]}
	if !c.Train && r.out >= packUnits && len(op.kernel.Data) <= packLimit {
		r.packed = r.e.PackB(false, r.out, r.in, op.kernel.Data, r.out)
	}
	return r, nil
}

// Inference packs kernels of packUnits columns and more: 2304 x 128 then comes from
// L3 at 17 GB/s in place of 8, and 512 x 10 would take longer. Larger ones than
// packLimit, 16 MiB, come from memory, no faster for the copy.
const (
	packUnits = 64
	packLimit = 4 << 20
)

type denseRunner struct {
	*denseOp
	e          *kernels.Engine
	n, in, out int

	packed  *kernels.PackedB // nil where it does not pay
	packedV uint64           // version of the kernel that it holds, 0 for none
	lastV   uint64           // version at the last call
}

func (r *denseRunner) Forward(a *Args) error {
	ep := kernels.Epilogue{Act: r.act}
	if r.bias != nil {
		ep.Bias = r.bias.Data
	}
	if r.isPacked() {
		r.e.GemmPackedEpilogue(false, r.n, a.X[0], r.in, r.packed, a.Y, r.out, ep)
	} else {
		r.e.GemmEpilogue(false, false, r.n, r.out, r.in, a.X[0], r.in, r.kernel.Data, r.out, a.Y, r.out, ep)
	}
	return nil
}

// isPacked packs the kernel when it is the same for the second time: one that changes
// from call to call is not worth it.
func (r *denseRunner) isPacked() bool {
	if r.packed == nil {
		return false
	}
	v := r.kernel.Version()
	if v != r.packedV && v == r.lastV {
		r.e.RepackB(r.packed, false, r.kernel.Data, r.out)
		r.packedV = v
	}
	r.lastV = v
	return v == r.packedV
}

func (r *denseRunner) Backward(a *Args) error {
	if r.act == kernels.ActReLU {
		r.e.ReLUBackward(a.DY, a.DY, a.Y)
	}
	if r.bias != nil && r.bias.Trainable {
		r.e.SumRows(r.bias.Grad, a.DY)
	}
	if r.kernel.Trainable {
		r.e.Gemm(true, false, r.in, r.out, r.n, 1, a.X[0], r.in, a.DY, r.out, 0, r.kernel.Grad, r.out)
	}
	if dx := a.DX[0]; dx != nil {
		r.e.Gemm(false, true, r.n, r.in, r.out, 1, a.DY, r.out, r.kernel.Data, r.out, 0, dx, r.in)
	}
	return nil
}
