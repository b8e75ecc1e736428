package net

import (
	"fmt"

	"github.com/simdconv/simdconv/kernels"
)

// Add is the sum of two or more values of one shape, element by element.
type Add struct {
	Name string
}

// Build adds the sum.
func (l Add) Build(b *Builder, in ...Value) (Value, error) {
	name, err := b.Name("add", l.Name)
	if err != nil {
		return Value{}, err
	}
	if err := b.several(name, in); err != nil {
		return Value{}, err
	}
	for _, v := range in[1:] {
		if !v.shape.Equal(in[0].shape) {
			return Value{}, fmt.Errorf("net: %s: input shapes %v and %v, want equal ones", name, in[0].shape, v.shape)
		}
	}
	// In place a third input could be the first one, which the sum of the
	// first two has overwritten.
	return b.Add(Node{Name: name, Op: addOp{}, Out: in[0].shape, InPlace: len(in) == 2}, in...)
}

// several reports fewer than two inputs, and those of another model.
func (b *Builder) several(name string, in []Value) error {
	if len(in) < 2 {
		return fmt.Errorf("net: %s: %d inputs, want at least 2", name, len(in))
	}
	return b.own(name, in)
}

type addOp struct{}

func (addOp) Plan(c Context) (Runner, error) { return addRunner{c.Engine}, nil }

type addRunner struct{ e *kernels.Engine }

func (r addRunner) Forward(a *Args) error {
	r.e.Add(a.Y, a.X[0], a.X[1])
	for _, x := range a.X[2:] {
		r.e.Add(a.Y, a.Y, x)
	}
	return nil
}

// Backward hands dy to every input: copy does nothing where dx is dy.
func (r addRunner) Backward(a *Args) error {
	for _, dx := range a.DX {
		copy(dx, a.DY)
	}
	return nil
}
