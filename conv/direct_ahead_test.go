package conv

import (
	"testing"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/kerneltest"
)

// TestGapsAhead compares input gradients with gaps whose tiles ask for the next row
// with the same ones whose tiles do not, bit by bit.
func TestGapsAhead(t *testing.T) {
	asked := 0
	for _, s := range []Shape{
		square(32, 40, 20, 9, 1, 2, 0), square(40, 16, 150, 12, 1, 3, 0),
		square(60, 8, 24, 6, 1, 2, 0).with(func(s *Shape) { s.Groups = 2 }),
		square(20, 4, 8, 9, 1, 2, 0).with(func(s *Shape) { s.W = 460 }),  // two strips a line
		square(32, 24, 40, 13, 1, 2, 0).with(func(s *Shape) { s.R = 3 }), // rows of two taps, and of one that is not the first
		// Edges of one tap, whose pixels of dy are not the first.
		square(32, 24, 40, 12, 1, 2, 0).with(func(s *Shape) { s.R, s.DilationH = 3, 2 }),
	} {
		kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
			var dx [2][]float32
			for i := range dx {
				p, err := NewPlan(s, Options{Options: kernels.Options{Tier: tier, Threads: 1}, BackwardData: Direct})
				if err != nil {
					t.Fatal(err)
				}
				sw := &p.sweeps[BackwardData.index()]
				if sw.ahead {
					t.Fatalf("%v: asks for what the caches hold", s)
				}
				sw.ahead = i == 1
				if tasks := sw.images * len(sw.strips) / directShares; tasks < 2*s.StrideH+1 {
					t.Fatalf("%v: tasks of %d strips have no next row", s, tasks)
				}
				for line := range sw.images * len(sw.strips) {
					strip := sw.strips[line%len(sw.strips)]
					g := &sw.regions[strip.region]
					if !g.clears {
						continue
					}
					out := line/len(sw.strips)*sw.outImage + g.out + strip.at*g.outRow
					if out >= sw.endOf(line) || out+2*sw.outRow < sw.endOf(line) {
						t.Fatalf("%v: strip %d starts at %d and ends at %d", s, line, out, sw.endOf(line))
					}
					if from, to := g.next(strip, out, 0, 3), g.next(strip, out, 3, 3); from < out+g.outRow || to <= from || to > out+2*g.outRow {
						t.Fatalf("%v: strip %d at %d asks for %d to %d", s, line, out, from, to)
					}
					asked++
				}
				ws, err := p.NewWorkspace(BackwardData)
				if err != nil {
					t.Fatal(err)
				}
				packed, err := p.NewPacked(BackwardData)
				if err != nil {
					t.Fatal(err)
				}
				w := make([]float32, p.shape.WLen())
				dy := kerneltest.Guarded(t, p.shape.YLen(), true)
				kerneltest.FillUniform(w, 1)
				kerneltest.FillUniform(dy, 2)
				dx[i] = kerneltest.Guarded(t, p.shape.XLen(), true)
				if err := first(p.Pack(packed, w), p.BackwardData(ws, dx[i], dy, packed)); err != nil {
					t.Fatal(err)
				}
			}
			kerneltest.Equal(t, s.String(), dx[1], dx[0])
		})
	}
	if asked == 0 {
		t.Error("no shape has gaps")
	}
	s, err := square(8, 64, 128, 56, 1, 2, 0).Check()
	if err != nil {
		t.Fatal(err)
	}
	if p, err := NewPlan(s, Options{}); err != nil || !p.sweeps[BackwardData.index()].ahead {
		t.Errorf("%v: tiles do not ask for the next row, error %v", s, err)
	}
}
