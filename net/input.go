package net

import "slices"

// Input begins a model: the sizes of one sample, as Keras's Input(shape).
// Input(28, 28, 1) is a grey image, Input(784) a vector.
func Input(sizes ...int) Layer { return input{slices.Clone(sizes)} }

type input struct{ shape Shape }

func (l input) Build(b *Builder, in ...Value) (Value, error) {
	name, err := b.Name("input_layer", "")
	if err != nil {
		return Value{}, err
	}
	return b.Add(Node{Name: name, Out: l.shape})
}
