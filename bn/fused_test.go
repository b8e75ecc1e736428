package bn_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/simdconv/simdconv/bn"
	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/kerneltest"
	"github.com/simdconv/simdconv/kernels/micro"
	"github.com/simdconv/simdconv/kernels/ref"
)

// results are all that the calls of a layer write.
type results struct {
	y, dx, dres, dgamma, dbeta, mean, invStd, movingMean, movingVariance, infer []float32
}

func (r results) equal(t *testing.T, name string, want results) {
	t.Helper()
	for _, pair := range []struct {
		name      string
		got, want []float32
	}{
		{"y", r.y, want.y}, {"dx", r.dx, want.dx}, {"dres", r.dres, want.dres}, {"dgamma", r.dgamma, want.dgamma}, {"dbeta", r.dbeta, want.dbeta},
		{"saved mean", r.mean, want.mean}, {"saved inverse deviation", r.invStd, want.invStd},
		{"moving mean", r.movingMean, want.movingMean}, {"moving variance", r.movingVariance, want.movingVariance},
		{"inference", r.infer, want.infer},
	} {
		kerneltest.Equal(t, name+" "+pair.name, pair.got, pair.want)
	}
}

// fusedRun does a step with what is fused, operands in memory of alloc.
func fusedRun(t *testing.T, m, c int, tier kernels.Tier, residual, relu bool, spoil func(l *layer), alloc func(n int) []float32) results {
	t.Helper()
	l := newLayer(t, m, c, bn.Options{Options: kernels.Options{Tier: tier}}, alloc)
	if spoil != nil {
		spoil(l)
	}
	f := bn.Fused{ReLU: relu}
	if residual {
		f.Residual = alloc(m * c)
		kerneltest.FillUniform(f.Residual, 77)
	}
	r := results{y: l.y, dx: l.dx, dgamma: l.dgamma, dbeta: l.dbeta, mean: l.s.Mean, invStd: l.s.InvStd,
		movingMean: l.q.MovingMean, movingVariance: l.q.MovingVariance, infer: alloc(m * c)}
	must(t, l.InferFused(l.ws, r.infer, l.x, l.q, f))
	if relu {
		f.Mask = kerneltest.GuardedBytes(t, l.MaskLen(), true)
	}
	must(t, l.TrainFused(l.ws, l.y, l.x, l.q, l.s, f))
	again := alloc(m * c)
	must(t, l.Repeat(l.ws, again, l.x, bn.Fused{Residual: f.Residual, ReLU: relu}))
	kerneltest.Equal(t, "y once more", again, l.y)
	if !relu {
		must(t, l.Backward(l.ws, l.dx, l.dgamma, l.dbeta, l.dy, l.x, l.q.Gamma, l.s))
		return r
	}
	if residual {
		r.dres = alloc(m * c)
	}
	must(t, l.BackwardFused(l.ws, l.dx, r.dres, l.dgamma, l.dbeta, l.dy, l.x, f.Mask, l.q.Gamma, l.s))
	return r
}

// apartRun does the same with one operation after another.
func apartRun(t *testing.T, m, c int, residual, relu bool, spoil func(l *layer)) results {
	t.Helper()
	l := newLayer(t, m, c, bn.Options{Options: kernels.Options{Tier: kernels.TierGeneric}}, heap)
	if spoil != nil {
		spoil(l)
	}
	z := make([]float32, m*c)
	kerneltest.FillUniform(z, 77)
	follow := func(y []float32) {
		for i := range y {
			if residual {
				y[i] += z[i]
			}
		}
		if relu {
			ref.ReLU(y, y)
		}
	}
	r := results{y: l.y, dx: l.dx, dgamma: l.dgamma, dbeta: l.dbeta, mean: l.s.Mean, invStd: l.s.InvStd,
		movingMean: l.q.MovingMean, movingVariance: l.q.MovingVariance, infer: make([]float32, m*c)}
	must(t, l.Infer(l.ws, r.infer, l.x, l.q))
	follow(r.infer)
	l.train(t)
	follow(l.y)
	dy := l.dy
	if relu {
		dy = make([]float32, m*c)
		ref.ReLUBackward(dy, l.dy, l.y)
	}
	if relu && residual {
		r.dres = dy
	}
	must(t, l.Backward(l.ws, l.dx, l.dgamma, l.dbeta, dy, l.x, l.q.Gamma, l.s))
	return r
}

