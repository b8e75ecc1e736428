package kernels_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/kerneltest"
)

// drawProduct returns a product of random shape, flags, gaps and factors. A
// side is short, around a tile, or around a block now and then.
func drawProduct(r *rand.Rand) product {
	side := func(block int) int {
		switch r.IntN(8) {
		case 0, 1, 2:
			return 1 + r.IntN(5)
		case 3, 4, 5:
			return 1 + r.IntN(70)
		case 6:
			return 1 + r.IntN(200)
		}
		return block - 1 + r.IntN(3)
	}
	gap := func() int { return []int{0, 0, 1, 7, 1024}[r.IntN(5)] }
	p := product{
		transA: r.IntN(2) == 0, transB: r.IntN(2) == 0, m: side(57), n: side(129), k: side(kernels.BlockK),
		gapA: gap(), gapB: gap(), gapC: gap(), alpha: 1,
	}
	switch r.IntN(4) {
	case 0:
		p.alpha, p.beta = r.Float32()*4-2, r.Float32()*4-2
	case 1:
		p.beta = 1
	case 2:
		p.epilogue, p.gapR = true, gap()
		p.scale, p.bias, p.residual = r.IntN(2) == 0, r.IntN(2) == 0, r.IntN(2) == 0
		p.act = kernels.Activation(r.IntN(2))
	}
	return p
}

// TestGemmRandom compares random products between guard pages with float64, on
// every tier, and the vector tiers with each other.
func TestGemmRandom(t *testing.T) {
	rounds := 2000
	if testing.Short() {
		rounds = 150
	}
	engines := engines(t)
	r := rand.New(rand.NewPCG(rand.Uint64(), 5))
	for i := range rounds {
		p := drawProduct(r)
		for p.m*p.n*p.k > 1<<20 {
			p = drawProduct(r)
		}
		atEnd := r.IntN(2) == 0
		o := p.operands(r.Uint64(), func(n int) []float32 { return kerneltest.Guarded(t, n, atEnd) }, kerneltest.FillUniform)
		exact := want[float64](p, o)
		before := clone(o.c)
		// A sum of k+3 products in [-4, 4], or less: every rounding is of a
		// partial sum that stays below 4*(k+3).
		bound := 4 * float64(p.k+3) * float64(p.k+6) * ulp
		var first []float32
		for _, e := range engines {
			copy(o.c, before)
			p.run(e, o, o.c)
			name := fmt.Sprintf("round %d, %v: %v", i, e.Options().Tier, p)
			for at, w := range exact {
				if got := float64(o.c[at]); !(math.Abs(got-w) <= bound || got != got && w != w) {
					t.Fatalf("%s: [%d] = %v, want %v within %g", name, at, got, w, bound)
				}
			}
			switch {
			case e.Options().Tier == kernels.TierGeneric:
			case first == nil:
				first = clone(o.c)
			default:
				kerneltest.Equal(t, name, o.c, first)
			}
		}
	}
}

