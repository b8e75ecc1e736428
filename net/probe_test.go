package net

import (
	"slices"
	"testing"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/kerneltest"
)

// A probe passes its input on and keeps the gradient that comes back. It has a
// parameter, so that a gradient is wanted of it.
type probe struct {
	p  *Param
	dx []float32
}

func newProbe() *probe { return &probe{p: NewParam("probe", Shape{1}, Zeros{})} }

func (l *probe) Build(b *Builder, in ...Value) (Value, error) {
	return b.Add(Node{Name: "probe", Op: l, Out: in[0].Shape(), Params: []*Param{l.p}}, in[0])
}

func (l *probe) Plan(Context) (Runner, error) { return l, nil }

func (l *probe) Forward(a *Args) error {
	copy(a.Y, a.X[0])
	return nil
}

func (l *probe) Backward(a *Args) error {
	l.dx = slices.Clone(a.DY)
	return nil
}

// A trial is one layer run forward and backward.
type trial struct {
	layer   Layer
	in, out Shape
	batch   int
	step    uint64
	options kernels.Options

	prepare func(params []*Param) // may set parameters; nil leaves random numbers

	x, y, dy, dx []float32
	infer        []float32 // y in inference
	params       []*Param
}

// run fills x, dy and the parameters with random numbers and sets y, infer, dx
// and the gradients.
func (r *trial) run(t *testing.T) {
	t.Helper()
	pr := newProbe()
	m, err := Sequential(Input(r.in...), pr, r.layer)
	if err != nil {
		t.Fatal(err)
	}
	r.out = m.OutputShape()
	r.params = m.Params()[1:]
	for i, p := range r.params {
		kerneltest.FillUniform(p.Data, uint64(i)+10)
		p.Changed()
		if p.Trainable {
			p.Grad = nan(len(p.Data))
		}
	}
	if r.prepare != nil {
		r.prepare(r.params)
	}
	e, err := kernels.New(r.options)
	if err != nil {
		t.Fatal(err)
	}
	prog, arena, err := newProgram(m.nodes, Context{Engine: e, Batch: r.batch, Seed: 3}, true, nil)
	if err != nil {
		t.Fatal(err)
	}
	copy(arena, nan(len(arena)))
	r.x = make([]float32, r.batch*r.in.Len())
	r.dy = make([]float32, r.batch*r.out.Len())
	kerneltest.FillUniform(r.x, 1)
	kerneltest.FillUniform(r.dy, 2)
	x := slices.Clone(r.x)
	if err := prog.run(nil, x, r.step, 0); err != nil {
		t.Fatal(err)
	}
	r.y = slices.Clone(prog.out)
	copy(prog.dout, r.dy)
	if err := prog.runBackward(e, r.step); err != nil {
		t.Fatal(err)
	}
	r.dx = pr.dx
	kerneltest.Equal(t, "x after the step", x, r.x)

	r.infer = nan(len(r.y))
	prog, _, err = newProgram(m.nodes, Context{Engine: e, Batch: r.batch, Seed: 3}, false, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := prog.run(r.infer, x, 0, 0); err != nil {
		t.Fatal(err)
	}
	switch r.layer.(type) {
	case BatchNormalization:
	case Dropout:
		kerneltest.Equal(t, "inference", r.infer, r.x)
	default:
		kerneltest.Equal(t, "inference", r.infer, r.y)
	}
}

// nan returns n NaNs, to be overwritten.
func nan(n int) []float32 {
	s := make([]float32, n)
	zero := float32(0)
	for i := range s {
		s[i] = zero / zero
	}
	return s
}

// double returns x in float64.
func double(x []float32) []float64 {
	d := make([]float64, len(x))
	for i, v := range x {
		d[i] = float64(v)
	}
	return d
}

// allOptions are the tiers, each with several numbers of threads; f gets the
// same results for every number, or the test fails.
func allOptions(t *testing.T, f func(t *testing.T, o kernels.Options) [][]float32) {
	kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
		one := f(t, kernels.Options{Tier: tier, Threads: 1})
		for _, threads := range []int{2, 7} {
			for i, got := range f(t, kernels.Options{Tier: tier, Threads: threads}) {
				kerneltest.Equal(t, "result with more threads", got, one[i])
			}
		}
	})
}
