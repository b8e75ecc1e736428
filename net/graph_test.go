package net

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/kerneltest"
)

// A mix is a test layer with any number of inputs:
//
//	y = w + sum_k (k+1)*x[k]   or, if square is set,   y = (x[0])^2
//
// The square works in place with what its runner keeps, so that both kinds of
// nodes, and views, come together in random graphs.
type mix struct {
	name   string
	w      *Param // nil without one
	square bool
	keepX  bool // the square reads X in Backward, and does not work in place
	again  bool // Y is not kept for Backward but written once more
}

func (l *mix) Build(b *Builder, in ...Value) (Value, error) {
	n := Node{Name: l.name, Op: l, Out: in[0].Shape()}
	if l.w != nil {
		n.Params = []*Param{l.w}
	}
	n.InPlace = l.square && !l.keepX
	n.BackwardX = l.square && l.keepX || l.again
	n.Repeats = l.again
	return b.Add(n, in...)
}

func (l *mix) Plan(Context) (Runner, error) { return &mixRunner{mix: l}, nil }

type mixRunner struct {
	*mix
	kept     []float32
	step     uint64
	repeated int
}

func (r *mixRunner) Forward(a *Args) error {
	r.step = a.Step
	if r.square {
		r.kept = append(r.kept[:0], a.X[0]...)
		for i, v := range a.X[0] {
			a.Y[i] = v * v
		}
		return nil
	}
	for i := range a.Y {
		var sum float32
		if r.w != nil {
			sum = r.w.Data[0]
		}
		for k, x := range a.X {
			sum += float32(k+1) * x[i]
		}
		a.Y[i] = sum
	}
	return nil
}

func (r *mixRunner) Repeat(a *Args) error {
	if a.Step != r.step {
		return fmt.Errorf("repeated in step %d, want %d", a.Step, r.step)
	}
	r.repeated++
	return r.Forward(a)
}

func (r *mixRunner) Backward(a *Args) error {
	if r.square {
		x := r.kept
		if r.keepX {
			x = a.X[0]
		}
		for i, dy := range a.DY {
			a.DX[0][i] = 2 * x[i] * dy
		}
		return nil
	}
	if r.w != nil {
		r.w.Grad[0] = 0
		for _, dy := range a.DY {
			r.w.Grad[0] += dy
		}
	}
	for k, dx := range a.DX {
		for i := range dx {
			dx[i] = float32(k+1) * a.DY[i]
		}
	}
	for i := range a.DY {
		a.DY[i] = -1e9
	}
	for k, dx := range a.DX {
		if dx != nil && &dx[0] == &a.DY[0] {
			return fmt.Errorf("DX[%d] is DY", k)
		}
	}
	return nil
}

