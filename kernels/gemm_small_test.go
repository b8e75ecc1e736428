package kernels_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/kerneltest"
)

// smallShapes lie around the tiles of all tiers, and around what is small.
var smallShapes = []product{
	{m: 6, n: 15, k: 33}, {m: 15, n: 16, k: 64}, {m: 29, n: 17, k: 9},
	{m: 8, n: 8, k: 8}, {m: 13, n: 31, k: 1}, {m: 14, n: 32, k: 128}, {m: 43, n: 33, k: 7}, {m: 48, n: 48, k: 48},
	{m: 57, n: 63, k: 65}, {m: 64, n: 64, k: 64}, {m: 64, n: 64, k: 65}, {m: 121, n: 64, k: 64}, {m: 123, n: 64, k: 64},
	{m: 5, n: 32, k: 1024}, {m: 5, n: 31, k: 1025}, {m: 200, n: 128, k: 256}, {m: 50, n: 129, k: 256},
}

// TestGemmInPlace compares small products, between guard pages, with their definition.
func TestGemmInPlace(t *testing.T) {
	engines := engines(t)
	for i, p := range smallShapes {
		p.gapA, p.gapB, p.gapC, p.gapR = i%3, i%2, i%5, i%4
		atEnd := i%2 == 0
		alloc := func(n int) []float32 { return kerneltest.Guarded(t, n, atEnd) }
		for _, beta := range []float32{0, 1, -2} {
			p.alpha, p.beta = 1, beta
			checkExact(t, engines, p, alloc)
		}
		p.beta = 0
		p.epilogue, p.scale, p.bias, p.residual, p.act = true, true, true, true, kernels.ActReLU
		checkExact(t, engines, p, alloc)
	}
}

// TestGemmInPlaceBits compares small products with the same ones packed before, which
// take the way of large ones, and counts allocations.
func TestGemmInPlaceBits(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
		e := newEngine(t, tier, 1)
		for _, p := range smallShapes {
			a, b := uniform(p.m*p.k, 1), uniform(p.k*p.n, 2)
			want, c := make([]float32, p.m*p.n), make([]float32, p.m*p.n)
			e.GemmPacked(false, p.m, a, p.k, e.PackB(false, p.n, p.k, b, p.n), 0, want, p.n)
			fill(c, float32(math.NaN()))
			e.Gemm(false, false, p.m, p.n, p.k, 1, a, p.k, b, p.n, 0, c, p.n)
			kerneltest.Equal(t, fmt.Sprintf("%dx%dx%d", p.m, p.n, p.k), c, want)
			if n := kerneltest.Allocs(func() { e.Gemm(false, false, p.m, p.n, p.k, 1, a, p.k, b, p.n, 0, c, p.n) }); n > 0 {
				t.Errorf("%dx%dx%d: %d allocations", p.m, p.n, p.k, n)
			}
		}
	})
}
