package net

import (
	"fmt"
	"slices"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/geometry"
)

// A program is a model planned for one batch size: the steps in order, every
// operand a slice of one arena. Programs of a model share the arena, for only
// one of them runs at a time.
type program struct {
	batch             int
	forward, backward []step
	ofInput, ofOutput []*[]float32 // operands that are the caller's slices
	copyInput         bool
	out, dout         []float32 // training only
}

// A step runs one node. What acc holds is added to gradients that an earlier
// step has begun.
type step struct {
	name   string
	run    Runner
	args   *Args
	before []repetition // what the step reads and nobody kept
	acc    []accumulation
}

type repetition struct {
	name string
	run  Repeater
	args *Args
}

type accumulation struct{ sum, part []float32 }

// newProgram plans nodes for a batch, in the context c but for what differs from
// node to node. In training the output and its gradient
// are the program's; in inference the output is the caller's. arena is used
// where it is large enough; the one that the program uses is returned.
func newProgram(nodes []*Node, c Context, train bool, arena []float32) (*program, []float32, error) {
	batch := c.Batch
	l, spans, parts, err := layBuffers(nodes, batch, train)
	if err != nil {
		return nil, nil, err
	}
	p := &program{batch: batch, copyInput: l.copyInput}
	if total := place(spans); total > len(arena) {
		arena = kernels.AlignedFloats(total)
	}
	b := binder{program: p, layout: l, arena: arena, parts: parts, args: make([]*Args, len(nodes)), runs: make([]Runner, len(nodes))}
	for i, n := range nodes {
		if len(n.in) == 0 || n.view(train) {
			continue
		}
		want := false
		for _, v := range n.in {
			want = want || l.active[v]
		}
		c.Name, c.Train, c.WantDX = n.Name, train && l.active[i], want
		run, err := n.Op.Plan(c)
		if err != nil {
			return nil, nil, layerError(n.Name, err)
		}
		if _, ok := run.(Repeater); !ok && l.repeats[i] != nil {
			return nil, nil, layerError(n.Name, fmt.Errorf("the node Repeats, but %T is no Repeater", run))
		}
		b.runs[i], b.args[i] = run, b.operands(i)
		p.forward = append(p.forward, step{name: n.Name, run: run, args: b.args[i]})
	}
	if train {
		b.gradients()
		p.out = b.slice(l.values[l.value[len(nodes)-1]])
		p.dout = b.slice(l.grads[l.grad[len(nodes)-1]])
	}
	return p, arena, nil
}

// layBuffers returns the buffers of a program with their sizes and times, and
// those among them that are parts of gradients.
func layBuffers(nodes []*Node, batch int, train bool) (l *layout, spans []*span, parts map[[2]int]*span, err error) {
	for _, n := range nodes {
		if _, err := geometry.Volume(batch, n.Out.Len()); err != nil {
			return nil, nil, nil, layerError(n.Name, fmt.Errorf("a batch of %d: %w", batch, err))
		}
	}
	l = newLayout(nodes, train)
	output := l.value[len(nodes)-1]
	for i, s := range l.values {
		s.size *= batch
		if i != l.input && (train || i != output) {
			spans = append(spans, s)
		}
	}
	for _, s := range l.grads {
		s.size *= batch
		spans = append(spans, s)
	}
	for i := range nodes { // not in the map's order: place depends on it
		if s := l.repeats[i]; s != nil {
			s.size *= batch
			spans = append(spans, s)
		}
	}
	parts = l.parts(batch)
	for _, s := range parts {
		spans = append(spans, s)
	}
	return l, spans, parts, nil
}

// parts returns the buffers for gradients that are to be added to what another
// reader of the same value has written, by node and input.
func (l *layout) parts(batch int) map[[2]int]*span {
	parts := map[[2]int]*span{}
	if !l.train {
		return parts
	}
	begun := make([]bool, len(l.grads))
	begun[l.grad[len(l.nodes)-1]] = true // by the loss
	for i := len(l.nodes) - 1; i > 0; i-- {
		n := l.nodes[i]
		if !l.active[i] || n.view(true) {
			continue
		}
		for k, v := range n.in {
			if !l.active[v] || l.grad[v] == l.grad[i] {
				continue
			}
			if g := l.grad[v]; !begun[g] {
				begun[g] = true
			} else {
				parts[[2]int{i, k}] = &span{size: batch * l.nodes[v].Out.Len(), from: l.back(i), to: l.back(i)}
			}
		}
	}
	return parts
}