// TestGemmPathsBits computes one product in every way there is: all
// transpositions, packed before, row by row and few rows at a time.
func TestGemmPathsBits(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
		const m, n, k = 61, 141, kernels.BlockK + 99
		e := newEngine(t, tier, 1)
		a, b := uniform(m*k, 1), uniform(k*n, 2)
		at, bt := transposed(a, m, k), transposed(b, k, n)
		want := make([]float32, m*n)
		e.Gemm(false, false, m, n, k, 1, a, k, b, n, 0, want, n)
		c := make([]float32, m*n)
		for trans := range 4 {
			x, ldx, y, ldy := a, k, b, n
			if trans&1 != 0 {
				x, ldx = at, m
			}
			if trans&2 != 0 {
				y, ldy = bt, k
			}
			fill(c, float32(math.NaN()))
			e.Gemm(trans&1 != 0, trans&2 != 0, m, n, k, 1, x, ldx, y, ldy, 0, c, n)
			kerneltest.Equal(t, fmt.Sprintf("transposition %d", trans), c, want)

			fill(c, float32(math.NaN()))
			packed := e.PackB(trans&2 != 0, n, k, y, ldy)
			e.GemmPacked(trans&1 != 0, m, x, ldx, packed, 0, c, n)
			kerneltest.Equal(t, fmt.Sprintf("packed, transposition %d", trans), c, want)

			fill(c, float32(math.NaN()))
			again := e.PackB(false, n, k, uniform(n*k, 9), n)
			if n := kerneltest.Allocs(func() { e.RepackB(again, trans&2 != 0, y, ldy) }); n > 0 {
				t.Errorf("RepackB: %d allocations", n)
			}
			e.GemmPacked(trans&1 != 0, m, x, ldx, again, 0, c, n)
			kerneltest.Equal(t, fmt.Sprintf("packed again, transposition %d", trans), c, want)

			for rows := 1; rows <= 5; rows++ {
				fill(c, float32(math.NaN()))
				for i := 0; i < m; i += rows {
					step := k
					if trans&1 != 0 {
						step = 1
					}
					e.Gemm(trans&1 != 0, trans&2 != 0, min(rows, m-i), n, k, 1, x[i*step:], ldx, y, ldy, 0, c[i*n:], n)
				}
				kerneltest.Equal(t, fmt.Sprintf("%d rows, transposition %d", rows, trans), c, want)
			}
		}
	})
}

func fill(s []float32, v float32) {
	for i := range s {
		s[i] = v
	}
}

func transposed(s []float32, rows, cols int) []float32 {
	d := make([]float32, len(s))
	for i := range rows {
		for j := range cols {
			d[j*rows+i] = s[i*cols+j]
		}
	}
	return d
}

// TestGemmPackedEpilogue compares with the epilogue of a product that packs.
func TestGemmPackedEpilogue(t *testing.T) {
	for _, e := range engines(t) {
		const m, n, k = 17, 70, 33
		a, b := uniform(m*k, 1), uniform(k*n, 2)
		ep := kernels.Epilogue{Scale: uniform(n, 3), Bias: uniform(n, 4), Residual: uniform(m*n, 5), Act: kernels.ActReLU}
		want, c := make([]float32, m*n), make([]float32, m*n)
		e.GemmEpilogue(false, false, m, n, k, a, k, b, n, want, n, ep)
		packed := e.PackB(false, n, k, b, n)
		e.GemmPackedEpilogue(false, m, a, k, packed, c, n, ep)
		kerneltest.Equal(t, "packed", c, want)
		if n := kerneltest.Allocs(func() { e.GemmPacked(false, m, a, k, packed, 1, c, n) }); n > 0 {
			t.Errorf("%d allocations", n)
		}
		if gk, gn := packed.Size(); gk != k || gn != n {
			t.Errorf("Size() = %d, %d, want %d, %d", gk, gn, k, n)
		}
		for _, size := range [][2]int{{0, 3}, {3, 0}, {0, 0}} {
			empty := e.PackB(false, size[0], size[1], nil, max(1, size[0]))
			c := []float32{1, 2, 3}
			e.GemmPacked(false, 1, nil, max(1, size[1]), empty, 0, c[:size[0]], max(1, size[0]))
		}
	}
}

// TestRepackBAllocs has engines pack that have no workspace yet, as one has whose
// workspaces are all in use.
func TestRepackBAllocs(t *testing.T) {
	b := uniform(20, 1)
	var fresh []*kernels.Engine
	for range 40 {
		fresh = append(fresh, newEngine(t, kernels.TierAuto, 1))
	}
	packed := fresh[0].PackB(false, 5, 4, b, 5)
	i := 0
	if n := kerneltest.Allocs(func() { i++; fresh[i].RepackB(packed, false, b, 5) }); n > 0 {
		t.Errorf("%d allocations", n)
	}
}

