package net

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/simdconv/simdconv/kernels/kerneltest"
)

// A graph that is a chain is the same model as a Sequential.
func TestGraphChain(t *testing.T) {
	d := toy(8, Shape{8, 8, 1}, 4)
	o := Options{Batch: 8, Seed: 1}
	a := compiled(t, Adam{}, o, toyNetwork()...)
	g := NewGraph()
	v := g.Input(8, 8, 1)
	for _, l := range toyNetwork()[1:] {
		v = g.Apply(l, v)
	}
	b, err := g.Model(v)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Compile(Adam{}, SparseCategoricalCrossentropy{}, o); err != nil {
		t.Fatal(err)
	}
	ha, errA := a.Fit(d, FitOptions{Epochs: 3})
	hb, errB := b.Fit(d, FitOptions{Epochs: 3})
	if errA != nil || errB != nil || !reflect.DeepEqual(ha, hb) {
		t.Errorf("history %+v (%v), want %+v (%v)", hb, errB, ha, errA)
	}
	for i, p := range a.Params() {
		q := b.Params()[i]
		if p.Name != q.Name {
			t.Errorf("parameter %d is %s, want %s", i, q.Name, p.Name)
		}
		kerneltest.Equal(t, p.Name, q.Data, p.Data)
	}
}

// Two models of one graph share the parameters of what they share.
func TestGraphTwoModels(t *testing.T) {
	g := NewGraph()
	features := g.Apply(Dense{Units: 3}, g.Input(2))
	first, err := g.Model(features)
	if err != nil {
		t.Fatal(err)
	}
	second, err := g.Model(g.Apply(Dense{Units: 4}, features))
	if err != nil {
		t.Fatal(err)
	}
	if n := len(first.Params()); n != 2 {
		t.Errorf("%d parameters of the first model after the second was made, want 2", n)
	}
	if first.Params()[0] != second.Params()[0] || len(second.Params()) != 4 {
		t.Error("the second model does not have the parameters of the first")
	}
}

// The first error stays, and Model and Output return it.
func TestGraphErrors(t *testing.T) {
	build := func(f func(g *Graph) Value) error {
		g := NewGraph()
		_, err := g.Model(f(g))
		return err
	}
	other := NewGraph()
	foreign := other.Input(3)
	for _, c := range []struct {
		want string
		f    func(g *Graph) Value
	}{
		{"dense: Units = 0", func(g *Graph) Value {
			return g.Apply(Dense{Units: -5}, g.Apply(Dense{}, g.Input(3)))
		}},
		{"input_layer: ...no sizes", func(g *Graph) Value { return g.Apply(Dense{}, g.Input()) }},
		{"layer to apply is nil", func(g *Graph) Value { return g.Apply(nil, g.Input(3)) }},
		{"dense: 0 inputs, want 1", func(g *Graph) Value { g.Input(3); return g.Apply(Dense{Units: 1}) }},
		{"dense: 2 inputs, want 1", func(g *Graph) Value { x := g.Input(3); return g.Apply(Dense{Units: 1}, x, x) }},
		{"output is not a value of this graph", func(g *Graph) Value { g.Input(3); return Value{} }},
		{"output is not a value of this graph", func(g *Graph) Value { g.Input(3); return foreign }},
		{"dense: input 0 is not a value of this model", func(g *Graph) Value { g.Input(3); return g.Apply(Dense{Units: 1}, foreign) }},
		{"dense comes after the output", func(g *Graph) Value { x := g.Input(3); g.Apply(Dense{Units: 1}, x); return x }},
		{"dense: nothing reads its output", func(g *Graph) Value {
			x := g.Input(3)
			g.Apply(Dense{Units: 1}, x)
			return g.Apply(Dense{Units: 1}, x)
		}},
		{"input_layer_1: 0 inputs", func(g *Graph) Value { return g.Apply(Add{}, g.Input(3), g.Input(3)) }},
		{"add: input shapes 3 and 4, want equal ones", func(g *Graph) Value {
			x := g.Input(3)
			return g.Apply(Add{}, x, g.Apply(Dense{Units: 4}, x))
		}},
		{"concatenate: input shapes 2x3x4 and 24", func(g *Graph) Value {
			x := g.Input(2, 3, 4)
			return g.Apply(Concat{}, x, g.Apply(Flatten{}, x))
		}},
		{"concatenate: input shapes 4x4x1 and 2x2x1", func(g *Graph) Value {
			x := g.Input(4, 4, 1)
			return g.Apply(Concat{}, x, g.Apply(MaxPool2D{}, x))
		}},
		{"two layers are named \"a\"", func(g *Graph) Value {
			return g.Apply(Dense{Name: "a", Units: 1}, g.Apply(Dense{Name: "a", Units: 1}, g.Input(3)))
		}},
	} {
		wantError(t, c.want, build(c.f), c.want)
	}
	for _, l := range []Layer{
		Conv2D{Filters: 1, KernelSize: 1}, Flatten{}, MaxPool2D{}, GlobalAvgPool2D{}, ZeroPadding2D{},
		BatchNormalization{}, LocalResponseNormalization{}, Dropout{}, Linear, ReLU, Softmax.Named("p"),
	} {
		want := "input 0 is not a value of this model"
		wantError(t, fmt.Sprintf("%T", l), build(func(g *Graph) Value { g.Input(3); return g.Apply(l, Value{}) }), want)
	}
	for _, l := range []Layer{Add{}, Concat{}} {
		want := "input 0 is not a value of this model"
		wantError(t, fmt.Sprintf("%T", l), build(func(g *Graph) Value { return g.Apply(l, Value{}, g.Input(3)) }), want)
	}
}

// What is not trainable keeps its values, and the gradient passes through it.
func TestFrozenLayers(t *testing.T) {
	d := toy(4, Shape{8, 8, 1}, 4)
	step := func(freeze ...string) *Model {
		m := mustModel(t, toyNetwork()...)
		for _, name := range freeze {
			m.Param(name).Trainable = false
		}
		if err := m.Compile(SGD{LearningRate: 0.1}, SparseCategoricalCrossentropy{}, Options{Batch: 4, Seed: 1}); err != nil {
			t.Fatal(err)
		}
		if _, _, err := m.TrainStep(d.X, d.Y); err != nil {
			t.Fatal(err)
		}
		return m
	}
	before := mustModel(t, toyNetwork()...)
	if err := before.Compile(nil, nil, Options{Batch: 4, Seed: 1}); err != nil {
		t.Fatal(err)
	}
	free := step()
	for _, frozen := range [][]string{
		{"conv2d/kernel"}, {"conv2d/bias"}, {"conv2d_1/kernel"}, {"conv2d_1/kernel", "conv2d_1/bias"},
		{"dense/kernel"}, {"dense/bias"}, {"dense/kernel", "dense/bias", "conv2d/kernel", "conv2d/bias"},
	} {
		m := step(frozen...)
		for i, p := range m.Params() {
			want := free.Params()[i].Data
			if slices.Contains(frozen, p.Name) {
				want = before.Params()[i].Data
				if p.Grad != nil {
					t.Errorf("%s is frozen and has a gradient", p.Name)
				}
			}
			kerneltest.Equal(t, p.Name, p.Data, want)
		}
	}
}
