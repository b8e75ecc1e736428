package conv

import (
	"testing"

	"github.com/simdconv/simdconv/kernels/micro"
)

// steps adds up a call's reduction.
func steps(segs []micro.Segment) (n int) {
	for _, s := range segs {
		n += s.K
	}
	return n
}

// TestCallsAreBounded checks that no call into assembly of direct convolution
// has more steps than the manifest allows, nor a segment without any: forward
// and backward data, where the calls are made with the plan.
func TestCallsAreBounded(t *testing.T) {
	long := false
	everyPlan(t, append(corpus(t), randomShapes(5, 60)...), func(t *testing.T, name string, p *Plan) {
		for i := range p.sweeps {
			for _, g := range p.sweeps[i].regions {
				if len(g.calls) == 0 {
					t.Fatalf("%s: a region without a call stays unwritten", name)
				}
				long = long || len(g.calls) > 1
				for _, segs := range g.calls {
					checkCall(t, name, segs, p.bundle.MaxSteps)
				}
			}
		}
	})
	if !long {
		t.Error("no reduction took more than one call: the corpus shows nothing")
	}
}

func checkCall(t *testing.T, name string, segs []micro.Segment, most int) {
	t.Helper()
	if n := steps(segs); n > most {
		t.Fatalf("%s: a call of %d steps, at most %d allowed", name, n, most)
	}
	for _, s := range segs {
		if s.K < 1 {
			t.Fatalf("%s: a segment of %d steps", name, s.K)
		}
	}
}

// TestBandsAreBounded checks the same of backward weights: a tile's calls take
// whole segments, so that each must fit one.
func TestBandsAreBounded(t *testing.T) {
	long := false
	everyPlan(t, append(corpus(t), randomShapes(6, 60)...), func(t *testing.T, name string, p *Plan) {
		rows, band := p.shape.N*p.oh, p.bandRows()
		for row := 0; row < rows; row += band {
			for tap := range p.shape.R * p.shape.S {
				segs := p.pixels(nil, tap/p.shape.S, tap%p.shape.S, row, min(row+band, rows))
				long = long || steps(segs) > p.bundle.MaxSteps
				for i := range segs {
					checkCall(t, name, segs[i:i+1], p.bundle.MaxSteps)
				}
			}
		}
	})
	if !long {
		t.Error("no band took more than one call: the corpus shows nothing")
	}
}

// TestRegionsCover checks that the regions and strips of a sweep write every
// output exactly once.
func TestRegionsCover(t *testing.T) {
	everyPlan(t, append(corpus(t), randomShapes(7, 60)...), func(t *testing.T, name string, p *Plan) {
		for i := range p.sweeps {
			sw := &p.sweeps[i]
			pixels := p.shape.N * p.oh * p.ow
			if passes[i] == BackwardData {
				pixels = p.shape.N * p.shape.H * p.shape.W
			}
			written := make([]int, pixels)
			for image := range sw.images {
				for _, line := range sw.strips {
					g := &sw.regions[line.region]
					down, across := g.outRow, g.outCol
					if g.upright {
						down, across = across, down
					}
					for j := line.first; j < line.last; j++ {
						written[(image*sw.outImage+g.out+line.at*down+j*across)/sw.outPixel]++
					}
				}
			}
			for at, n := range written {
				if n != 1 {
					t.Fatalf("%s: %v writes pixel %d %d times", name, passes[i], at, n)
				}
			}
		}
	})
}
