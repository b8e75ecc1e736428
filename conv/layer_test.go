package conv_test

import (
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/simdconv/simdconv/conv"
	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/kerneltest"
	"github.com/simdconv/simdconv/kernels/parallel"
	"github.com/simdconv/simdconv/kernels/ref"
)

const allPasses = conv.Forward | conv.BackwardData | conv.BackwardWeights

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// wantError fails the test unless err's message contains message.
func wantError(t *testing.T, err error, message string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), message) {
		t.Errorf("error %v, want one with %q", err, message)
	}
}

func fillInts(dst []float32, seed uint64) { kerneltest.FillInts(dst, seed, 3) }

// An allocator returns a buffer for one operand.
type allocator func(n int) []float32

// stale returns n NaNs: an element that is not written shows.
func stale(n int) []float32 {
	s := make([]float32, n)
	for i := range s {
		s[i] = float32(math.NaN())
	}
	return s
}

// guards returns an allocator of buffers flush against a guard page.
func guards(t testing.TB, atEnd bool) allocator {
	return func(n int) []float32 { return kerneltest.Guarded(t, n, atEnd) }
}

// inputs are the operands that a convolution reads in its three passes.
type inputs struct {
	shape    conv.Shape
	x, w, dy []float32
}

// newInputs fills the inputs of a checked shape.
func newInputs(s conv.Shape, alloc allocator, fill func([]float32, uint64)) inputs {
	in := inputs{s, alloc(s.XLen()), alloc(s.WLen()), alloc(s.YLen())}
	fill(in.x, 1)
	fill(in.w, 2)
	fill(in.dy, 3)
	return in
}

// outputs are the results of the passes. Those of passes not run are nil.
type outputs[T ref.Float] struct {
	y, dx, dw, db []T
}

// reference is a checked shape as package ref has it.
func reference(s conv.Shape) ref.Conv {
	return ref.Conv{
		N: s.N, H: s.H, W: s.W, C: s.C, K: s.K, R: s.R, S: s.S,
		StrideH: s.StrideH, StrideW: s.StrideW, DilationH: s.DilationH, DilationW: s.DilationW,
		Top: s.Top, Bottom: s.Bottom, Left: s.Left, Right: s.Right, Groups: s.Groups,
	}
}

// expected computes the passes in T by definition.
func expected[T ref.Float](in inputs) (out outputs[T]) {
	r, x, w, dy := reference(in.shape), convert[T](in.x), convert[T](in.w), convert[T](in.dy)
	out.y, out.dx, out.dw, out.db = make([]T, len(dy)), make([]T, len(x)), make([]T, len(w)), make([]T, in.shape.K)
	ref.ConvForward(r, out.y, x, w)
	ref.ConvBackwardData(r, out.dx, dy, w)
	ref.ConvBackwardWeights(r, out.dw, dy, x)
	ref.BiasBackward(out.db, dy)
	return out
}

func convert[T ref.Float](s []float32) []T {
	if s == nil {
		return nil
	}
	d := make([]T, len(s))
	for i, v := range s {
		d[i] = T(v)
	}
	return d
}

// A layer is a plan with what its passes need.
type layer struct {
	*conv.Plan
	ws       *conv.Workspace
	passes   conv.Pass
	forward  *conv.Packed
	backward *conv.Packed
}

// newLayer plans the passes by one algorithm.
func newLayer(t testing.TB, s conv.Shape, k kernels.Options, a conv.Algorithm) *layer {
	t.Helper()
	l := &layer{passes: passesOf(a)}
	o := conv.Options{Options: k, Forward: a, BackwardData: a, BatchInvariant: true}
	if l.passes == allPasses {
		o.BackwardWeights = a
	}
	var err error
	l.Plan, err = conv.NewPlan(s, o)
	must(t, err)
	l.ws, err = l.NewWorkspace(l.passes)
	must(t, err)
	l.forward, err = l.NewPacked(conv.Forward)
	must(t, err)
	l.backward, err = l.NewPacked(conv.BackwardData)
	must(t, err)
	return l
}

// passesOf is the passes an algorithm has.
func passesOf(a conv.Algorithm) conv.Pass {
	if a == conv.Winograd2 || a == conv.Winograd6 {
		return conv.Forward | conv.BackwardData
	}
	return allPasses
}

// algorithms returns those that can do a checked shape.
func algorithms(s conv.Shape) []conv.Algorithm {
	all := []conv.Algorithm{conv.Direct, conv.Im2col}
	if s.R == 3 && s.S == 3 && s.StrideH == 1 && s.StrideW == 1 && s.DilationH == 1 && s.DilationW == 1 && s.Groups == 1 {
		all = append(all, winograds...)
	}
	return all
}

// exactAlgorithms returns those that are exact on small integers: the fractions
// of winograd4 and winograd6 are not those of any float.
func exactAlgorithms(s conv.Shape) []conv.Algorithm {
	return slices.DeleteFunc(algorithms(s), func(a conv.Algorithm) bool { return a == conv.Winograd4 || a == conv.Winograd6 })
}

// run packs the weights and runs every pass that the layer has.
func (l *layer) run(t testing.TB, in inputs, alloc allocator, ep conv.Epilogue) (out outputs[float32]) {
	t.Helper()
	out.y = l.runForward(t, in, alloc, ep)
	must(t, l.Pack(l.backward, in.w))
	out.dx = alloc(len(in.x))
	must(t, l.BackwardData(l.ws, out.dx, in.dy, l.backward))
	if l.passes == allPasses {
		out.dw, out.db = alloc(len(in.w)), alloc(in.shape.K)
		must(t, l.BackwardWeights(l.ws, out.dw, out.db, in.dy, in.x))
	}
	return out
}

func (l *layer) runForward(t testing.TB, in inputs, alloc allocator, ep conv.Epilogue) []float32 {
	t.Helper()
	must(t, l.Pack(l.forward, in.w))
	y := alloc(len(in.dy))
	must(t, l.Forward(l.ws, y, in.x, l.forward, ep))
	return y
}

// equal fails the test unless the results that both have are the same bits.
func equal(t testing.TB, name string, got, want outputs[float32]) {
	t.Helper()
	for _, r := range []struct {
		name      string
		got, want []float32
	}{
		{"y", got.y, want.y}, {"dx", got.dx, want.dx}, {"dw", got.dw, want.dw}, {"db", got.db, want.db},
	} {
		if r.got != nil && r.want != nil {
			kerneltest.Equal(t, name+": "+r.name, r.got, r.want)
		}
	}
}

// threads returns options for 1, 2 and 7 threads that are really there,
// whatever the machine has.
func threads(t testing.TB, tier kernels.Tier) (all []kernels.Options) {
	t.Helper()
	before := runtime.GOMAXPROCS(7)
	pool := parallel.New(7)
	t.Cleanup(func() {
		pool.Close()
		runtime.GOMAXPROCS(before)
	})
	for _, n := range []int{1, 2, 7} {
		all = append(all, kernels.Options{Tier: tier, Threads: n, Pool: pool})
	}
	return all
}

// skipWithout skips the test unless all tiers can run here.
func skipWithout(t *testing.T, tiers ...kernels.Tier) {
	t.Helper()
	for _, tier := range tiers {
		if _, err := (kernels.Options{Tier: tier}).Resolve(); err != nil {
			t.Skip(err)
		}
	}
}
