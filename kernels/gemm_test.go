package kernels_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/kerneltest"
)

var factors = []float32{0, 1, -1, 0.5, 2}

// TestGemmFactors goes through every combination of flags and factors.
func TestGemmFactors(t *testing.T) {
	engines := engines(t)
	for _, p := range []product{{m: 15, n: 33, k: 5}, {m: 3, n: 17, k: 401, gapA: 1, gapB: 2, gapC: 3}} {
		for trans := range 4 {
			for _, alpha := range factors {
				for _, beta := range factors {
					p.transA, p.transB, p.alpha, p.beta = trans&1 != 0, trans&2 != 0, alpha, beta
					checkExact(t, engines, p, plainAllocator)
				}
			}
		}
	}
}

// TestGemmSmall goes through sizes around every register tile.
func TestGemmSmall(t *testing.T) {
	engines := engines(t)
	r := rand.New(rand.NewPCG(1, 1))
	for _, m := range []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 27, 28, 29} {
		for _, n := range []int{0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 47, 48, 63, 64, 65} {
			for _, k := range []int{0, 1, 2, 5} {
				checkExact(t, engines, product{
					transA: r.IntN(2) == 0, transB: r.IntN(2) == 0, m: m, n: n, k: k,
					gapA: r.IntN(3), gapB: r.IntN(3), gapC: r.IntN(3),
					alpha: factors[r.IntN(5)], beta: factors[r.IntN(5)],
				}, plainAllocator)
			}
		}
	}
}

// TestGemmBlocks goes through sizes around the blocks of k and n; in short, through
// every other pair of them.
func TestGemmBlocks(t *testing.T) {
	engines := engines(t)
	trans := 0
	for _, m := range []int{1, 17} {
		for i, n := range []int{31, kernels.BlockN, kernels.BlockN + 1, 2*kernels.BlockN + 1} {
			for j, k := range []int{3, kernels.BlockK - 1, kernels.BlockK, kernels.BlockK + 1, 2*kernels.BlockK + 2} {
				if testing.Short() && (m+i+j)%2 == 1 {
					continue
				}
				checkExact(t, engines, product{
					transA: trans&1 != 0, transB: trans&2 != 0, m: m, n: n, k: k, alpha: -1, beta: float32(trans % 3),
				}, plainAllocator)
				trans++
			}
		}
	}
}

// TestGemmBlocksCopied has a last block of 1008 steps, whose rows would by
// themselves be copied further apart than those of the longer blocks before it.
// Each product is the first of an engine: no buffer is longer than it needs.
func TestGemmBlocksCopied(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
		for _, m := range []int{83, 84} {
			for _, p := range []product{
				{transA: true, m: m, n: 17, k: 2017, alpha: 1},
				{transA: true, m: m, n: 17, k: 3028, alpha: 1},
				{m: m, n: 17, k: 2017, gapA: 2048 - 2017, alpha: 1},
				{m: m, n: 17, k: 2017, gapA: 4096 - 2017, alpha: 1},
				{m: m, n: 17, k: 3028, gapA: 4096 - 3028, alpha: 1},
			} {
				checkExact(t, []*kernels.Engine{newEngine(t, tier, 1)}, p, plainAllocator)
			}
		}
	})
}

// TestGemmStrides puts rows a multiple of the period of L1 apart, or next to
// one.
func TestGemmStrides(t *testing.T) {
	engines := engines(t)
	const m, n, k = 30, 37, 41
	for trans := range 4 {
		for _, ld := range []int{256, 512, 1023, 1024, 1025, 2048, 3072} {
			p := product{transA: trans&1 != 0, transB: trans&2 != 0, m: m, n: n, k: k, alpha: 1, beta: 2}
			_, ac := stored(p.transA, m, k)
			_, bc := stored(p.transB, k, n)
			p.gapA, p.gapB, p.gapC = ld-ac, ld-bc, ld-n
			checkExact(t, engines, p, plainAllocator)
		}
	}
	// Rows that long, and not only that far apart.
	checkExact(t, engines, product{m: 15, n: 5, k: 1024, alpha: 1}, plainAllocator)
	checkExact(t, engines, product{m: 7, n: 1024, k: 3, alpha: 1, beta: 1}, plainAllocator)
}

// TestGemmThreaded is large enough for all threads, in rows and in columns.
func TestGemmThreaded(t *testing.T) {
	engines := threadedEngines(t, kernels.TierAuto)
	for trans := range 4 {
		p := product{transA: trans&1 != 0, transB: trans&2 != 0, alpha: 0.5, beta: -1}
		p.m, p.n, p.k = 301, 63, 401
		checkExact(t, engines, p, plainAllocator)
		p.m, p.n, p.k = 5, 1300, 401
		checkExact(t, engines, p, plainAllocator)
	}
}

