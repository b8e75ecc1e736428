package conv

import (
	"testing"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/geometry"
	"github.com/simdconv/simdconv/kernels/kerneltest"
	"github.com/simdconv/simdconv/kernels/micro"
)

// steps adds up a call's reduction.
func steps(segs []micro.Segment) (n int) {
	for _, s := range segs {
		n += s.K
	}
	return n
}

// TestCallsAreBounded checks that no segment of direct convolution, forward and
// backward data, has more steps than a call may have, nor a segment none, and
// that what a plan keeps for them stays small.
func TestCallsAreBounded(t *testing.T) {
	long, listed := false, false
	everyPlan(t, append(corpus(t), randomShapes(5, 60)...), func(t *testing.T, name string, p *Plan) {
		for i := range p.sweeps {
			kept := 0
			for _, g := range p.sweeps[i].regions {
				segs := g.segs
				if n := p.sweeps[i].scratch; n > 0 {
					listed = true
					segs = p.sweeps[i].panels.appendSegments(nil, g.rowTaps, g.colTaps, 1, 1, p.bundle.MaxSteps)
					if g.segs != nil || len(segs) > n {
						t.Fatalf("%s: %d segments kept, %d listed, room for %d", name, len(g.segs), len(segs), n)
					}
				}
				kept += len(g.segs)
				long = long || steps(segs) > p.bundle.MaxSteps
				for i := range segs {
					checkCall(t, name, segs[i:i+1], p.bundle.MaxSteps)
				}
			}
			if kept > keptSegments {
				t.Fatalf("%s: %d segments kept, want at most %d", name, kept, keptSegments)
			}
		}
	})
	if !long || !listed && !testing.Short() { // the short corpus has small filters only
		t.Errorf("a reduction of more than one call: %v, more segments than are kept: %v; want both in the corpus", long, listed)
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
	long, kinds := false, map[[3]bool]bool{}
	everyPlan(t, append(corpus(t), randomShapes(6, 60)...), func(t *testing.T, name string, p *Plan) {
		for i := range p.outers {
			o := &p.outers[i]
			kinds[[3]bool{o.fold, o.copyX, o.copyDY}] = true
			rows := p.shape.N * p.oh
			for row := 0; row < rows; row += o.band {
				for tap := range o.taps {
					segs := p.bandSegments(nil, o, tap, row, min(row+o.band, rows))
					long = long || steps(segs) > p.bundle.MaxSteps
					for i := range segs {
						checkCall(t, name, segs[i:i+1], p.bundle.MaxSteps)
					}
				}
			}
		}
	})
	if !long {
		t.Error("no band took more than one call: the corpus shows nothing")
	}
	for _, kind := range [][3]bool{{}, {false, true, false}, {false, true, true}, {true, true, false}} {
		if !kinds[kind] && !testing.Short() {
			t.Errorf("no plan has fold, copyX, copyDY = %v", kind)
		}
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
					if !g.clears {
						continue
					}
					from, to := sw.cleared(g, line, image*sw.outImage+g.out+line.at*down)
					for at := from; at < to; at += sw.outPixel {
						if (at-from)%across != 0 {
							written[at/sw.outPixel]++
						}
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

// TestTasksCover checks that the tasks of a sweep whose panels go over some strips
// each are all pairs of both.
func TestTasksCover(t *testing.T) {
	grouped := false
	everyPlan(t, append(corpus(t), randomShapes(7, 60)...), func(t *testing.T, name string, p *Plan) {
		for _, sw := range p.sweeps {
			lines, panels := sw.images*len(sw.strips), sw.panels.count()
			for _, together := range []int{1, 3, lines - 1, lines, 1000} {
				if sw.together = together; together < 1 {
					continue
				}
				grouped = grouped || together < lines && panels > 1
				seen := map[[2]int]bool{}
				for i := range lines * panels {
					line, panel := sw.task(i)
					if line < 0 || line >= lines || panel < 0 || panel >= panels {
						t.Fatalf("%s: task %d is strip %d of %d, panel %d of %d", name, i, line, lines, panel, panels)
					}
					seen[[2]int{line, panel}] = true
				}
				if len(seen) != lines*panels {
					t.Fatalf("%s: %d strips and %d panels are %d tasks", name, lines, panels, len(seen))
				}
			}
		}
	})
	if !grouped {
		t.Error("no plan has several strips and panels: the corpus shows nothing")
	}
}

// TestTasksAreBounded runs tasks whose reductions are longer than a call may
// be, and checks that the last call did not take it all: calls of the other
// passes are made while they run.
func TestTasksAreBounded(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
		run := func(s Shape, a Algorithm, pass Pass, task func(ws *Workspace)) {
			p, err := NewPlan(s, Options{Options: kernels.Options{Tier: tier, Threads: 1}, Forward: a, BackwardData: a, BackwardWeights: a})
			if err != nil {
				t.Fatal(err)
			}
			ws, err := p.NewWorkspace(pass)
			if err != nil {
				t.Fatal(err)
			}
			x, w, y := make([]float32, p.shape.XLen()), make([]float32, p.shape.WLen()), make([]float32, p.shape.YLen())
			switch pass {
			case Forward:
				ws.job = job{x: x, y: y}
			case BackwardData:
				ws.job = job{x: y, y: x}
			case BackwardWeights:
				ws.job = job{x: x, y: w, dy: y, parts: 1}
			}
			if pass != BackwardWeights {
				if ws.job.packed, err = p.NewPacked(pass); err != nil {
					t.Fatal(err)
				}
			}
			task(ws)
			tile := &ws.workers[0].tile
			if n := max(steps(tile.Segs), tile.Steps); n < 1 || n > p.bundle.MaxSteps {
				t.Errorf("%v by %v of %v: a call of %d steps, want 1 to %d", pass, a, p.shape, n, p.bundle.MaxSteps)
			}
			if tile.Flags&(micro.FlagLoad|micro.FlagResidual) == 0 {
				t.Errorf("%v by %v of %v: a single call: the shape shows nothing", pass, a, p.shape)
			}
		}
		long := square(1, 1400, 3, 2, 3, 1, 1)
		run(long, Im2col, Forward, func(ws *Workspace) { (*columnsTask)(ws).Run(0, 0) })
		long.C, long.K = 3, 12000
		run(long, Im2col, BackwardData, func(ws *Workspace) { (*col2imTask)(ws).Run(0, 0) })
		run(square(1, 6000, 3, 2, 3, 1, 1), Winograd4, Forward, func(ws *Workspace) { winograd{4}.run(ws, Forward) })
		row := Shape{N: 1, C: 1, K: 1, Window: geometry.Window{H: 2, W: 13000, R: 2, S: 1, Padding: geometry.Padding{Top: 1}}}
		run(row, Direct, BackwardWeights, func(ws *Workspace) { runOuter(ws) })
	})
}