// Random graphs of values in {-1, 0, 1} and integer weights are exact in
// float32, so planned memory must give the bits of a plain evaluation.
func TestRandomGraphs(t *testing.T) {
	e, err := kernels.New(kernels.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	shared, repeated := 0, 0
	for seed := range uint64(300) {
		g := randomGraph(t, seed)
		prog, arena, err := newProgram(g.nodes, Context{Engine: e, Batch: 2, Seed: 0}, true, nil)
		if err != nil {
			t.Fatal(err)
		}
		copy(arena, nan(len(arena)))
		if err := prog.run(nil, g.x, 1, 0); err != nil {
			t.Fatal(err)
		}
		kerneltest.Equal(t, fmt.Sprintf("graph %d: y", seed), prog.out, g.values[len(g.values)-1])
		copy(prog.dout, g.dy)
		if err := prog.runBackward(e, 1); err != nil {
			t.Fatalf("graph %d: %v", seed, err)
		}
		for _, s := range prog.forward {
			n := s.run.(*mixRunner).repeated
			if repeated += n; n > 1 {
				t.Errorf("graph %d: %s is repeated %d times", seed, s.name, n)
			}
		}
		for _, p := range g.params {
			kerneltest.Equal(t, fmt.Sprintf("graph %d: %s", seed, p.Name), p.Grad, []float32{g.want[p.Name]})
		}
		infer, _, err := newProgram(g.nodes, Context{Engine: e, Batch: 2, Seed: 0}, false, nil)
		if err != nil {
			t.Fatal(err)
		}
		y := nan(len(g.dy))
		if err := infer.run(y, g.x, 0, 0); err != nil {
			t.Fatal(err)
		}
		kerneltest.Equal(t, fmt.Sprintf("graph %d: inference", seed), y, g.values[len(g.values)-1])
		if len(arena) < 2*(len(g.nodes)-1)*len(g.x) {
			shared++
		}
		if t.Failed() {
			return
		}
	}
	if repeated == 0 {
		t.Error("no value is written once more")
	}
	if shared == 0 {
		t.Error("no graph shares any memory")
	}
}

// A testGraph is a random graph with its values and gradients computed
// without any sharing.
type testGraph struct {
	nodes  []*Node
	params []*Param
	x, dy  []float32
	values [][]float32
	want   map[string]float32
}

func randomGraph(t *testing.T, seed uint64) *testGraph {
	const size = 6 // 2 samples of 3
	r := rand.New(rand.NewPCG(seed, 1))
	b := newBuilder()
	in, err := Input(3).Build(b)
	if err != nil {
		t.Fatal(err)
	}
	values := []Value{in}
	read := map[int]bool{}
	squares := 0
	for i := range 3 + r.IntN(10) {
		l := &mix{name: fmt.Sprint("mix", i)}
		from := []Value{values[r.IntN(len(values))]}
		read[from[0].node] = true
		switch kind := r.IntN(6); {
		case i > 0 && kind == 0:
			v, err := Flatten{}.Build(b, from[0])
			if err != nil {
				t.Fatal(err)
			}
			values = append(values, v)
			continue
		case i > 0 && kind <= 2 && squares < 3:
			squares++
			l.square, l.keepX = true, kind == 1
		default:
			if i == 0 || r.IntN(2) == 0 {
				l.w = NewParam(l.name, Shape{1}, Zeros{})
				l.w.Data[0] = float32(r.IntN(3) - 1)
				l.w.Grad = nan(1)
			}
			for range r.IntN(3) {
				v := values[r.IntN(len(values))]
				read[v.node] = true
				from = append(from, v)
			}
		}
		l.again = (!l.square || l.keepX) && r.IntN(2) == 0
		v, err := l.Build(b, from...)
		if err != nil {
			t.Fatal(err)
		}
		values = append(values, v)
	}
	var loose []Value
	for _, v := range values {
		if !read[v.node] {
			loose = append(loose, v)
		}
	}
	out, err := (&mix{name: "out", w: NewParam("out", Shape{1}, Zeros{})}).Build(b, loose...)
	if err != nil {
		t.Fatal(err)
	}
	m, err := b.model([]Value{out}, "")
	if err != nil {
		t.Fatal(err)
	}
	m.Param("out").Grad = nan(1)
	g := &testGraph{nodes: m.nodes, params: m.params, x: make([]float32, size), dy: make([]float32, size), want: map[string]float32{}}
	kerneltest.FillInts(g.x, seed, 1)
	kerneltest.FillInts(g.dy, seed+1, 1)
	g.evaluate()
	return g
}

func (g *testGraph) evaluate() {
	g.values = [][]float32{g.x}
	grads := make([][]float32, len(g.nodes))
	for i, n := range g.nodes {
		grads[i] = make([]float32, len(g.x))
		if i == 0 {
			continue
		}
		y := make([]float32, len(g.x))
		for j := range y {
			l, _ := n.Op.(*mix)
			switch {
			case n.View:
				y[j] = g.values[n.in[0]][j]
			case l.square:
				y[j] = g.values[n.in[0]][j] * g.values[n.in[0]][j]
			default:
				if l.w != nil {
					y[j] = l.w.Data[0]
				}
				for k, v := range n.in {
					y[j] += float32(k+1) * g.values[v][j]
				}
			}
		}
		g.values = append(g.values, y)
	}
	copy(grads[len(grads)-1], g.dy)
	for i := len(g.nodes) - 1; i > 0; i-- {
		n := g.nodes[i]
		l, _ := n.Op.(*mix)
		for j, dy := range grads[i] {
			switch {
			case n.View:
				grads[n.in[0]][j] += dy
			case l.square:
				grads[n.in[0]][j] += 2 * g.values[n.in[0]][j] * dy
			default:
				for k, v := range n.in {
					grads[v][j] += float32(k+1) * dy
				}
				if l.w != nil {
					g.want[l.w.Name] += dy
				}
			}
		}
	}
}