// TestGemmEpilogue goes through every combination of parts.
func TestGemmEpilogue(t *testing.T) {
	engines := engines(t)
	for flags := range 1 << 4 {
		for _, k := range []int{0, 7, kernels.BlockK + 6} {
			for _, n := range []int{5, 33, kernels.BlockN + 3} {
				p := product{
					epilogue: true, m: 16, n: n, k: k, gapC: 1, gapR: n % 4,
					transA: k%2 == 0, transB: flags%2 == 0,
					scale: flags&1 != 0, bias: flags&2 != 0, residual: flags&4 != 0,
				}
				if flags&8 != 0 {
					p.act = kernels.ActReLU
				}
				if n*k > 50000 && flags%5 != 0 {
					continue
				}
				checkExact(t, engines, p, plainAllocator)
			}
		}
	}
}

// TestGemmGuarded puts every operand against a page that faults, in front of it
// and behind it.
func TestGemmGuarded(t *testing.T) {
	engines := engines(t)
	for _, atEnd := range []bool{false, true} {
		alloc := func(n int) []float32 { return kerneltest.Guarded(t, n, atEnd) }
		for _, size := range [][3]int{{1, 1, 1}, {14, 32, 9}, {15, 33, 10}, {13, 15, kernels.BlockK + 1}, {6, kernels.BlockN + 3, 2}, {29, 17, 0}} {
			for trans := range 4 {
				for _, gap := range []int{0, 5} {
					p := product{
						transA: trans&1 != 0, transB: trans&2 != 0, m: size[0], n: size[1], k: size[2],
						gapA: gap, gapB: gap, gapC: gap, alpha: 1, beta: float32(gap),
					}
					checkExact(t, engines, p, alloc)
					p.epilogue, p.scale, p.bias, p.residual, p.gapR = true, true, true, true, gap
					checkExact(t, engines, p, alloc)
				}
			}
		}
	}
}

// TestGemmUnread checks what must not be read: C if beta is zero (operands
// starts it as NaN), A and B if alpha is.
func TestGemmUnread(t *testing.T) {
	nan := float32(math.NaN())
	a, b := []float32{nan, nan}, []float32{nan, nan}
	for _, e := range engines(t) {
		c := []float32{1, 2, 3, 4}
		e.Gemm(false, false, 2, 2, 1, 0, a, 1, b, 2, 2, c, 2)
		kerneltest.Equal(t, "alpha=0", c, []float32{2, 4, 6, 8})
		e.Gemm(false, false, 2, 2, 1, 0, a, 1, b, 2, 0, c, 2)
		kerneltest.Equal(t, "alpha=0, beta=0", c, make([]float32, 4))
		c[0] = nan
		e.Gemm(false, false, 2, 2, 0, 1, nil, 1, nil, 2, 0, c, 2)
		kerneltest.Equal(t, "k=0", c, make([]float32, 4))
		e.Gemm(false, false, 2, 2, 1, 1, a, 1, []float32{0, 1}, 2, 0, c, 2)
		kerneltest.Equal(t, "NaN in A", c, []float32{nan, nan, nan, nan})
	}
}

// TestGemmError holds the error of random products to the documented multiple
// of plain sequential float32, and to an absolute bound.
func TestGemmError(t *testing.T) {
	for _, e := range engines(t) {
		for _, k := range []int{10, 100, 1000, 3000} {
			p := product{transB: k == 100, m: 17, n: 65, k: k, alpha: 1, beta: 0}
			o := p.operands(uint64(k), plainAllocator, kerneltest.FillUniform)
			exact := want[float64](p, o)
			sequential, _ := kerneltest.RMSError(want[float32](p, o), exact)
			p.run(e, o, o.c)
			name := fmt.Sprintf("%v k=%d", e.Options().Tier, k)
			kerneltest.Close(t, name+", against sequential", o.c, exact, 1.1*sequential)
			kerneltest.Close(t, name, o.c, exact, 0.4*math.Sqrt(float64(k))*ulp)
		}
		p := product{epilogue: true, m: 17, n: 65, k: 300, scale: true, bias: true, residual: true, act: kernels.ActReLU}
		o := p.operands(1, plainAllocator, kerneltest.FillUniform)
		p.run(e, o, o.c)
		kerneltest.Close(t, "epilogue", o.c, want[float64](p, o), 0.4*math.Sqrt(300)*ulp)
		p = product{m: 17, n: 65, k: 300, alpha: 0.3, beta: -1.7}
		o = p.operands(2, plainAllocator, kerneltest.FillUniform)
		exact := want[float64](p, o)
		p.run(e, o, o.c)
		kerneltest.Close(t, "alpha and beta", o.c, exact, 0.4*math.Sqrt(300)*ulp)
	}
}
