package conv_test

import (
	"fmt"
	"testing"

	"github.com/simdconv/simdconv/conv"
	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/kerneltest"
)

// bitsShapes round at every step. Most are work enough for seven threads.
func bitsShapes(t testing.TB) (shapes []conv.Shape) {
	t.Helper()
	for _, s := range []conv.Shape{
		{N: 4, C: 37, K: 45, Window: window(12, 3, 1, 1)},
		{N: 2, C: 150, K: 40, Window: window(9, 3, 2, 1)},
		{N: 2, C: 130, K: 200, Window: window(8, 1, 1, 0)},
		{N: 1, C: 3, K: 32, Window: window(35, 7, 2, 3)},
		{N: 2, C: 60, K: 84, Groups: 3, Window: window(11, 3, 1, 1)},
		{N: 5, C: 40, K: 40, Groups: 40, Window: window(13, 3, 1, 1)},
		{N: 1, C: 700, K: 33, Window: window(3, 3, 1, 1)},
		{N: 1, C: 5, K: 35, Window: window(72, 3, 1, 1)}, // tiles take turns in the gradient of the weights
		{N: 1, C: 24, K: 24, Window: window(24, 5, 1, 2)},
		{N: 1, C: 1024, K: 33, Window: window(5, 1, 1, 0)}, // pixels 4 KiB apart
	} {
		s, err := s.Check()
		must(t, err)
		shapes = append(shapes, s)
	}
	return shapes
}

// uniformEpilogue has every part.
func uniformEpilogue(s conv.Shape) conv.Epilogue {
	ep := conv.Epilogue{Scale: make([]float32, s.K), Bias: make([]float32, s.K), Residual: make([]float32, s.YLen()), Act: kernels.ActReLU}
	kerneltest.FillUniform(ep.Scale, 4)
	kerneltest.FillUniform(ep.Bias, 5)
	kerneltest.FillUniform(ep.Residual, 6)
	return ep
}

// TestThreadsBits compares the bits of 1, 2 and 7 threads.
func TestThreadsBits(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
		options := threads(t, tier)
		for i, s := range bitsShapes(t) {
			if tier == kernels.TierGeneric && i%4 != 0 {
				continue
			}
			in, ep := newInputs(s, stale, kerneltest.FillUniform), uniformEpilogue(s)
			for _, a := range algorithms(s) {
				one := newLayer(t, s, options[0], a).run(t, in, stale, ep)
				for _, o := range options[1:] {
					got := newLayer(t, s, o, a).run(t, in, stale, ep)
					equal(t, fmt.Sprintf("%v by %v, %d threads", s, a, o.Threads), got, one)
				}
			}
		}
	})
}

// TestTiersBits compares the bits of AVX2 and AVX-512, in every pass.
func TestTiersBits(t *testing.T) {
	skipWithout(t, kernels.TierAVX2, kernels.TierAVX512)
	for _, s := range bitsShapes(t) {
		in, ep := newInputs(s, stale, kerneltest.FillUniform), uniformEpilogue(s)
		for _, a := range algorithms(s) {
			avx2 := newLayer(t, s, kernels.Options{Tier: kernels.TierAVX2}, a).run(t, in, stale, ep)
			avx512 := newLayer(t, s, kernels.Options{Tier: kernels.TierAVX512}, a).run(t, in, stale, ep)
			equal(t, fmt.Sprintf("%v by %v", s, a), avx512, avx2)
		}
	}
}

// TestAlgorithmsBits compares the bits of direct and im2col, whose reductions
// have the same order forward and in the gradient of the weights.
func TestAlgorithmsBits(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
		for i, s := range bitsShapes(t) {
			if tier == kernels.TierGeneric && i%4 != 0 {
				continue
			}
			in, ep := newInputs(s, stale, kerneltest.FillUniform), uniformEpilogue(s)
			direct := newLayer(t, s, kernels.Options{Tier: tier}, conv.Direct).run(t, in, stale, ep)
			im2col := newLayer(t, s, kernels.Options{Tier: tier}, conv.Im2col).run(t, in, stale, ep)
			im2col.dx = nil // summed within each tap first
			equal(t, s.String(), im2col, direct)
		}
	})
}

// TestBatchBits checks that an image has the same result alone as in a batch,
// by every algorithm and by the one the plan chooses.
func TestBatchBits(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
		for i, s := range bitsShapes(t) {
			if s.N == 1 || tier == kernels.TierGeneric && i%4 != 0 {
				continue
			}
			single := s
			single.N = 1
			in := newInputs(s, stale, kerneltest.FillUniform)
			for _, a := range append(algorithms(s), conv.Auto) {
				batch := newLayer(t, s, kernels.Options{Tier: tier}, a).run(t, in, stale, conv.Epilogue{})
				one := newLayer(t, single, kernels.Options{Tier: tier}, a)
				xLen, yLen := single.XLen(), single.YLen()
				for n := range s.N {
					x, y := n*xLen, n*yLen
					got := one.run(t, inputs{single, in.x[x : x+xLen], in.w, in.dy[y : y+yLen]}, stale, conv.Epilogue{})
					got.dw, got.db = nil, nil // sums over the batch
					want := outputs[float32]{y: batch.y[y : y+yLen]}
					if batch.dx != nil {
						want.dx = batch.dx[x : x+xLen]
					}
					equal(t, fmt.Sprintf("%v by %v, image %d", s, a, n), got, want)
				}
			}
		}
	})
}

// TestRepeatBits runs a layer twice: nothing of a run is left for the next.
func TestRepeatBits(t *testing.T) {
	s := bitsShapes(t)[0]
	in, ep := newInputs(s, stale, kerneltest.FillUniform), uniformEpilogue(s)
	for _, a := range algorithms(s) {
		l := newLayer(t, s, kernels.Options{}, a)
		first := l.run(t, in, stale, ep)
		l.run(t, newInputs(s, stale, func(dst []float32, _ uint64) { fillInts(dst, 9) }), stale, conv.Epilogue{})
		equal(t, a.String(), l.run(t, in, stale, ep), first)
	}
}
