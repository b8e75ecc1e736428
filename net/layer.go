package net

import (
	"fmt"

	"github.com/simdconv/simdconv/conv"
	"github.com/simdconv/simdconv/kernels"
)

// A Layer configures a part of a model: a plain value that holds no weights
// and may be used for any number of models.
//
// Build infers the layer's output shape from its inputs, makes its parameters
// and adds one or more nodes to the graph. A layer made of layers calls their
// Build in turn. Errors name the layer and what it expected.
type Layer interface {
	Build(b *Builder, in ...Value) (Value, error)
}

// A Value is one array of the graph under construction: the input, or the
// output of a node.
type Value struct {
	owner *Builder
	node  int
	shape Shape
}

// Shape returns the size of one sample of v. The caller must not change it.
func (v Value) Shape() Shape { return v.shape }

// A Node is one step of a model: its operation, parameters, output shape, and
// what the executor may do with the memory around it.
type Node struct {
	Name   string
	Op     Op       // nil for a View
	Out    Shape    // of one sample
	Params []*Param // in Keras's order

	// BackwardX and BackwardY say that Backward reads X or Y. What no
	// Backward reads is given away as soon as the forward pass is past it.
	BackwardX, BackwardY bool

	// InPlace says that Forward may find Y to be the memory of X[0], and
	// Backward DX[0] the memory of DY: it then writes DX[0] last.
	InPlace bool

	// Repeats says that the Runner is a Repeater, so that Y need not be kept for
	// those that read it in Backward. It needs BackwardX.
	Repeats bool

	// View says that Y is X[0] under another shape; nothing is run.
	// InferenceView says so of inference only.
	View, InferenceView bool

	in []int
}

func (n *Node) view(train bool) bool { return n.View || n.InferenceView && !train }

// An Op is what a node computes, before the batch size is known.
type Op interface {
	// Plan prepares the operation for one batch size.
	Plan(c Context) (Runner, error)
}

// A Context is what an Op is planned for.
type Context struct {
	Engine *kernels.Engine // its Options are the ones to plan convolutions with
	Name   string          // of the node
	Batch  int
	Train  bool   // Backward will be called
	WantDX bool   // some DX will be wanted
	Seed   uint64 // of the model's random numbers

	Room *conv.Room // that the model's convolutions share; nil for memory of their own
}

// A Runner computes one node at one batch size. It allocates nothing and need
// not be safe for concurrent use.
type Runner interface {
	// Forward writes Y from X.
	Forward(a *Args) error
	// Backward writes every DX that is not nil, and the Grad of the node's
	// parameters, from DY. It may overwrite DY.
	Backward(a *Args) error
}

// A Repeater is a Runner that can write Y, with the same bits, once more from X after
// Forward and before Backward.
type Repeater interface {
	Runner
	Repeat(a *Args) error
}

// Args are the operands of a Runner. Sizes are batch times the shapes of the
// node's inputs and output.
type Args struct {
	X, DX [][]float32 // one per input; DX[i] is nil where it is not wanted
	Y, DY []float32
	Step  uint64 // the training step, from 1: a key for random numbers
}

// A Builder collects the nodes of a model while its layers are built.
type Builder struct {
	nodes []*Node
	count map[string]int
	taken map[string]bool

	rows  []row // the layers, for Summary
	depth int   // of layers that are being built
	first string
}

func newBuilder() *Builder {
	return &Builder{count: map[string]int{}, taken: map[string]bool{}}
}

// Name returns the name of a new layer: given if it is not empty, otherwise
// kind numbered as Keras does: conv2d, conv2d_1, conv2d_2. Numbers count
// within one model. A name that is taken is an error.
func (b *Builder) Name(kind, given string) (string, error) {
	name := given
	for name == "" || given == "" && b.taken[name] {
		name = kind
		if n := b.count[kind]; n > 0 {
			name = fmt.Sprintf("%s_%d", kind, n)
		}
		b.count[kind]++
	}
	if b.taken[name] {
		return "", fmt.Errorf("net: two layers are named %q, want distinct names", name)
	}
	b.taken[name] = true
	if b.first == "" {
		b.first = name
	}
	return name, nil
}

// layer builds l on the values in. What is not part of another layer becomes a
// row of the summary, under the first name that it takes.
func (b *Builder) layer(l Layer, in ...Value) (Value, error) {
	if b.depth == 0 {
		b.first = ""
	}
	b.depth++
	from := len(b.nodes)
	v, err := l.Build(b, in...)
	b.depth--
	if err == nil && b.depth == 0 {
		b.rows = append(b.rows, row{name: b.first, class: className(l), nodes: b.nodes[from:], in: in, out: v})
	}
	return v, err
}

// Add appends a node that reads the values in and returns its output.
func (b *Builder) Add(n Node, in ...Value) (Value, error) {
	if err := n.Out.check(); err != nil {
		return Value{}, layerError(n.Name, err)
	}
	if err := b.own(n.Name, in); err != nil {
		return Value{}, err
	}
	if n.Repeats && (!n.BackwardX || n.View) {
		return Value{}, layerError(n.Name, fmt.Errorf("a node that Repeats has BackwardX %v and View %v, want true and false: Y is made of X", n.BackwardX, n.View))
	}
	n.in = make([]int, len(in))
	for i, v := range in {
		n.in[i] = v.node
	}
	b.nodes = append(b.nodes, &n)
	return Value{owner: b, node: len(b.nodes) - 1, shape: n.Out}, nil
}

// own reports an input of a layer that is not a value of b: the zero Value has no
// shape.
func (b *Builder) own(name string, in []Value) error {
	for i, v := range in {
		if v.owner != b {
			return fmt.Errorf("net: %s: input %d is not a value of this model", name, i)
		}
	}
	return nil
}

// one returns the only input of a layer.
func (b *Builder) one(name string, in []Value) (Value, error) {
	if len(in) != 1 {
		return Value{}, fmt.Errorf("net: %s: %d inputs, want 1", name, len(in))
	}
	return in[0], b.own(name, in)
}

// begin names a layer with one input.
func begin(b *Builder, kind, given string, in []Value) (string, Shape, error) {
	name, err := b.Name(kind, given)
	if err != nil {
		return "", nil, err
	}
	x, err := b.one(name, in)
	return name, x.shape, err
}

// wantMap returns the sizes of an [H, W, C] input.
func wantMap(name string, s Shape) (h, w, c int, err error) {
	if len(s) != 3 {
		return 0, 0, 0, fmt.Errorf("net: %s: input shape %v, want a map [H, W, C]", name, s)
	}
	return s[0], s[1], s[2], nil
}

// atLeast checks a size that a layer was given.
func atLeast(name, what string, v, least int) error {
	if v < least {
		return fmt.Errorf("net: %s: %s = %d, want at least %d", name, what, v, least)
	}
	return nil
}
