package net

import (
	"fmt"
	"math"

	"github.com/simdconv/simdconv/bn"
)

// BatchNormalization normalises each channel, the last axis, over the batch
// and all pixels (Ioffe and Szegedy, ICML 2015):
//
//	y = gamma * (x - mean) / sqrt(variance + Epsilon) + beta
//
// In training mean and variance are those of the batch, the variance divided
// by the number of values, and
//
//	moving = Momentum*moving + (1-Momentum)*batch
//
// is kept of both; inference uses the moving ones. So does training where
// neither gamma nor beta is trainable, as in Keras.
//
// Parameters, [C] each: gamma, ones; beta, zeros; moving_mean, zeros, and
// moving_variance, ones, which are not trainable.
type BatchNormalization struct {
	Name     string
	Momentum float64 // in (0, 1]; 0 means 0.99, and bn.NoMomentum none
	Epsilon  float64 // 0 means 0.001

	GammaInitializer, BetaInitializer Initializer // nil means Ones, Zeros
}

// Build adds the layer.
func (l BatchNormalization) Build(b *Builder, in ...Value) (Value, error) {
	name, x, err := begin(b, "batch_normalization", l.Name, in)
	if err != nil {
		return Value{}, err
	}
	if m := l.Momentum; m != 0 && m != bn.NoMomentum && !(m > 0 && m <= 1) {
		return Value{}, fmt.Errorf("net: %s: Momentum = %v, want above 0 and at most 1, 0 for 0.99, or bn.NoMomentum", name, m)
	}
	if e := l.Epsilon; e != 0 && !(e > 0 && e <= math.MaxFloat64) {
		return Value{}, fmt.Errorf("net: %s: Epsilon = %v, want it positive and finite, or 0 for 0.001", name, e)
	}
	c := Shape{x[len(x)-1]}
	op := &batchNormOp{
		out:      x,
		options:  bn.Options{Momentum: l.Momentum, Epsilon: l.Epsilon},
		gamma:    NewParam(name+"/gamma", c, orInit(l.GammaInitializer, Ones{})),
		beta:     NewParam(name+"/beta", c, orInit(l.BetaInitializer, Zeros{})),
		mean:     NewParam(name+"/moving_mean", c, Zeros{}),
		variance: NewParam(name+"/moving_variance", c, Ones{}),
	}
	op.mean.Trainable, op.variance.Trainable = false, false
	return b.Add(Node{
		Name: name, Op: op, Out: x, Params: []*Param{op.gamma, op.beta, op.mean, op.variance},
		BackwardX: true, InPlace: true,
	}, in[0])
}

type batchNormOp struct {
	out     Shape
	options bn.Options

	gamma, beta, mean, variance *Param
}

// frozen reports whether there is nothing to learn.
func (op *batchNormOp) frozen() bool { return !op.gamma.Trainable && !op.beta.Trainable }

func (op *batchNormOp) Plan(c Context) (Runner, error) {
	o, channels := op.options, op.out[len(op.out)-1]
	o.Options = c.Engine.Options()
	plan, err := bn.NewPlan(c.Batch*op.out.Len()/channels, channels, o)
	if err != nil {
		return nil, err
	}
	r := &batchNormRunner{
		batchNormOp: op, plan: plan, ws: plan.NewWorkspace(), train: c.Train && !op.frozen(),
		params: bn.Params{Gamma: op.gamma.Data, Beta: op.beta.Data, MovingMean: op.mean.Data, MovingVariance: op.variance.Data},
	}
	if c.Train {
		buf := make([]float32, 4*channels)
		r.saved = bn.Saved{Mean: buf[:channels], InvStd: buf[channels : 2*channels]}
		r.dgamma, r.dbeta = buf[2*channels:3*channels], buf[3*channels:]
	}
	return r, nil
}

type batchNormRunner struct {
	*batchNormOp
	plan   *bn.Plan
	ws     *bn.Workspace
	params bn.Params
	train  bool

	saved         bn.Saved
	dgamma, dbeta []float32 // for what is not trainable
}

func (r *batchNormRunner) Forward(a *Args) error {
	if !r.train {
		return r.plan.Infer(r.ws, a.Y, a.X[0], r.params)
	}
	r.mean.Changed()
	r.variance.Changed()
	return r.plan.Train(r.ws, a.Y, a.X[0], r.params, r.saved)
}

func (r *batchNormRunner) Backward(a *Args) error {
	if !r.train {
		r.scale(a.DX[0], a.DY)
		return nil
	}
	dx, dgamma, dbeta := r.gradients(a)
	return r.plan.Backward(r.ws, dx, dgamma, dbeta, a.DY, a.X[0], r.params.Gamma, r.saved)
}

// gradients returns where the gradients go: what is not wanted has a place, too.
func (r *batchNormRunner) gradients(a *Args) (dx, dgamma, dbeta []float32) {
	dx, dgamma, dbeta = a.DX[0], r.dgamma, r.dbeta
	if r.gamma.Trainable {
		dgamma = r.gamma.Grad
	}
	if r.beta.Trainable {
		dbeta = r.beta.Grad
	}
	if dx == nil {
		dx = a.DY
	}
	return dx, dgamma, dbeta
}

// scale computes dx = dy * gamma / sqrt(moving variance + epsilon).
func (r *batchNormRunner) scale(dx, dy []float32) {
	epsilon, scale := r.plan.Options().Epsilon, r.saved.InvStd
	for c, v := range r.params.MovingVariance {
		scale[c] = float32(float64(r.params.Gamma[c]) / math.Sqrt(float64(v)+epsilon))
	}
	for ; len(dx) > 0; dx, dy = dx[len(scale):], dy[len(scale):] {
		for c, s := range scale {
			dx[c] = s * dy[c]
		}
	}
}
