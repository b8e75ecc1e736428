package conv_test

import (
	"math"
	"sync"
	"testing"

	"github.com/simdconv/simdconv/conv"
	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/kerneltest"
)

// An exactCase is a shape with inputs of small integers and the results, which
// are exact in any order of summation.
type exactCase struct {
	name string
	in   inputs
	want outputs[float32]
}

func newExactCase(name string, s conv.Shape, alloc allocator) exactCase {
	in := newInputs(s, alloc, fillInts)
	return exactCase{name, in, expected[float32](in)}
}

var exact struct {
	once  sync.Once
	cases []exactCase
}

// exactCases computes the corpus and random shapes once for all tests.
func exactCases(t testing.TB) []exactCase {
	exact.once.Do(func() {
		n := 220
		if testing.Short() {
			n = 30
		}
		for _, s := range append(conv.Corpus(t), conv.RandomShapes(1, n)...) {
			exact.cases = append(exact.cases, newExactCase(s.Name, s.Shape, stale))
		}
	})
	return exact.cases
}

// check runs the case by every algorithm that can do it, and expects the exact
// results but of winograd4 and winograd6.
func (c *exactCase) check(t *testing.T, k kernels.Options, alloc allocator) {
	t.Helper()
	for _, a := range algorithms(c.in.shape) {
		l := newLayer(t, c.in.shape, k, a)
		conv.ReplaceBuffers(alloc, l.ws, l.forward, l.backward)
		got, name := l.run(t, c.in, alloc, conv.Epilogue{}), c.name+" by "+a.String()
		s := &c.in.shape
		switch a {
		case conv.Winograd4:
			near(t, name+": y", got.y, c.want.y, s.C)
			near(t, name+": dx", got.dx, c.want.dx, s.K)
			near(t, name+": dw", got.dw, c.want.dw, len(c.in.dy)/s.K)
		case conv.Winograd6:
			near(t, name+": y", got.y, c.want.y, 16*s.C)
			near(t, name+": dx", got.dx, c.want.dx, 16*s.K)
		default:
			equal(t, name, got, c.want)
		}
	}
}

// near allows errors that are small beside the sum of 9 products of small
// integers for each of some channels or pixels.
func near(t *testing.T, name string, got, want []float32, terms int) {
	t.Helper()
	bound := 1e-4 * math.Sqrt(9*float64(terms))
	for i, w := range want {
		if d := float64(got[i] - w); !(math.Abs(d) <= bound) {
			t.Errorf("%s: [%d] = %v, want %v within %.3g", name, i, got[i], w, bound)
			return
		}
	}
}

// TestExact compares every tier, exact algorithm and pass with the definition, bit by
// bit, over the corpus and random shapes. Workspace and results start out as
// NaN, so that nothing passes by luck.
func TestExact(t *testing.T) {
	cases := exactCases(t)
	kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
		for i := range cases {
			cases[i].check(t, kernels.Options{Tier: tier, Threads: 1 + i%2}, stale)
			if t.Failed() {
				t.Fatalf("%s: %v", cases[i].name, cases[i].in.shape)
			}
		}
	})
}
