package micro_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/simdconv/simdconv/kernels/kerneltest"
	"github.com/simdconv/simdconv/kernels/micro"
)

// A tileCase is one tile with operands of small integers, so that every sum is
// exact and results compare as bits.
type tileCase struct {
	args     micro.TileArgs
	rows     int
	outer    bool
	a, b, c  []float32
	scale    []float32
	bias     []float32
	residual []float32
}

// newTileCase draws a tile. Its operands end (or start) at a guard page and are
// exactly as long as the kernel may touch.
func newTileCase(t testing.TB, r *rand.Rand, nr, rows, cols int, outer bool, flags uint32, atEnd bool) *tileCase {
	tc := &tileCase{rows: rows, outer: outer}
	var segs []micro.Segment
	steps := 0
	for range r.IntN(4) {
		s := micro.Segment{K: 1 + r.IntN(11)}
		steps += s.K
		segs = append(segs, s)
	}
	// Segments are laid one behind the other with gaps, in A and in B.
	lda, ldb := steps+r.IntN(5)+len(segs), nr
	if outer {
		lda, ldb = rows+r.IntN(5), cols+r.IntN(5)
	}
	aStep, bStep := 1, nr
	if outer {
		aStep, bStep = lda, ldb
	}
	aAt, bAt := 0, 0
	aEnd, bEnd := 0, 0
	for i := range segs {
		segs[i].A, segs[i].B = aAt, bAt
		last := segs[i].K - 1
		if outer {
			aEnd, bEnd = aAt+last*lda+rows, bAt+last*ldb+cols
		} else {
			aEnd, bEnd = aAt+last+(rows-1)*lda+1, bAt+last*nr+nr
		}
		aAt += (segs[i].K + r.IntN(2)) * aStep
		bAt += (segs[i].K + r.IntN(2)) * bStep
	}
	ldc, ldr := cols+r.IntN(4), cols+r.IntN(4)
	tc.a = kerneltest.Guarded(t, aEnd, atEnd)
	tc.b = kerneltest.Guarded(t, bEnd, atEnd)
	tc.c = kerneltest.Guarded(t, (rows-1)*ldc+cols, atEnd)
	tc.scale = kerneltest.Guarded(t, cols, atEnd)
	tc.bias = kerneltest.Guarded(t, cols, atEnd)
	tc.residual = kerneltest.Guarded(t, (rows-1)*ldr+cols, atEnd)
	for _, s := range [][]float32{tc.a, tc.b, tc.c, tc.scale, tc.bias, tc.residual} {
		kerneltest.FillInts(s, r.Uint64(), 4)
	}
	tc.args = micro.TileArgs{
		A: tc.a, B: tc.b, C: tc.c, Scale: tc.scale, Bias: tc.bias, Residual: tc.residual, Segs: segs,
		LDA: lda, LDB: ldb, LDC: ldc, LDR: ldr, Cols: cols, Beta: float32(r.IntN(3) - 1), Flags: flags,
	}
	return tc
}

