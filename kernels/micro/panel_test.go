package micro_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/simdconv/simdconv/kernels/kerneltest"
	"github.com/simdconv/simdconv/kernels/micro"
)

// TestPanel runs every Fused and Panel kernel over every number of columns and
// combination of flags, between guard pages: Fused packs a panel from B in
// place, or leaves it there, and Panel reads the panel.
func TestPanel(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T, tier micro.Tier) {
		b := micro.For(tier)
		r := rand.New(rand.NewPCG(1, 2))
		for rows := 1; rows <= b.MR; rows++ {
			for cols := 1; cols <= b.NR; cols++ {
				testPanel(t, b, r, rows, cols)
			}
		}
	})
}

func testPanel(t *testing.T, b *micro.Bundle, r *rand.Rand, rows, cols int) {
	atEnd := r.IntN(2) == 0
	tc := newTileCase(t, r, b.NR, rows, cols, false, r.Uint32N(32), atEnd)
	a := &tc.args
	steps := 1 + r.IntN(11)
	a.Segs = []micro.Segment{{K: steps}}
	a.LDA, a.LDB = steps+r.IntN(5), cols+r.IntN(5)
	a.A = kerneltest.Guarded(t, (rows-1)*a.LDA+steps, atEnd)
	a.P = kerneltest.Guarded(t, steps*b.NR, atEnd)
	inPlace := kerneltest.Guarded(t, (steps-1)*a.LDB+cols, atEnd)
	kerneltest.FillInts(a.A, r.Uint64(), 4)
	kerneltest.FillInts(inPlace, r.Uint64(), 4)
	// Prefetches may point anywhere.
	a.AheadA, a.AheadB = r.IntN(2)*(r.IntN(1<<20)-1<<19), r.IntN(1<<20)-1<<19

	packed := make([]float32, len(a.P))
	for k := range steps {
		copy(packed[k*b.NR:], inPlace[k*a.LDB:][:cols])
	}
	tc.a, tc.b = a.A, packed
	want := tc.want(b.NR)
	before := append([]float32(nil), tc.c...)
	name := fmt.Sprintf("rows=%d cols=%d steps=%d flags=%b", rows, cols, steps, a.Flags)

	for i := range a.P {
		a.P[i] = float32(math.NaN())
	}
	a.B = inPlace
	b.Fused(rows, a)
	kerneltest.Equal(t, "Fused "+name, tc.c, want)
	kerneltest.Equal(t, "panel "+name, a.P, packed)

	copy(tc.c, before)
	panel := a.P
	a.P = nil
	b.Fused(rows, a)
	kerneltest.Equal(t, "Fused, nothing copied, "+name, tc.c, want)

	copy(tc.c, before)
	a.B, a.P = panel, panel
	b.Panel(rows, a)
	kerneltest.Equal(t, "Panel "+name, tc.c, want)
}

// TestPanelBits compares the forms on random data: all of them are the same
// chains.
func TestPanelBits(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T, tier micro.Tier) {
		b := micro.For(tier)
		const steps = 301
		rows, cols := b.MR, b.NR
		x, y := make([]float32, rows*steps), make([]float32, steps*cols)
		kerneltest.FillUniform(x, 1)
		kerneltest.FillUniform(y, 2)
		run := func(form func(*micro.TileArgs)) []float32 {
			c := make([]float32, rows*cols)
			form(&micro.TileArgs{A: x, B: y, C: c, P: make([]float32, steps*cols),
				Segs: []micro.Segment{{K: steps}}, LDA: steps, LDB: cols, LDC: cols, Cols: cols})
			return c
		}
		want := run(func(a *micro.TileArgs) { b.Rows(rows, a) })
		kerneltest.Equal(t, "Fused", run(func(a *micro.TileArgs) { b.Fused(rows, a) }), want)
		kerneltest.Equal(t, "Fused, nothing copied", run(func(a *micro.TileArgs) { a.P = nil; b.Fused(rows, a) }), want)
		kerneltest.Equal(t, "Panel", run(func(a *micro.TileArgs) { b.Panel(rows, a) }), want)
	})
}

// TestPanelOffsets moves every operand's start through its offset.
func TestPanelOffsets(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T, tier micro.Tier) {
		b := micro.For(tier)
		const steps = 7
		rows, cols := b.MR, b.NR-1
		x, y := make([]float32, 3+rows*steps), make([]float32, 5+steps*cols)
		kerneltest.FillInts(x, 1, 4)
		kerneltest.FillInts(y, 2, 4)
		panel := make([]float32, 9+steps*b.NR)
		c := make([]float32, 7+rows*cols)
		a := &micro.TileArgs{A: x, AOff: 3, B: y, BOff: 5, C: c, COff: 7, P: panel, POff: 9,
			Segs: []micro.Segment{{K: steps}}, LDA: steps, LDB: cols, LDC: cols, Cols: cols}
		b.Fused(rows, a)
		want := make([]float32, len(c))
		for i := range rows {
			for j := range cols {
				for k := range steps {
					want[7+i*cols+j] += x[3+i*steps+k] * y[5+k*cols+j]
				}
			}
		}
		kerneltest.Equal(t, "Fused", c, want)
		clear(c)
		a.B, a.BOff = panel, 9
		b.Panel(rows, a)
		kerneltest.Equal(t, "Panel", c, want)
	})
}
