package net

import (
	"fmt"

	"github.com/simdconv/simdconv/kernels"
)

// An Activation is a function applied to a layer's output, and a Layer by
// itself: Dense{Units: 10, Activation: Softmax}, or ReLU among the layers of a
// Sequential (Keras's Activation("relu") is Activation(ReLU) here).
type Activation int

const (
	Linear  Activation = iota // y = x
	ReLU                      // y = max(x, 0)
	Sigmoid                   // y = 1 / (1 + exp(-x))
	Tanh                      // y = tanh(x)
	Softmax                   // y = exp(x) / sum(exp(x)) over the last axis
)

var activationNames = [...]string{"linear", "relu", "sigmoid", "tanh", "softmax"}

// String returns Keras's name.
func (a Activation) String() string {
	if a < 0 || int(a) >= len(activationNames) {
		return fmt.Sprintf("Activation(%d)", int(a))
	}
	return activationNames[a]
}

// Build adds the function as a layer of its own.
func (a Activation) Build(b *Builder, in ...Value) (Value, error) {
	return a.build(b, "", in)
}

// Named returns the function as a layer with a name: Keras's
// Activation("relu", name="conv1_relu") is ReLU.Named("conv1_relu").
func (a Activation) Named(name string) Layer { return namedActivation{a, name} }

type namedActivation struct {
	Activation
	name string
}

func (l namedActivation) Build(b *Builder, in ...Value) (Value, error) {
	return l.build(b, l.name, in)
}

func (a Activation) build(b *Builder, given string, in []Value) (Value, error) {
	name, _, err := begin(b, "activation", given, in)
	if err != nil {
		return Value{}, err
	}
	if err := a.check(name); err != nil {
		return Value{}, err
	}
	return a.add(b, name, in[0])
}

func (a Activation) check(name string) error {
	if a < 0 || int(a) >= len(activationNames) {
		return fmt.Errorf("net: %s: activation %d is unknown, want Linear to Softmax (0 to %d)", name, int(a), len(activationNames)-1)
	}
	return nil
}

func (a Activation) add(b *Builder, name string, x Value) (Value, error) {
	n := Node{Name: name, Out: x.shape}
	if a == Linear {
		n.View = true
		return b.Add(n, x)
	}
	n.BackwardY, n.InPlace = true, true
	n.Op = activationOp{a, x.shape[len(x.shape)-1]}
	return b.Add(n, x)
}

// fuse returns the part of a that a layer's epilogue does.
func (a Activation) fuse() kernels.Activation {
	if a == ReLU {
		return kernels.ActReLU
	}
	return kernels.ActNone
}

// rest adds what the epilogue does not do as a node after the layer's own.
func (a Activation) rest(b *Builder, layer string, x Value, err error) (Value, error) {
	if err != nil || a == Linear || a == ReLU {
		return x, err
	}
	return a.add(b, layer+"/"+a.String(), x)
}

type activationOp struct {
	kind Activation
	cols int // last axis, for Softmax
}

func (op activationOp) Plan(c Context) (Runner, error) {
	return &activationRunner{op, c.Engine}, nil
}

type activationRunner struct {
	activationOp
	e *kernels.Engine
}

func (r *activationRunner) Forward(a *Args) error {
	y, x := a.Y, a.X[0]
	switch r.kind {
	case ReLU:
		r.e.ReLU(y, x)
	case Sigmoid:
		r.e.Sigmoid(y, x)
	case Tanh:
		r.e.Tanh(y, x)
	case Softmax:
		r.e.Softmax(y, x, r.cols)
	}
	return nil
}

func (r *activationRunner) Backward(a *Args) error {
	dx, dy, y := a.DX[0], a.DY, a.Y
	switch r.kind {
	case ReLU:
		r.e.ReLUBackward(dx, dy, y)
	case Sigmoid:
		r.e.SigmoidBackward(dx, dy, y)
	case Tanh:
		r.e.TanhBackward(dx, dy, y)
	case Softmax:
		softmaxBackward(dx, dy, y, r.cols)
	}
	return nil
}

// softmaxBackward writes dx[j] = y[j] * (dy[j] - sum_i dy[i]*y[i]), row by row.
func softmaxBackward(dx, dy, y []float32, cols int) {
	for ; len(y) > 0; dx, dy, y = dx[cols:], dy[cols:], y[cols:] {
		var dot float32
		for j, p := range y[:cols] {
			dot += dy[j] * p
		}
		for j, p := range y[:cols] {
			dx[j] = p * (dy[j] - dot)
		}
	}
}
