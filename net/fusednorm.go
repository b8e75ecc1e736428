package net

import "github.com/simdconv/simdconv/bn"

// A fusedNormOp is a normalisation by the batch with what follows it in
// training:
//
//	y = max(gamma*xhat + beta + residual, 0)
//
// The residual is the second input, if there is one. One bit of each element is
// kept for the backward pass.
type fusedNormOp struct{ fusion }

func (op *fusedNormOp) Plan(c Context) (Runner, error) {
	run, err := op.norm.Plan(c)
	if err != nil {
		return nil, err
	}
	r := &fusedNormRunner{batchNormRunner: run.(*batchNormRunner), residual: op.residual}
	r.mask = make([]uint8, r.plan.MaskLen())
	return r, nil
}

type fusedNormRunner struct {
	*batchNormRunner
	residual bool
	mask     []uint8
}

func (r *fusedNormRunner) Forward(a *Args) error {
	f := bn.Fused{ReLU: true, Mask: r.mask}
	if r.residual {
		f.Residual = a.X[1]
	}
	r.mean.Changed()
	r.variance.Changed()
	return r.plan.TrainFused(r.ws, a.Y, a.X[0], r.params, r.saved, f)
}

// Repeat takes a pass over memory: what it reads, Backward will read next.
func (r *fusedNormRunner) Repeat(a *Args) error {
	return r.plan.Repeat(r.ws, a.Y, a.X[0], bn.Fused{ReLU: true})
}

func (r *fusedNormRunner) Backward(a *Args) error {
	dx, dgamma, dbeta := r.gradients(a)
	var dres []float32
	if r.residual {
		dres = a.DX[1]
	}
	return r.plan.BackwardFused(r.ws, dx, dres, dgamma, dbeta, a.DY, a.X[0], r.mask, r.params.Gamma, r.saved)
}
