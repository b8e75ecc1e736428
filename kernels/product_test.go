package kernels_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/kerneltest"
	"github.com/simdconv/simdconv/kernels/ref"
)

// A product is one call of Gemm or GemmEpilogue. Gaps lie between the rows of
// the operands.
type product struct {
	transA, transB         bool
	m, n, k                int
	gapA, gapB, gapC, gapR int
	alpha, beta            float32
	epilogue               bool
	scale, bias            bool
	residual               bool
	act                    kernels.Activation
}

func (p product) String() string {
	type plain product
	return fmt.Sprintf("%+v", plain(p))
}

// stored returns the sizes of a matrix as stored.
func stored(trans bool, rows, cols int) (int, int) {
	if trans {
		return cols, rows
	}
	return rows, cols
}

func extent(rows, cols, ld int) int {
	if rows == 0 || cols == 0 {
		return 0
	}
	return (rows-1)*ld + cols
}

// operands are the arguments of a product, each exactly as long as it must be.
// C and the gaps of every matrix start out as NaN: reading them shows.
type operands struct {
	a, b, c, scale, bias, residual []float32
	lda, ldb, ldc, ldr             int
}

type allocator func(n int) []float32

func plainAllocator(n int) []float32 { return make([]float32, n) }

func (p product) operands(seed uint64, alloc allocator, fill func([]float32, uint64)) operands {
	var o operands
	matrix := func(rows, cols, gap int, filled bool) ([]float32, int) {
		ld := max(1, cols) + gap
		s := alloc(extent(rows, cols, ld))
		for i := range s {
			s[i] = float32(math.NaN())
		}
		if filled && len(s) > 0 {
			for i := range rows {
				seed++
				fill(s[i*ld:i*ld+cols], seed)
			}
		}
		return s, ld
	}
	vector := func(there bool) []float32 {
		if !there {
			return nil
		}
		s := alloc(p.n)
		seed++
		fill(s, seed)
		return s
	}
	ar, ac := stored(p.transA, p.m, p.k)
	br, bc := stored(p.transB, p.k, p.n)
	o.a, o.lda = matrix(ar, ac, p.gapA, true)
	o.b, o.ldb = matrix(br, bc, p.gapB, true)
	o.c, o.ldc = matrix(p.m, p.n, p.gapC, p.beta != 0)
	o.scale, o.bias = vector(p.scale), vector(p.bias)
	if p.residual {
		o.residual, o.ldr = matrix(p.m, p.n, p.gapR, true)
	}
	return o
}

func (p product) run(e *kernels.Engine, o operands, c []float32) {
	if !p.epilogue {
		e.Gemm(p.transA, p.transB, p.m, p.n, p.k, p.alpha, o.a, o.lda, o.b, o.ldb, p.beta, c, o.ldc)
		return
	}
	e.GemmEpilogue(p.transA, p.transB, p.m, p.n, p.k, o.a, o.lda, o.b, o.ldb, c, o.ldc,
		kernels.Epilogue{Scale: o.scale, Bias: o.bias, Residual: o.residual, LDR: o.ldr, Act: p.act})
}

// want computes the product by definition, in T.
func want[T ref.Float](p product, o operands) []T {
	convert := func(s []float32) []T {
		if s == nil {
			return nil
		}
		d := make([]T, len(s))
		for i, v := range s {
			d[i] = T(v)
		}
		return d
	}
	c := convert(o.c)
	if p.m == 0 || p.n == 0 {
		return c
	}
	alpha, beta := T(p.alpha), T(p.beta)
	if p.epilogue {
		alpha, beta = 1, 0
	}
	var residual []T
	if o.residual != nil {
		for i := range p.m {
			residual = append(residual, convert(o.residual[i*o.ldr:i*o.ldr+p.n])...)
		}
	}
	ref.Gemm(p.transA, p.transB, p.m, p.n, p.k, alpha, convert(o.a), o.lda, convert(o.b), o.ldb, beta, c, o.ldc)
	if !p.epilogue {
		return c
	}
	for i := range p.m {
		row := c[i*o.ldc : i*o.ldc+p.n]
		var r []T
		if residual != nil {
			r = residual[i*p.n : (i+1)*p.n]
		}
		ref.Epilogue(row, convert(o.scale), convert(o.bias), r, p.act == kernels.ActReLU)
	}
	return c
}

// positiveZeros turns -0 into 0: which of the two an exact zero is depends on
// where alpha is multiplied in.
func positiveZeros(s []float32) []float32 {
	for i := range s {
		s[i] += 0
	}
	return s
}

func fillInts(s []float32, seed uint64) { kerneltest.FillInts(s, seed, 3) }

// engines returns one engine for each tier that runs here.
func engines(t testing.TB) []*kernels.Engine {
	t.Helper()
	best, err := kernels.BestTier()
	if err != nil {
		t.Fatal(err)
	}
	var all []*kernels.Engine
	for tier := kernels.TierGeneric; tier <= best; tier++ {
		all = append(all, newEngine(t, tier, 2))
	}
	return all
}

// checkExact compares a product of small integers with its definition on every
// engine: all sums are exact, so the bits must be equal.
func checkExact(t *testing.T, engines []*kernels.Engine, p product, alloc allocator) {
	t.Helper()
	o := p.operands(uint64(p.m*p.n+p.k), alloc, fillInts)
	exact := positiveZeros(want[float32](p, o))
	before := clone(o.c)
	for _, e := range engines {
		copy(o.c, before)
		p.run(e, o, o.c)
		kerneltest.Equal(t, fmt.Sprintf("%v %v", e.Options().Tier, p), positiveZeros(o.c), exact)
	}
}
