package net

import "errors"

// A Graph builds a model whose layers do not just follow one another, as
// Keras's functional interface does:
//
//	g := net.NewGraph()
//	x := g.Input(32, 32, 16)
//	z := g.Apply(net.Conv2D{Filters: 16, KernelSize: 3, Padding: net.Same}, x)
//	y := g.Apply(net.Add{}, z, x)
//	model, err := g.Model(y)
//
// After a layer that does not fit the others are not built: the first error
// waits for Model or Output.
type Graph struct {
	b   *Builder
	err error
}

// NewGraph returns an empty graph.
func NewGraph() *Graph { return &Graph{b: newBuilder()} }

// Graph returns a graph that adds to b: a layer made of layers builds them
// with it, and ends with Output.
func (b *Builder) Graph() *Graph { return &Graph{b: b} }

// Input begins the model: the sizes of one sample.
func (g *Graph) Input(sizes ...int) Value { return g.Apply(Input(sizes...)) }

// Apply adds a layer that reads the values in and returns its output. The same
// layer applied twice is two layers of equal settings with weights of their
// own.
func (g *Graph) Apply(l Layer, in ...Value) Value {
	if g.err != nil {
		return Value{}
	}
	if l == nil {
		g.err = errors.New("net: the layer to apply is nil")
		return Value{}
	}
	v, err := g.b.layer(l, in...)
	if err != nil {
		g.err = err
		return Value{}
	}
	return v
}

// Output returns v, or the first error.
func (g *Graph) Output(v Value) (Value, error) { return v, g.err }

// Model closes the graph: y is the output of the model, and every other value
// must lead to it or to one of more, further outputs, as the auxiliary ones of
// GoogLeNet. In training and evaluation each of them is compared with the same
// labels, see Options.LossWeights; Predict computes the first one.
func (g *Graph) Model(y Value, more ...Value) (*Model, error) {
	if g.err != nil {
		return nil, g.err
	}
	outs := append([]Value{y}, more...)
	for _, v := range outs {
		if v.owner != g.b {
			return nil, errors.New("net: the output is not a value of this graph")
		}
	}
	return g.b.model(outs, "functional")
}