// TestFused compares every tier, and what is fused, with plain Go and one
// operation after another, bit by bit.
func TestFused(t *testing.T) {
	nan := func(l *layer) {
		for i, v := range []float64{math.NaN(), math.Inf(1), math.Copysign(0, -1), math.MaxFloat32} {
			l.x[i*7%len(l.x)] = float32(v)
		}
	}
	kerneltest.EachTier(t, func(t *testing.T, tier micro.Tier) {
		for _, size := range append(sizes, struct{ m, c int }{333, 8}, struct{ m, c int }{70, 40}, struct{ m, c int }{1030, 24}) {
			for _, residual := range []bool{false, true} {
				for _, relu := range []bool{false, true} {
					for i, spoil := range []func(*layer){nil, nan} {
						name := fmt.Sprintf("m=%d c=%d residual=%v relu=%v spoilt=%v", size.m, size.c, residual, relu, i > 0)
						want := apartRun(t, size.m, size.c, residual, relu, spoil)
						for _, atEnd := range []bool{false, true} {
							got := fusedRun(t, size.m, size.c, tier, residual, relu, spoil, func(n int) []float32 { return kerneltest.Guarded(t, n, atEnd) })
							got.equal(t, name, want)
						}
					}
				}
			}
		}
	})
}

func TestFusedInPlace(t *testing.T) {
	const m, c = 700, 5
	want := fusedRun(t, m, c, kernels.TierAuto, true, true, nil, heap)
	l := newLayer(t, m, c, bn.Options{}, heap)
	f := bn.Fused{ReLU: true, Mask: make([]uint8, l.MaskLen()), Residual: make([]float32, m*c)}
	kerneltest.FillUniform(f.Residual, 77)
	must(t, l.TrainFused(l.ws, f.Residual, l.x, l.q, l.s, f))
	kerneltest.Equal(t, "y in the residual", f.Residual, want.y)
	must(t, l.BackwardFused(l.ws, l.x, l.dy, l.dgamma, l.dbeta, l.dy, l.x, f.Mask, l.q.Gamma, l.s))
	kerneltest.Equal(t, "dx in x", l.x, want.dx)
	kerneltest.Equal(t, "dres in dy", l.dy, want.dres)
}

func TestFusedErrors(t *testing.T) {
	l := newLayer(t, 4, 3, bn.Options{}, heap)
	mask := make([]uint8, l.MaskLen())
	train := func(f bn.Fused) error { return l.TrainFused(l.ws, l.y, l.x, l.q, l.s, f) }
	backward := func(dx, dres []float32, mask []uint8) error {
		return l.BackwardFused(l.ws, dx, dres, l.dgamma, l.dbeta, l.dy, l.x, mask, l.q.Gamma, l.s)
	}
	wantError(t, train(bn.Fused{Mask: mask}), "bn: mask without ReLU")
	wantError(t, train(bn.Fused{ReLU: true, Mask: mask[1:]}), "bn: mask has length")
	wantError(t, l.InferFused(l.ws, l.y, l.x, l.q, bn.Fused{ReLU: true, Mask: mask[1:]}), "bn: mask has length")
	wantError(t, train(bn.Fused{Residual: heap(11)}), "bn: residual has length 11, want 12")
	wantError(t, train(bn.Fused{Residual: []float32{}}), "bn: residual has length 0, want 12")
	wantError(t, backward(l.dx, nil, nil), "bn: mask has length 0")
	wantError(t, backward(l.dx, l.dx, mask), "bn: dx and dres overlap")
	wantError(t, backward(l.dx, heap(13), mask), "bn: dres has length 13, want 12")

	repeat := func(f bn.Fused) error { return l.Repeat(l.ws, l.y, l.x, f) }
	wantError(t, repeat(bn.Fused{}), "bn: Repeat with a workspace whose last call is not Train")
	must(t, train(bn.Fused{}))
	must(t, repeat(bn.Fused{}))
	wantError(t, l.Repeat(l.ws, l.y, l.x[1:], bn.Fused{}), "bn: x has length 11, want 12")
	wantError(t, repeat(bn.Fused{Mask: mask}), "bn: mask without ReLU")
	must(t, l.Infer(l.ws, l.y, l.x, l.q))
	wantError(t, repeat(bn.Fused{}), "bn: Repeat with a workspace whose last call is not Train")
	must(t, train(bn.Fused{ReLU: true, Mask: mask}))
	must(t, backward(l.dx, nil, mask))
	wantError(t, repeat(bn.Fused{}), "bn: Repeat with a workspace whose last call is not Train")
}

func TestFusedAllocations(t *testing.T) {
	const m, c = 3000, 32
	l := newLayer(t, m, c, bn.Options{}, heap)
	f := bn.Fused{ReLU: true, Mask: make([]uint8, l.MaskLen()), Residual: l.dx}
	dres := make([]float32, m*c)
	if n := testing.AllocsPerRun(20, func() {
		must(t, l.TrainFused(l.ws, l.y, l.x, l.q, l.s, f))
		must(t, l.Repeat(l.ws, l.y, l.x, f))
		must(t, l.BackwardFused(l.ws, l.dx, dres, l.dgamma, l.dbeta, l.dy, l.x, f.Mask, l.q.Gamma, l.s))
		must(t, l.InferFused(l.ws, l.y, l.x, l.q, f))
	}); n != 0 {
		t.Errorf("%v allocations per step, want 0", n)
	}
}
