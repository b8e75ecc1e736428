package net

import (
	"slices"
	"strings"
	"testing"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/kerneltest"
)

var fusions = []struct {
	name  string
	build func(g *Graph, x Value) Value
	want  string // the nodes of inference
}{
	{"nothing", func(g *Graph, x Value) Value {
		return g.Apply(conv3("c"), x)
	}, "input_layer c"},
	{"all", func(g *Graph, x Value) Value {
		z := g.Apply(BatchNormalization{Name: "n"}, g.Apply(conv3("c"), x))
		return g.Apply(ReLULayer{Name: "r"}, g.Apply(Add{Name: "a"}, z, x))
	}, "input_layer r"},
	{"the other summand first", func(g *Graph, x Value) Value {
		z := g.Apply(BatchNormalization{Name: "n"}, g.Apply(conv3("c"), x))
		return g.Apply(Add{Name: "a"}, x, z)
	}, "input_layer a"},
	{"no normalisation", func(g *Graph, x Value) Value {
		return g.Apply(ReLULayer{Name: "r"}, g.Apply(conv3("c"), x))
	}, "input_layer r"},
	{"no bias", func(g *Graph, x Value) Value {
		l := conv3("c")
		l.NoBias = true
		return g.Apply(BatchNormalization{Name: "n"}, g.Apply(l, x))
	}, "input_layer n"},
	{"activation inside", func(g *Graph, x Value) Value {
		l := conv3("c")
		l.Activation = ReLU
		return g.Apply(BatchNormalization{Name: "n"}, g.Apply(l, x))
	}, "input_layer c n"},
	{"other activation", func(g *Graph, x Value) Value {
		z := g.Apply(BatchNormalization{Name: "n"}, g.Apply(conv3("c"), x))
		l := conv3("d")
		l.Activation = Tanh
		return g.Apply(l, z)
	}, "input_layer n d d/tanh"},
	{"two projections", func(g *Graph, x Value) Value {
		main := g.Apply(BatchNormalization{Name: "n1"}, g.Apply(conv3("c1"), x))
		skip := g.Apply(BatchNormalization{Name: "n2"}, g.Apply(conv3("c2"), x))
		return g.Apply(ReLULayer{Name: "r"}, g.Apply(Add{Name: "a"}, main, skip))
	}, "input_layer n2 r"},
	{"read twice", func(g *Graph, x Value) Value {
		c := g.Apply(conv3("c"), x)
		return g.Apply(Add{Name: "a"}, g.Apply(BatchNormalization{Name: "n"}, c), c)
	}, "input_layer c n a"},
	{"added to itself", func(g *Graph, x Value) Value {
		c := g.Apply(conv3("c"), x)
		return g.Apply(Add{Name: "a"}, c, c)
	}, "input_layer c a"},
	{"three summands", func(g *Graph, x Value) Value {
		return g.Apply(Add{Name: "a"}, g.Apply(conv3("c"), x), x, x)
	}, "input_layer c a"},
	{"normalised after the sum", func(g *Graph, x Value) Value {
		z := g.Apply(Add{Name: "a"}, g.Apply(conv3("c"), x), x)
		return g.Apply(BatchNormalization{Name: "n"}, z)
	}, "input_layer a n"},
	{"ReLU before the sum", func(g *Graph, x Value) Value {
		z := g.Apply(ReLULayer{Name: "r"}, g.Apply(conv3("c"), x))
		return g.Apply(Add{Name: "a"}, z, x)
	}, "input_layer r a"},
	{"two sums", func(g *Graph, x Value) Value {
		z := g.Apply(Add{Name: "a"}, g.Apply(conv3("c"), x), x)
		return g.Apply(Add{Name: "b"}, z, x)
	}, "input_layer a b"},
	{"a chain of units", func(g *Graph, x Value) Value {
		for _, i := range []string{"1", "2", "3"} {
			z := g.Apply(ReLULayer{Name: "r" + i}, g.Apply(BatchNormalization{Name: "n" + i}, g.Apply(conv3("c"+i), x)))
			z = g.Apply(BatchNormalization{Name: "m" + i}, g.Apply(conv3("d"+i), z))
			x = g.Apply(ReLULayer{Name: "s" + i}, g.Apply(Add{Name: "a" + i}, z, x))
		}
		return x
	}, "input_layer r1 s1 r2 s2 r3 s3"},
}