// TestPackBPanics makes one argument wrong at a time.
func TestPackBPanics(t *testing.T) {
	all := engines(t)
	e := all[0]
	b := make([]float32, 20)
	wantPanic(t, "kernels: negative dimension", func() { e.PackB(false, -1, 4, b, 5) })
	wantPanic(t, "kernels: bad leading dimension of b", func() { e.PackB(false, 5, 4, b, 4) })
	wantPanic(t, "kernels: insufficient length of b", func() { e.PackB(false, 5, 4, b[:19], 5) })
	wantPanic(t, "kernels: insufficient length of b", func() { e.PackB(true, 5, 4, b[:19], 4) })
	packed := e.PackB(false, 5, 4, b, 5)
	wantPanic(t, "kernels: bad leading dimension of b", func() { e.RepackB(packed, false, b, 4) })
	wantPanic(t, "kernels: insufficient length of b", func() { e.RepackB(packed, false, b[:19], 5) })
	wantPanic(t, "kernels: insufficient length of b", func() { e.RepackB(packed, true, b[:19], 4) })
	wantPanic(t, "kernels: insufficient length of a", func() { e.GemmPacked(false, 2, b[:7], 4, packed, 0, make([]float32, 10), 5) })
	wantPanic(t, "kernels: insufficient length of c", func() { e.GemmPacked(false, 2, b[:8], 4, packed, 0, make([]float32, 9), 5) })
	if len(all) > 1 {
		wantPanic(t, "kernels: b was packed on another tier", func() { all[1].RepackB(packed, false, b, 5) })
		wantPanic(t, "kernels: b was packed on another tier", func() { all[1].GemmPacked(false, 2, b, 4, packed, 0, make([]float32, 10), 5) })
	}
}

// TestCopiedLDA holds copied rows apart, off the period of L1.
func TestCopiedLDA(t *testing.T) {
	for kc := 1; kc <= kernels.BlockK; kc++ {
		if ld := kernels.CopiedLDA(kc); ld < kc || ld%1024 == 0 {
			t.Fatalf("rows of %d steps are copied %d apart", kc, ld)
		}
	}
}

// TestGemmNarrow compares results of few columns, which may take a lower tier's
// tile, with the same columns of a wide result and with B packed before.
func TestGemmNarrow(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
		const m, wide, k = 61, 40, 150
		e := newEngine(t, tier, 1)
		a, b := uniform(m*k, 1), uniform(k*wide, 2)
		want := make([]float32, m*wide)
		e.Gemm(false, false, m, wide, k, 1, a, k, b, wide, 0, want, wide)
		for n := 1; n <= 17; n++ {
			for _, c := range []struct {
				name string
				run  func(c []float32)
			}{
				{"Gemm", func(c []float32) { e.Gemm(false, false, m, n, k, 1, a, k, b, wide, 0, c, wide) }},
				{"GemmPacked", func(c []float32) { e.GemmPacked(false, m, a, k, e.PackB(false, n, k, b, wide), 0, c, wide) }},
			} {
				got := clone(want)
				for i := range m {
					fill(got[i*wide:][:n], float32(math.NaN()))
				}
				c.run(got)
				kerneltest.Equal(t, fmt.Sprintf("%s, %d columns", c.name, n), got, want)
			}
		}
	})
}

// TestGemmRowsShared shares out a product of few rows, but more than a portable
// tile has, among so many threads that they might divide the rows.
func TestGemmRowsShared(t *testing.T) {
	const m, n, k, threads = 4, 256, 14700, 15
	if testing.Short() {
		t.Skip("30 MFLOP in plain Go")
	}
	a, b := make([]float32, m*k), make([]float32, k*n)
	kerneltest.FillInts(a, 1, 3)
	kerneltest.FillInts(b, 2, 3)
	for _, transA := range []bool{false, true} {
		lda := k
		if transA {
			lda = m
		}
		want, got := make([]float32, m*n), make([]float32, m*n)
		fill(want, 1)
		fill(got, 1)
		newEngine(t, kernels.TierGeneric, 1).Gemm(transA, false, m, n, k, 1, a, lda, b, n, 1, want, n)
		newEngine(t, kernels.TierGeneric, threads).Gemm(transA, false, m, n, k, 1, a, lda, b, n, 1, got, n)
		kerneltest.Equal(t, fmt.Sprintf("transA %v", transA), got, want)
	}
}
