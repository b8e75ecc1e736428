package net

import (
	"slices"
	"strings"
	"testing"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/kerneltest"
)

var trainFusions = []struct {
	name  string
	build func(g *Graph, x Value) Value
	want  string // the nodes of training
}{
	{"no ReLU", func(g *Graph, x Value) Value {
		return g.Apply(BatchNormalization{Name: "n"}, g.Apply(conv3("c"), x))
	}, "input_layer probe c n"},
	{"ReLU", func(g *Graph, x Value) Value {
		return g.Apply(ReLULayer{Name: "r"}, g.Apply(BatchNormalization{Name: "n"}, g.Apply(conv3("c"), x)))
	}, "input_layer probe c r"},
	{"sum without ReLU", func(g *Graph, x Value) Value {
		return g.Apply(Add{Name: "a"}, g.Apply(BatchNormalization{Name: "n"}, g.Apply(conv3("c"), x)), x)
	}, "input_layer probe c n a"},
	{"read twice", func(g *Graph, x Value) Value {
		n := g.Apply(BatchNormalization{Name: "n"}, g.Apply(conv3("c"), x))
		return g.Apply(Add{Name: "a"}, g.Apply(ReLULayer{Name: "r"}, n), n)
	}, "input_layer probe c n r a"},
	{"units", func(g *Graph, x Value) Value {
		for _, i := range []string{"1", "2"} {
			z := g.Apply(ReLULayer{Name: "r" + i}, g.Apply(BatchNormalization{Name: "n" + i}, g.Apply(conv3("c"+i), x)))
			z = g.Apply(BatchNormalization{Name: "m" + i}, g.Apply(conv3("d"+i), z))
			x = g.Apply(ReLULayer{Name: "s" + i}, g.Apply(Add{Name: "a" + i}, x, z))
		}
		return x
	}, "input_layer probe c1 r1 d1 s1 c2 r2 d2 s2"},
	{"two projections", func(g *Graph, x Value) Value {
		main := g.Apply(BatchNormalization{Name: "n1"}, g.Apply(conv3("c1"), x))
		skip := g.Apply(BatchNormalization{Name: "n2"}, g.Apply(conv3("c2"), x))
		return g.Apply(ReLULayer{Name: "r"}, g.Apply(Add{Name: "a"}, main, skip))
	}, "input_layer probe c1 c2 n2 r"},
	{"frozen", func(g *Graph, x Value) Value {
		y := g.Apply(ReLULayer{Name: "r"}, g.Apply(BatchNormalization{Name: "n"}, g.Apply(conv3("c"), x)))
		for _, n := range g.b.nodes {
			if op, ok := n.Op.(*batchNormOp); ok {
				op.gamma.Trainable, op.beta.Trainable = false, false
			}
		}
		return y
	}, "input_layer probe c n r"},
}

// TestFuseTraining compares forward and backward passes with and without
// fusing.
func TestFuseTraining(t *testing.T) {
	for _, f := range trainFusions {
		t.Run(f.name, func(t *testing.T) {
			g, pr := NewGraph(), newProbe()
			m, err := g.Model(f.build(g, g.Apply(pr, g.Input(6, 7, 5))))
			if err != nil {
				t.Fatal(err)
			}
			fused := fuse(m.nodes, true)
			var names []string
			for _, n := range fused {
				names = append(names, n.Name)
			}
			if got := strings.Join(names, " "); got != f.want {
				t.Errorf("nodes %q, want %q", got, f.want)
			}
			allOptions(t, func(t *testing.T, o kernels.Options) [][]float32 {
				got, want := trainOnce(t, m, pr, fused, o), trainOnce(t, m, pr, m.nodes, o)
				for i := range want {
					kerneltest.Close(t, "result", got[i], double(want[i]), 1e-6)
				}
				return got
			})
		})
	}
}

// trainOnce returns y, dx, and the value and gradient of every parameter after a
// forward and a backward pass.
func trainOnce(t *testing.T, m *Model, pr *probe, nodes []*Node, o kernels.Options) [][]float32 {
	t.Helper()
	const batch = 3
	e, err := kernels.New(o)
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range m.Params() {
		kerneltest.FillUniform(p.Data, uint64(i))
		p.Changed()
		p.Grad = nan(len(p.Data))
	}
	p, arena, err := newProgram(nodes, Context{Engine: e, Batch: batch, Seed: 1}, true, nil)
	if err != nil {
		t.Fatal(err)
	}
	copy(arena, nan(len(arena)))
	x := make([]float32, batch*nodes[0].Out.Len())
	kerneltest.FillUniform(x, 9)
	if err := p.run(nil, x, 1, 0); err != nil {
		t.Fatal(err)
	}
	out := [][]float32{slices.Clone(p.out)}
	kerneltest.FillUniform(p.dout, 8)
	if err := p.runBackward(e, 1); err != nil {
		t.Fatal(err)
	}
	out = append(out, pr.dx)
	for _, q := range m.Params() {
		if q == pr.p {
			continue // a probe writes no gradient
		}
		out = append(out, slices.Clone(q.Data))
		if q.Trainable {
			out = append(out, slices.Clone(q.Grad))
		}
	}
	return out
}