// A binder turns buffers into operands.
type binder struct {
	*program
	*layout
	arena []float32
	parts map[[2]int]*span
	args  []*Args  // by node
	runs  []Runner // by node
}

func (b *binder) slice(s *span) []float32 {
	return b.arena[s.offset : s.offset+s.size : s.offset+s.size]
}

// bind points dst at value v, now or, for the caller's slices, at each call.
func (b *binder) bind(dst *[]float32, v int) {
	switch c := b.value[v]; {
	case c == b.input:
		b.ofInput = append(b.ofInput, dst)
	case c == b.value[len(b.nodes)-1] && !b.train:
		b.ofOutput = append(b.ofOutput, dst)
	default:
		*dst = b.slice(b.values[c])
	}
}

func (b *binder) operands(i int) *Args {
	n := b.nodes[i]
	a := &Args{X: make([][]float32, len(n.in)), DX: make([][]float32, len(n.in))}
	for k, v := range n.in {
		b.bind(&a.X[k], v)
	}
	b.bind(&a.Y, i)
	return a
}

// repeat gives a step going backward, that of node i, the values that are written
// once more. The first such step of each has it written.
func (b *binder) repeat(s *step, i int) {
	if !slices.ContainsFunc(b.nodes[i].in, func(v int) bool { return b.repeats[v] != nil }) || !b.nodes[i].BackwardX {
		return
	}
	args := *s.args
	s.args = &args
	args.X = make([][]float32, len(args.X))
	for k, v := range b.nodes[i].in {
		again := b.repeats[v]
		if again == nil {
			b.bind(&args.X[k], v)
			continue
		}
		args.X[k] = b.slice(again)
		if again.from == b.back(i) && slices.Index(b.nodes[i].in, v) == k {
			source := *b.args[v]
			source.Y = args.X[k]
			s.before = append(s.before, repetition{b.nodes[v].Name, b.runs[v].(Repeater), &source})
		}
	}
}

// gradients makes the backward steps from the forward ones.
func (b *binder) gradients() {
	next := len(b.forward) - 1
	for i := len(b.nodes) - 1; i > 0; i-- {
		n := b.nodes[i]
		if n.view(true) {
			continue
		}
		s := b.forward[next]
		next--
		if !b.active[i] {
			continue
		}
		b.repeat(&s, i)
		s.args.DY = b.slice(b.grads[b.grad[i]])
		for k, v := range n.in {
			if !b.active[v] {
				continue
			}
			g := b.slice(b.grads[b.grad[v]])
			s.args.DX[k] = g
			if part, ok := b.parts[[2]int{i, k}]; ok {
				s.args.DX[k] = b.slice(part)
				s.acc = append(s.acc, accumulation{g, s.args.DX[k]})
			}
		}
		b.backward = append(b.backward, s)
	}
}

// run computes the forward pass without the last skip steps, which must work
// in place. dst is the output in inference.
func (p *program) run(dst, x []float32, number uint64, skip int) error {
	for _, a := range p.ofInput {
		*a = x
	}
	for _, a := range p.ofOutput {
		*a = dst
	}
	forward := p.forward[:len(p.forward)-skip]
	for i := range forward {
		s := &forward[i]
		s.args.Step = number
		if err := s.run.Forward(s.args); err != nil {
			return layerError(s.name, err)
		}
	}
	if p.copyInput || len(forward) == 0 {
		copy(dst, x)
	}
	return nil
}

// runBackward computes the gradients of the parameters from dout.
func (p *program) runBackward(e *kernels.Engine, number uint64) error {
	for i := range p.backward {
		s := &p.backward[i]
		for _, r := range s.before {
			r.args.Step = number
			if err := r.run.Repeat(r.args); err != nil {
				return layerError(r.name, err)
			}
		}
		s.args.Step = number
		if err := s.run.Backward(s.args); err != nil {
			return layerError(s.name, err)
		}
		for _, a := range s.acc {
			e.Add(a.sum, a.sum, a.part)
		}
	}
	return nil
}

// release forgets the caller's slices.
func (p *program) release() {
	for _, a := range p.ofInput {
		*a = nil
	}
	for _, a := range p.ofOutput {
		*a = nil
	}
}

// errBatch says what a batch of a call must be.
func errBatch(n, most int) error {
	return fmt.Errorf("net: %d samples in a step, want 1 to the %d that the model was compiled for", n, most)
}
