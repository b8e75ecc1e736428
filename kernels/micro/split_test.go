package micro_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/simdconv/simdconv/kernels/kerneltest"
	"github.com/simdconv/simdconv/kernels/micro"
)

// forms are the tiles that heed Steps.
func forms(b *micro.Bundle) map[string]func(rows int, a *micro.TileArgs) {
	return map[string]func(int, *micro.TileArgs){"Rows": b.Rows, "Panel": b.Panel}
}

// newSplitCase draws a tile whose sum is split: rows of C are NR wide.
func newSplitCase(t *testing.T, b *micro.Bundle, r *rand.Rand, rows, cols int) *tileCase {
	atEnd := r.IntN(2) == 0
	tc := newTileCase(t, r, b.NR, rows, cols, false, r.Uint32N(32), atEnd)
	a := &tc.args
	a.Steps = 1 + r.IntN(70)
	a.Segs = []micro.Segment{{K: 1 + r.IntN(a.Steps)}}
	a.LDA, a.LDB, a.LDC = a.Steps+r.IntN(5), b.NR, b.NR+r.IntN(4)
	tc.a = kerneltest.Guarded(t, (rows-1)*a.LDA+a.Steps, atEnd)
	tc.b = kerneltest.Guarded(t, a.Steps*b.NR, atEnd)
	tc.c = kerneltest.Guarded(t, (rows-1)*a.LDC+b.NR, atEnd)
	for _, s := range [][]float32{tc.a, tc.b, tc.c} {
		kerneltest.FillInts(s, r.Uint64(), 4)
	}
	a.A, a.B, a.C = tc.a, tc.b, tc.c
	a.P, a.AheadA = a.B, r.IntN(2)*(r.IntN(1<<20)-1<<19) // prefetches may point anywhere
	return tc
}

// TestSplit runs every kernel that heeds Steps over every number of columns, between
// guard pages: split sums of integers are those in one.
func TestSplit(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T, tier micro.Tier) {
		b := micro.For(tier)
		r := rand.New(rand.NewPCG(5, 6))
		for rows := 1; rows <= b.MR; rows++ {
			for cols := 1; cols <= b.NR; cols++ {
				tc := newSplitCase(t, b, r, rows, cols)
				before := append([]float32(nil), tc.c...)
				block := tc.args.Segs[0].K
				tc.args.Segs[0].K = tc.args.Steps
				want := tc.want(b.NR)
				tc.args.Segs[0].K = block
				for name, form := range forms(b) {
					copy(tc.c, before)
					form(rows, &tc.args)
					what := fmt.Sprintf("%s rows=%d cols=%d steps=%d by %d flags=%b", name, rows, cols, tc.args.Steps, block, tc.args.Flags)
					for i := range rows {
						at := i * tc.args.LDC
						kerneltest.Equal(t, what, tc.c[at:at+cols], want[at:at+cols])
						if end := min(at+tc.args.LDC, len(tc.c)); end > at+b.NR {
							kerneltest.Equal(t, what+" behind the tile", tc.c[at+b.NR:end], before[at+b.NR:end])
						}
					}
				}
			}
		}
	})
}

// TestSplitBits compares split sums of random numbers with one call for each block,
// added to those before.
func TestSplitBits(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T, tier micro.Tier) {
		b := micro.For(tier)
		const steps, block = 203, 64
		rows, nr := b.MR, b.NR
		x, y := make([]float32, rows*steps), make([]float32, steps*nr)
		kerneltest.FillUniform(x, 1)
		kerneltest.FillUniform(y, 2)
		for _, cols := range []int{nr, nr / 2, nr - 1} {
			want := make([]float32, rows*nr)
			a := micro.TileArgs{A: x, B: y, C: want, Residual: want, P: y, LDA: steps, LDB: nr, LDC: nr, LDR: nr, Cols: cols}
			for at := 0; at < steps; at += block {
				a.Segs = []micro.Segment{{K: min(block, steps-at)}}
				a.AOff, a.BOff = at, at*nr
				b.Rows(rows, &a)
				a.Flags = micro.FlagResidual
			}
			for name, form := range forms(b) {
				got := make([]float32, rows*nr)
				a := micro.TileArgs{A: x, B: y, C: got, P: y, LDA: steps, LDB: nr, LDC: nr, Cols: cols, Steps: steps, Segs: []micro.Segment{{K: block}}}
				form(rows, &a)
				for i := range rows {
					kerneltest.Equal(t, fmt.Sprintf("%s of %d columns", name, cols), got[i*nr:i*nr+cols], want[i*nr:i*nr+cols])
				}
			}
		}
	})
}
