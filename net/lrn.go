package net

import (
	"fmt"
	"math"

	"github.com/simdconv/simdconv/kernels"
)

// LocalResponseNormalization divides every value of a map by what its
// neighbours among the channels, the last axis, amount to (Krizhevsky et al.,
// NIPS 2012, section 3.3), in the form of TensorFlow's
// local_response_normalization:
//
//	y[c] = x[c] / (Bias + Alpha * sum of x[j]^2 over j from c-DepthRadius to c+DepthRadius)^Beta
//
// AlexNet has 2, 2, 1e-4, 0.75.
type LocalResponseNormalization struct {
	Name        string
	DepthRadius int     // 0 means 5
	Bias        float64 // 0 means 1
	Alpha       float64 // 0 means 1
	Beta        float64 // 0 means 0.5
}

// Build adds the layer.
func (l LocalResponseNormalization) Build(b *Builder, in ...Value) (Value, error) {
	name, x, err := begin(b, "local_response_normalization", l.Name, in)
	if err != nil {
		return Value{}, err
	}
	if err := atLeast(name, "DepthRadius", l.DepthRadius, 0); err != nil {
		return Value{}, err
	}
	for _, s := range []setting{{"Bias", l.Bias, 0}, {"Alpha", l.Alpha, 0}, {"Beta", l.Beta, 0}} {
		if !(s.value >= 0 && s.value <= math.MaxFloat32) || s.value > 0 && float32(s.value) == 0 {
			return Value{}, fmt.Errorf("net: %s: %s = %v, want it positive and finite in float32, or 0 for the default", name, s.what, s.value)
		}
	}
	op := lrnOp{x[len(x)-1], kernels.LRN{
		Radius: l.DepthRadius, Bias: float32(or(l.Bias, 1)), Alpha: float32(or(l.Alpha, 1)), Beta: float32(or(l.Beta, 0.5)),
	}}
	if l.DepthRadius == 0 {
		op.settings.Radius = 5
	}
	return b.Add(Node{Name: name, Op: op, Out: x, BackwardX: true, InPlace: true}, in[0])
}

type lrnOp struct {
	cols     int
	settings kernels.LRN
}

func (op lrnOp) Plan(c Context) (Runner, error) { return lrnRunner{op, c.Engine}, nil }

type lrnRunner struct {
	lrnOp
	e *kernels.Engine
}

func (r lrnRunner) Forward(a *Args) error {
	r.e.LocalResponse(a.Y, a.X[0], r.cols, r.settings)
	return nil
}

func (r lrnRunner) Backward(a *Args) error {
	r.e.LocalResponseBackward(a.DX[0], a.DY, a.X[0], r.cols, r.settings)
	return nil
}