// want computes the tile by definition.
func (tc *tileCase) want(nr int) []float32 {
	a := &tc.args
	c := append([]float32(nil), tc.c...)
	for i := range tc.rows {
		for j := range a.Cols {
			var sum float32
			if a.Flags&micro.FlagLoad != 0 {
				sum = a.Beta * tc.c[i*a.LDC+j]
			}
			for _, s := range a.Segs {
				for k := range s.K {
					if tc.outer {
						sum += tc.a[s.A+k*a.LDA+i] * tc.b[s.B+k*a.LDB+j]
					} else {
						sum += tc.a[s.A+i*a.LDA+k] * tc.b[s.B+k*nr+j]
					}
				}
			}
			if a.Flags&micro.FlagScale != 0 {
				sum *= tc.scale[j]
			}
			if a.Flags&micro.FlagBias != 0 {
				sum += tc.bias[j]
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

func (tc *tileCase) run(b *micro.Bundle) {
	if tc.outer {
		b.Outer(tc.rows, &tc.args)
	} else {
		b.Rows(tc.rows, &tc.args)
	}
}

// TestTile runs every kernel of every tier over every number of columns and
// every combination of flags, with guard pages at both ends of every operand.
func TestTile(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T, tier micro.Tier) {
		b := micro.For(tier)
		r := rand.New(rand.NewPCG(1, 2))
		for _, outer := range []bool{false, true} {
			for rows := 1; rows <= b.MR; rows++ {
				t.Run(fmt.Sprintf("outer=%v/rows=%d", outer, rows), func(t *testing.T) {
					for cols := 1; cols <= b.NR; cols++ {
						for range 4 {
							tc := newTileCase(t, r, b.NR, rows, cols, outer, r.Uint32N(32), r.IntN(2) == 0)
							want := tc.want(b.NR)
							tc.run(b)
							kerneltest.Equal(t, fmt.Sprintf("cols=%d flags=%b segs=%v", cols, tc.args.Flags, tc.args.Segs), tc.c, want)
						}
					}
				})
			}
		}
	})
}

// TestTileOffsets moves every operand's start through its offset instead.
func TestTileOffsets(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T, tier micro.Tier) {
		b := micro.For(tier)
		r := rand.New(rand.NewPCG(3, 4))
		for _, outer := range []bool{false, true} {
			tc := newTileCase(t, r, b.NR, b.MR, b.NR-1, outer, 31, true)
			want := tc.want(b.NR)
			shift := func(s []float32, n int) []float32 { return append(make([]float32, n), s...) }
			a := &tc.args
			a.A, a.AOff = shift(tc.a, 3), 3
			a.B, a.BOff = shift(tc.b, 5), 5
			a.C, a.COff = shift(tc.c, 7), 7
			a.Residual, a.ROff = shift(tc.residual, 9), 9
			a.Scale, a.Bias, a.VOff = shift(tc.scale, 11), shift(tc.bias, 11), 11
			tc.run(b)
			kerneltest.Equal(t, "shifted", a.C[7:], want)
		}
	})
}

// TestTileBitsAcrossTiers compares the two vector tiers on random data: one
// chain of fused multiply-adds per result leaves no room for differences.
func TestTileBitsAcrossTiers(t *testing.T) {
	for _, tier := range []micro.Tier{micro.AVX2, micro.AVX512} {
		if _, err := micro.Resolve(tier); err != nil {
			t.Skip(err)
		}
	}
	const rows, cols, steps = 6, 16, 301
	fill := func(n int, seed uint64) []float32 {
		s := make([]float32, n)
		kerneltest.FillUniform(s, seed)
		return s
	}
	a, c0 := fill(rows*steps, 1), fill(rows*cols, 2)
	bias, scale, residual := fill(cols, 3), fill(cols, 4), fill(rows*cols, 5)
	plain := fill(steps*cols, 6)
	var results [][]float32
	for _, tier := range []micro.Tier{micro.AVX2, micro.AVX512} {
		b := micro.For(tier)
		panel := make([]float32, steps*b.NR)
		for k := range steps {
			copy(panel[k*b.NR:], plain[k*cols:(k+1)*cols])
		}
		c := append([]float32(nil), c0...)
		b.Rows(rows, &micro.TileArgs{A: a, B: panel, C: c, Bias: bias, Scale: scale, Residual: residual,
			Segs: []micro.Segment{{K: steps}}, LDA: steps, LDC: cols, LDR: cols, Cols: cols, Beta: 0.7, Flags: 31})
		results = append(results, c)
	}
	kerneltest.Equal(t, "avx512", results[1], results[0])
}

func TestRowsOutOfRange(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T, tier micro.Tier) {
		b := micro.For(tier)
		for _, rows := range []int{-1, 0, b.MR + 1} {
			func() {
				defer func() {
					if recover() == nil {
						t.Errorf("rows=%d did not panic", rows)
					}
				}()
				b.Rows(rows, &micro.TileArgs{})
			}()
		}
	})
}
