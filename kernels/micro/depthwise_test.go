package micro_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/simdconv/simdconv/kernels/kerneltest"
	"github.com/simdconv/simdconv/kernels/micro"
)

// A depthwiseCase is one call with operands of small integers that are exactly
// as long as the kernel may touch.
type depthwiseCase struct {
	args              micro.TileArgs
	rows              int
	outer             bool
	a, b, c, residual []float32
}

func newDepthwiseCase(t testing.TB, r *rand.Rand, rows, cols int, outer bool, flags uint32, atEnd bool) *depthwiseCase {
	tc := &depthwiseCase{rows: rows, outer: outer}
	lda, ldb, ldc, ldr := cols+r.IntN(4), cols+r.IntN(4), cols+r.IntN(4), cols+r.IntN(4)
	var segs []micro.Segment
	aEnd, bEnd := 0, 0
	for range r.IntN(5) {
		s := micro.Segment{A: r.IntN(40), B: r.IntN(40), K: 1}
		lines, linesB := rows, 1
		if outer {
			s.K = 1 + r.IntN(9)
			lines, linesB = s.K, s.K
		}
		segs = append(segs, s)
		aEnd, bEnd = max(aEnd, s.A+(lines-1)*lda+cols), max(bEnd, s.B+(linesB-1)*ldb+cols)
	}
	tc.a, tc.b = kerneltest.Guarded(t, aEnd, atEnd), kerneltest.Guarded(t, bEnd, atEnd)
	tc.c = kerneltest.Guarded(t, (rows-1)*ldc+cols, atEnd)
	tc.residual = kerneltest.Guarded(t, (rows-1)*ldr+cols, atEnd)
	scale, bias := kerneltest.Guarded(t, cols, atEnd), kerneltest.Guarded(t, cols, atEnd)
	for _, s := range [][]float32{tc.a, tc.b, tc.c, tc.residual, scale, bias} {
		kerneltest.FillInts(s, r.Uint64(), 4)
	}
	tc.args = micro.TileArgs{
		A: tc.a, B: tc.b, C: tc.c, Scale: scale, Bias: bias, Residual: tc.residual, Segs: segs,
		LDA: lda, LDB: ldb, LDC: ldc, LDR: ldr, Cols: cols, Beta: float32(r.IntN(3) - 1), Flags: flags,
	}
	return tc
}

// want computes the call by definition.
func (tc *depthwiseCase) want() []float32 {
	a := &tc.args
	c := append([]float32(nil), tc.c...)
	for i := range tc.rows {
		for j := range a.Cols {
			var sum float32
			if a.Flags&micro.FlagLoad != 0 {
				sum = a.Beta * tc.c[i*a.LDC+j]
			}
			for _, s := range a.Segs {
				if !tc.outer {
					sum += tc.a[s.A+i*a.LDA+j] * tc.b[s.B+j]
					continue
				}
				for k := range s.K {
					sum += tc.a[s.A+k*a.LDA+j] * tc.b[s.B+k*a.LDB+j]
				}
			}
			if a.Flags&micro.FlagScale != 0 {
				sum *= a.Scale[j]
			}
			if a.Flags&micro.FlagBias != 0 {
				sum += a.Bias[j]
			}
			if a.Flags&micro.FlagResidual != 0 {
				sum += tc.residual[i*a.LDR+j]
			}
			if a.Flags&micro.FlagReLU != 0 && sum < 0 {
				sum = 0
			}
			c[i*a.LDC+j] = sum
		}
	}
	return c
}

// TestDepthwise runs the depthwise kernels over every number of pixels, of
// channels around every width, and flags, with guard pages at either end.
func TestDepthwise(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T, tier micro.Tier) {
		b := micro.For(tier)
		r := rand.New(rand.NewPCG(5, 6))
		for rows := 1; rows <= micro.DepthwiseRows; rows++ {
			for cols := 1; cols <= 84; cols++ {
				tc := newDepthwiseCase(t, r, rows, cols, false, r.Uint32N(32), r.IntN(2) == 0)
				want := tc.want()
				b.Depthwise(rows, &tc.args)
				kerneltest.Equal(t, fmt.Sprintf("rows=%d cols=%d flags=%b segs=%v", rows, cols, tc.args.Flags, tc.args.Segs), tc.c, want)
			}
		}
		for cols := 1; cols <= 200; cols++ {
			tc := newDepthwiseCase(t, r, 1, cols, true, r.Uint32N(2)*micro.FlagLoad, r.IntN(2) == 0)
			want := tc.want()
			b.DepthwiseOuter(&tc.args)
			kerneltest.Equal(t, fmt.Sprintf("outer cols=%d flags=%b segs=%v", cols, tc.args.Flags, tc.args.Segs), tc.c, want)
		}
	})
}

// TestDepthwiseOffsets moves every operand's start through its offset instead.
func TestDepthwiseOffsets(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T, tier micro.Tier) {
		r := rand.New(rand.NewPCG(7, 8))
		tc := newDepthwiseCase(t, r, 5, 37, false, 31, true)
		want := tc.want()
		shift := func(s []float32, n int) []float32 { return append(make([]float32, n), s...) }
		a := &tc.args
		a.A, a.AOff = shift(tc.a, 3), 3
		a.B, a.BOff = shift(tc.b, 5), 5
		a.C, a.COff = shift(tc.c, 7), 7
		a.Residual, a.ROff = shift(tc.residual, 9), 9
		a.Scale, a.Bias, a.VOff = shift(a.Scale, 11), shift(a.Bias, 11), 11
		micro.For(tier).Depthwise(5, a)
		kerneltest.Equal(t, "shifted", a.C[7:], want)
	})
}

func TestDepthwiseRowsOutOfRange(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T, tier micro.Tier) {
		for _, rows := range []int{-1, 0, micro.DepthwiseRows + 1} {
			func() {
				defer func() {
					if recover() == nil {
						t.Errorf("rows=%d did not panic", rows)
					}
				}()
				micro.For(tier).Depthwise(rows, &micro.TileArgs{})
			}()
		}
	})
}
