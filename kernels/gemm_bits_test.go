package kernels_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/kerneltest"
	"github.com/simdconv/simdconv/kernels/micro"
	"github.com/simdconv/simdconv/kernels/parallel"
)

// bitsProducts are large enough to be shared out, along rows and along columns.
var bitsProducts = []product{
	{m: 103, n: 330, k: kernels.BlockK + 17, alpha: 1},
	{m: 5, n: 1100, k: 801, alpha: 0.3, beta: 1.7},
	{m: 700, n: 9, k: kernels.BlockK + 6, alpha: -1.1, beta: 1, gapA: 3, gapC: 1},
	{m: 61, n: 65, k: 500, gapA: 12, gapB: 447, epilogue: true, scale: true, bias: true, residual: true, act: kernels.ActReLU},
	{m: 64, n: 64, k: 64, epilogue: true, bias: true},
}

// TestGemmThreadsBits compares the bits of 1, 2 and 7 threads.
func TestGemmThreadsBits(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
		engines := threadedEngines(t, tier)
		for i, p := range bitsProducts {
			for trans := range 4 {
				if tier == kernels.TierGeneric && trans != i%4 {
					continue
				}
				p.transA, p.transB = trans&1 != 0, trans&2 != 0
				o := p.operands(uint64(i), plainAllocator, kerneltest.FillUniform)
				one := clone(o.c)
				p.run(engines[0], o, one)
				for _, e := range engines[1:] {
					c := clone(o.c)
					p.run(e, o, c)
					kerneltest.Equal(t, fmt.Sprintf("%d threads: %v", e.Options().Threads, p), c, one)
				}
			}
		}
	})
}

// TestGemmTailBits compares one thread with the tasks that large products have, on
// some that have one block of tiles, several, and too few for a tail.
func TestGemmTailBits(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
		engines := threadedEngines(t, tier)
		for i, p := range []product{
			{m: 400, n: 130, k: 40, alpha: 1, beta: 0.7},
			{m: 231, n: 70, k: kernels.BlockK + 5, alpha: 1, gapA: 2048 - kernels.BlockK - 5, gapC: 3},
			{m: 115, n: 9, k: 33, alpha: 0.3},
			{m: 4, n: 700, k: 60, alpha: 1, beta: 1},
		} {
			for trans := range 4 {
				if tier == kernels.TierGeneric && (trans != i%4 || p.k > kernels.BlockK) {
					continue
				}
				p.transA, p.transB = trans&1 != 0, trans&2 != 0
				o := p.operands(uint64(i), plainAllocator, kerneltest.FillUniform)
				one := clone(o.c)
				p.run(engines[0], o, one)
				for _, e := range engines[1:] {
					c := clone(o.c)
					e.GemmTail(p.transA, p.transB, p.m, p.n, p.k, p.alpha, o.a, o.lda, o.b, o.ldb, p.beta, c, o.ldc)
					kerneltest.Equal(t, fmt.Sprintf("%d threads: %v", e.Options().Threads, p), c, one)
				}
			}
		}
	})
}

// TestGemmTiersBits compares the bits of AVX2 and AVX-512.
func TestGemmTiersBits(t *testing.T) {
	for _, tier := range []kernels.Tier{kernels.TierAVX2, kernels.TierAVX512} {
		if _, err := (kernels.Options{Tier: tier}).Resolve(); err != nil {
			t.Skip(err)
		}
	}
	avx2, avx512 := newEngine(t, kernels.TierAVX2, 1), newEngine(t, kernels.TierAVX512, 1)
	for i, p := range bitsProducts {
		for trans := range 4 {
			p.transA, p.transB = trans&1 != 0, trans&2 != 0
			o := p.operands(uint64(i), plainAllocator, kerneltest.FillUniform)
			c := clone(o.c)
			p.run(avx2, o, c)
			p.run(avx512, o, o.c)
			kerneltest.Equal(t, p.String(), o.c, c)
		}
	}
}

// TestGemmPartsBits checks that a result's bits do not depend on which other
// rows and columns are computed with it.
func TestGemmPartsBits(t *testing.T) {
	for _, e := range engines(t) {
		p := product{m: 31, n: 70, k: 399, alpha: 1}
		o := p.operands(1, plainAllocator, kerneltest.FillUniform)
		p.run(e, o, o.c)
		const i, j, m, n = 9, 37, 7, 5
		part := make([]float32, m*n)
		e.Gemm(false, false, m, n, p.k, 1, o.a[i*o.lda:], o.lda, o.b[j:], o.ldb, 0, part, n)
		for r := range m {
			kerneltest.Equal(t, "part", part[r*n:(r+1)*n], o.c[(i+r)*o.ldc+j:][:n])
		}
	}
}

func TestGemmAllocs(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
		for _, e := range threadedEngines(t, tier) {
			for i, p := range bitsProducts {
				p.n, p.k = min(p.n, 500), min(p.k, 200)
				o := p.operands(uint64(i), plainAllocator, kerneltest.FillUniform)
				if n := kerneltest.Allocs(func() { p.run(e, o, o.c) }); n > 0 {
					t.Errorf("%d threads: %d allocations: %v", e.Options().Threads, n, p)
				}
			}
		}
	})
}

// TestGemmAllocsAwake has products that are shared only with threads that are awake
// allocate for these before any is.
func TestGemmAllocsAwake(t *testing.T) {
	pool := parallel.New(7)
	defer pool.Close()
	pool.SetSpin(0)
	e, err := kernels.New(kernels.Options{Threads: 7, Pool: pool})
	if err != nil {
		t.Fatal(err)
	}
	x := uniform(80*80, 1)
	for _, want := range []int{1, 2} { // workers that 64^3 and 80^3 are worth
		n := 64 + 16*(want-1)
		e.Gemm(false, true, n, n, n, 1, x, n, x, n, 0, make([]float32, n*n), n)
		if got := e.PackingRoom(); got != want {
			t.Errorf("%d^3: %d workers have room to pack, want %d", n, got, want)
		}
	}
}

// TestGemmConcurrent uses one engine from many goroutines.
func TestGemmConcurrent(t *testing.T) {
	e := threadedEngines(t, kernels.TierAuto)[2]
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range 6 {
				p := product{transA: g%2 == 0, transB: i%2 == 0, m: 10 + 20*g, n: 70, k: 100 * i, alpha: 2}
				o := p.operands(uint64(g), plainAllocator, fillInts)
				exact := positiveZeros(want[float32](p, o))
				p.run(e, o, o.c)
				kerneltest.Equal(t, p.String(), positiveZeros(o.c), exact)
			}
		}()
	}
	wg.Wait()
}

// TestGemmBlockBound holds the longest tile call to the manifest's bound.
func TestGemmBlockBound(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
		if most := micro.For(tier).MaxSteps; kernels.BlockK > most {
			t.Errorf("blocks of %d steps, %d allowed", kernels.BlockK, most)
		}
	})
}
