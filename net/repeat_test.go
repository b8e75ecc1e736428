package net

import (
	"errors"
	"testing"

	"github.com/simdconv/simdconv/kernels"
)

// A brokenRunner cannot repeat.
type brokenRunner struct{ *mixRunner }

func (brokenRunner) Repeat(*Args) error { return errors.New("broken") }

// TestRepeatErrors looks at whose error it is, and at nodes that cannot be repeated.
func TestRepeatErrors(t *testing.T) {
	e, err := kernels.New(kernels.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	g := NewGraph()
	x := g.Input(3)
	again := &mix{name: "again", w: NewParam("again", Shape{1}, Zeros{}), again: true}
	y := g.Apply(&mix{name: "reader", square: true, keepX: true}, g.Apply(again, x))
	m, err := g.Model(g.Apply(Flatten{}, y))
	if err != nil {
		t.Fatal(err)
	}
	m.params[0].Grad = make([]float32, 1)
	p, _, err := newProgram(m.nodes, Context{Engine: e, Batch: 2}, true, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range p.backward {
		for i, r := range s.before {
			s.before[i].run = brokenRunner{r.run.(*mixRunner)}
		}
	}
	if err := p.run(nil, make([]float32, 6), 1, 0); err != nil {
		t.Fatal(err)
	}
	wantError(t, "broken", p.runBackward(e, 1), "net: again: broken")

	for _, n := range []Node{
		{Name: "n", Out: Shape{3}, Op: again, Repeats: true},
		{Name: "n", Out: Shape{3}, Repeats: true, BackwardX: true, View: true},
	} {
		b := newBuilder()
		in, err := Input(3).Build(b)
		if err != nil {
			t.Fatal(err)
		}
		_, err = b.Add(n, in)
		wantError(t, "n", err, "net: n: a node that Repeats")
	}
}
