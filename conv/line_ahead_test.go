package conv

import (
	"testing"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/geometry"
	"github.com/simdconv/simdconv/kernels/kerneltest"
	"github.com/simdconv/simdconv/kernels/micro"
)

// TestDirectStream checks that two images whose result goes past the caches have the
// bits of each alone, whose result does not.
func TestDirectStream(t *testing.T) {
	if testing.Short() {
		t.Skip("32 MiB of results")
	}
	s := square(2, 1, 64, 182, 3, 1, 1)
	kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
		if tier == kernels.TierGeneric {
			t.Skip("plain Go does not stream")
		}
		x, w, b := make([]float32, s.XLen()), make([]float32, s.WLen()), make([]float32, s.K)
		kerneltest.FillUniform(x, 1)
		kerneltest.FillUniform(w, 2)
		kerneltest.FillUniform(b, 3)
		run := func(n int, x []float32) []float32 {
			s := s
			s.N = n
			p, err := NewPlan(s, Options{Options: kernels.Options{Tier: tier}, Forward: Direct})
			if err != nil {
				t.Fatal(err)
			}
			if streams := p.sweeps[0].stream == micro.FlagStream; streams != (n == 2) {
				t.Errorf("%d images: streams is %v", n, streams)
			}
			packed, err := p.NewPacked(Forward)
			if err != nil {
				t.Fatal(err)
			}
			if err := p.Pack(packed, w); err != nil {
				t.Fatal(err)
			}
			ws, err := p.NewWorkspace(Forward)
			if err != nil {
				t.Fatal(err)
			}
			y := kernels.AlignedFloats(s.YLen())
			if err := p.Forward(ws, y, x, packed, Epilogue{Bias: b}); err != nil {
				t.Fatal(err)
			}
			return y
		}
		both := run(2, x)
		for i := range 2 {
			nx, ny := len(x)/2, len(both)/2
			kerneltest.Equal(t, "image", both[i*ny:(i+1)*ny], run(1, x[i*nx:(i+1)*nx]))
		}
	})
}

// TestLineAhead checks that the strips of a line ask for every element that the line
// below reads and this one does not, and for nothing before x.
func TestLineAhead(t *testing.T) {
	for _, s := range []Shape{
		square(9, 64, 64, 56, 3, 2, 0), square(9, 3, 64, 224, 7, 2, 2), square(8, 3, 64, 224, 3, 1, 1),
		{N: 40, C: 24, K: 33, Window: geometry.Window{H: 31, W: 57, R: 4, S: 2, StrideH: 3, DilationH: 2, Padding: geometry.Padding{Top: 5, Left: 1}}},
	} {
		p, err := NewPlan(s, Options{Forward: Direct})
		if err != nil {
			t.Fatal(err)
		}
		sw := &p.sweeps[0]
		if !sw.fetches {
			t.Fatalf("%v: asks for nothing", s)
		}
		asked := map[[2]int]int{} // region and line: where its strips have asked up to
		for _, line := range sw.strips {
			g := &sw.regions[line.region]
			a := sw.lineAhead(g, line, g.in+line.at*g.inRow, 8)
			if g.upright || len(g.rowTaps) == 0 {
				if a.next < a.last {
					t.Errorf("%v: %+v asks for %+v, want nothing", s, line, a)
				}
				continue
			}
			// What the last row of taps reads ends where the line asks from.
			from := g.in + line.at*g.inRow + g.rowTaps[len(g.rowTaps)-1].off*sw.inRow + sw.inRow
			at, begun := asked[[2]int{line.region, line.at}]
			if !begun {
				at = from
			}
			if a.next != at || a.next < 0 || a.share*8 < a.last-a.next {
				t.Errorf("%v: %+v asks for %+v, want from %d on, in eight", s, line, a, at)
			}
			asked[[2]int{line.region, line.at}] = a.last
			if line.last == g.cols && a.last != from+g.inRow {
				t.Errorf("%v: %+v asks up to %d, want %d", s, line, a.last, from+g.inRow)
			}
		}
	}
}