func conv3(name string) Conv2D {
	return Conv2D{Name: name, Filters: 5, KernelSize: 3, Padding: Same}
}

// TestFuse compares inference with and without fusing.
func TestFuse(t *testing.T) {
	for _, f := range fusions {
		t.Run(f.name, func(t *testing.T) {
			g := NewGraph()
			m, err := g.Model(f.build(g, g.Input(6, 7, 5)))
			if err != nil {
				t.Fatal(err)
			}
			for i, p := range m.Params() {
				kerneltest.FillUniform(p.Data, uint64(i))
				if strings.HasSuffix(p.Name, "variance") {
					for k, v := range p.Data {
						p.Data[k] = 1.5 + v
					}
				}
				p.Changed()
			}
			fused := fuse(m.nodes, false)
			var names []string
			for _, n := range fused {
				names = append(names, n.Name)
			}
			if got := strings.Join(names, " "); got != f.want {
				t.Errorf("nodes %q, want %q", got, f.want)
			}
			allOptions(t, func(t *testing.T, o kernels.Options) [][]float32 {
				got, want := infer(t, fused, o), infer(t, m.nodes, o)
				kerneltest.Close(t, "y", got, double(want), 1e-6)
				return [][]float32{got}
			})
		})
	}
}

func infer(t *testing.T, nodes []*Node, o kernels.Options) []float32 {
	t.Helper()
	const batch = 3
	e, err := kernels.New(o)
	if err != nil {
		t.Fatal(err)
	}
	p, arena, err := newProgram(nodes, Context{Engine: e, Batch: batch, Seed: 1}, false, nil)
	if err != nil {
		t.Fatal(err)
	}
	copy(arena, nan(len(arena)))
	x, y := make([]float32, batch*nodes[0].Out.Len()), nan(batch*nodes[len(nodes)-1].Out.Len())
	kerneltest.FillUniform(x, 9)
	if err := p.run(y, x, 0, 0); err != nil {
		t.Fatal(err)
	}
	return y
}

// TestFusedFollows checks that inference sees parameters and moving averages
// that changed after it was planned.
func TestFusedFollows(t *testing.T) {
	build := func() *Model {
		m, err := Sequential(Input(4, 4, 3), conv3("c"), BatchNormalization{Name: "n", Momentum: 0.5}, ReLU, GlobalAvgPool2D{}, Dense{Units: 5})
		if err != nil {
			t.Fatal(err)
		}
		if err := m.Compile(SGD{}, SparseCategoricalCrossentropy{FromLogits: true}, Options{Batch: 2, Seed: 1}); err != nil {
			t.Fatal(err)
		}
		return m
	}
	x := make([]float32, 2*4*4*3)
	kerneltest.FillUniform(x, 1)
	predict := func(m *Model) []float32 {
		y := make([]float32, 10)
		if err := m.Predict(y, x); err != nil {
			t.Fatal(err)
		}
		return y
	}
	train := func(m *Model) {
		if _, _, err := m.TrainStep(x, []uint8{1, 3}); err != nil {
			t.Fatal(err)
		}
	}
	early, late := build(), build()
	before := predict(early)
	train(early)
	train(late)
	got := predict(early)
	kerneltest.Equal(t, "planned before the step", got, predict(late))
	if slices.Equal(before, got) {
		t.Error("the step changed nothing")
	}
	for _, name := range []string{"c/kernel", "c/bias", "n/gamma", "n/beta", "n/moving_mean", "n/moving_variance"} {
		p := early.Param(name)
		p.Data[1] += 0.25
		p.Changed()
		if next := predict(early); slices.Equal(next, got) {
			t.Errorf("%s has changed, what is predicted has not", name)
		} else {
			got = next
		}
	}
}
