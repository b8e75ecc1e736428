package net

import (
	"math"

	"github.com/simdconv/simdconv/bn"
	"github.com/simdconv/simdconv/conv"
	"github.com/simdconv/simdconv/kernels"
)

// A fusion is a chain of operations, those that are not nil in this order.
type fusion struct {
	conv     *convOp
	norm     *batchNormOp
	residual bool // a second input is added
	act      kernels.Activation
}

// A fusedConvOp is a convolution with what follows it in inference:
//
//	y = act(scale*sum + bias + residual)
//
// where scale = gamma / sqrt(moving variance + epsilon) and bias = beta +
// (the convolution's bias - moving mean) * scale. The residual is the second
// input, if there is one.
type fusedConvOp struct{ fusion }

func (op *fusedConvOp) Plan(c Context) (Runner, error) {
	run, err := op.conv.Plan(c)
	if err != nil {
		return nil, err
	}
	r := &fusedConvRunner{convRunner: run.(*convRunner), op: op}
	if op.norm != nil {
		k := op.conv.shape.K
		r.scale, r.shift = make([]float32, k), make([]float32, k)
		r.epsilon = op.norm.options.Epsilon
		if r.epsilon == 0 {
			r.epsilon = bn.DefaultEpsilon
		}
	}
	return r, nil
}

type fusedConvRunner struct {
	*convRunner
	op           *fusedConvOp
	epsilon      float64
	scale, shift []float32 // nil without a normalisation
	versions     [5]uint64 // of the parameters they were made of
}

func (r *fusedConvRunner) Forward(a *Args) error {
	if err := r.pack(r.forward, &r.forwardV); err != nil {
		return err
	}
	ep := conv.Epilogue{Act: r.op.act}
	if r.bias != nil {
		ep.Bias = r.bias.Data
	}
	if r.op.norm != nil {
		r.fold()
		ep.Scale, ep.Bias = r.scale, r.shift
	}
	if r.op.residual {
		ep.Residual = a.X[1]
	}
	return r.plan.Forward(r.ws, a.Y, a.X[0], r.forward, ep)
}

// fold computes scale and bias anew if a parameter has changed.
func (r *fusedConvRunner) fold() {
	n := r.op.norm
	versions := [...]uint64{n.gamma.Version(), n.beta.Version(), n.mean.Version(), n.variance.Version(), 0}
	if r.bias != nil {
		versions[4] = r.bias.Version()
	}
	if versions == r.versions {
		return
	}
	for k := range r.scale {
		scale := float64(n.gamma.Data[k]) / math.Sqrt(float64(n.variance.Data[k])+r.epsilon)
		mean := float64(n.mean.Data[k])
		if r.bias != nil {
			mean -= float64(r.bias.Data[k])
		}
		r.scale[k] = float32(scale)
		r.shift[k] = float32(float64(n.beta.Data[k]) - mean*scale)
	}
	r.versions = versions
}
