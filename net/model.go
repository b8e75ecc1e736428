package net

import (
	"errors"
	"fmt"
	"slices"
)

// A Model is a graph of layers with their parameters. Build it, Compile it,
// then train and predict.
//
// A Model is not safe for concurrent use: its buffers serve one call at a
// time. Inside a call it uses as many threads as it was compiled with.
type Model struct {
	nodes   []*Node // in an order in which inputs come first; nodes[0] is the input, the last one an output
	outputs []int
	params  []*Param
	rows    []row // of the summary
	kind    string

	trainer // set by Compile
}

// Sequential builds a model from layers that follow one another. The first is
// an Input. The error of a layer that does not fit names the layer, what it
// got and what it expected.
func Sequential(layers ...Layer) (*Model, error) {
	if len(layers) == 0 {
		return nil, errors.New("net: no layers, want an Input first")
	}
	if _, ok := layers[0].(input); !ok {
		return nil, fmt.Errorf("net: the first layer is %T, want an Input", layers[0])
	}
	b := newBuilder()
	x, err := b.layer(layers[0])
	if err != nil {
		return nil, err
	}
	for i, l := range layers[1:] {
		if l == nil {
			return nil, fmt.Errorf("net: layer %d is nil", i+1)
		}
		if _, ok := l.(input); ok {
			return nil, fmt.Errorf("net: layer %d is a second Input, want one, at the beginning", i+1)
		}
		if x, err = b.layer(l, x); err != nil {
			return nil, err
		}
	}
	return b.model([]Value{x}, "sequential")
}

// model closes the graph: outs are its outputs and everything else is read.
func (b *Builder) model(outs []Value, kind string) (*Model, error) {
	m := &Model{rows: b.rows, kind: kind}
	last := 0
	for k, v := range outs {
		if slices.Contains(m.outputs, v.node) {
			return nil, fmt.Errorf("net: output %d, %s, is one already", k, b.nodes[v.node].Name)
		}
		m.outputs = append(m.outputs, v.node)
		last = max(last, v.node)
	}
	if last != len(b.nodes)-1 {
		return nil, fmt.Errorf("net: %s comes after the output, want nothing after it", b.nodes[len(b.nodes)-1].Name)
	}
	m.nodes = b.nodes
	read := make([]bool, len(b.nodes))
	for i, n := range b.nodes {
		if (len(n.in) == 0) != (i == 0) {
			return nil, fmt.Errorf("net: %s: %d inputs, want one Input at the beginning and at least one everywhere else", n.Name, len(n.in))
		}
		for _, v := range n.in {
			read[v] = true
		}
		m.params = append(m.params, n.Params...)
	}
	for i, n := range b.nodes {
		if !read[i] && !slices.Contains(m.outputs, i) {
			return nil, fmt.Errorf("net: %s: nothing reads its output", n.Name)
		}
	}
	return m, nil
}

// InputShape returns the sizes of one input sample.
func (m *Model) InputShape() Shape { return slices.Clone(m.nodes[0].Out) }

// OutputShape returns the sizes of one sample of the output, of the first one
// if there are several.
func (m *Model) OutputShape() Shape { return slices.Clone(m.nodes[m.outputs[0]].Out) }

// OutputShapes returns the sizes of one sample of every output.
func (m *Model) OutputShapes() []Shape {
	var s []Shape
	for _, v := range m.outputs {
		s = append(s, slices.Clone(m.nodes[v].Out))
	}
	return s
}

// Params returns the parameters, layer by layer.
func (m *Model) Params() []*Param { return slices.Clone(m.params) }

// Param returns the parameter of that name, or nil.
func (m *Model) Param(name string) *Param {
	for _, p := range m.params {
		if p.Name == name {
			return p
		}
	}
	return nil
}

// Size returns the number of values in all parameters.
func (m *Model) Size() int {
	n := 0
	for _, p := range m.params {
		n += len(p.Data)
	}
	return n
}

// frozen reports whether there is nothing to learn.
func (m *Model) frozen() bool {
	return !slices.ContainsFunc(m.params, func(p *Param) bool { return p.Trainable })
}

// softmax reports whether the node is one.
func (n *Node) softmax() bool {
	op, ok := n.Op.(activationOp)
	return ok && op.kind == Softmax
}
