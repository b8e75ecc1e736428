package net

import (
	"fmt"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/random"
)

// Dropout sets each value to zero with probability Rate while training and
// divides the others by 1-Rate; it does nothing in inference (Srivastava et
// al., JMLR 2014). Which values go depends on the seed, the layer's name, the
// step and the position alone.
type Dropout struct {
	Name string
	Rate float64 // in [0, 1)
}

// Build adds the layer.
func (l Dropout) Build(b *Builder, in ...Value) (Value, error) {
	name, x, err := begin(b, "dropout", l.Name, in)
	if err != nil {
		return Value{}, err
	}
	rate := float32(l.Rate)
	if !(rate >= 0 && rate < 1) {
		return Value{}, fmt.Errorf("net: %s: Rate = %v, want at least 0 and below 1", name, l.Rate)
	}
	n := Node{Name: name, Out: x, InPlace: true, InferenceView: true, Op: dropoutOp{rate}}
	n.View = rate == 0
	return b.Add(n, in[0])
}

type dropoutOp struct{ rate float32 }

func (op dropoutOp) Plan(c Context) (Runner, error) {
	return &dropoutRunner{c.Engine, op.rate, random.Key{Seed: c.Seed, Stream: Stream(c.Name)}}, nil
}

type dropoutRunner struct {
	e    *kernels.Engine
	rate float32
	key  random.Key
}

func (r *dropoutRunner) Forward(a *Args) error {
	r.key.Step = a.Step
	r.e.Dropout(a.Y, a.X[0], r.key, r.rate)
	return nil
}

// Backward drops the gradient where Forward dropped the value: the same key
// gives the same mask, so none is kept.
func (r *dropoutRunner) Backward(a *Args) error {
	r.key.Step = a.Step
	r.e.Dropout(a.DX[0], a.DY, r.key, r.rate)
	return nil
}
