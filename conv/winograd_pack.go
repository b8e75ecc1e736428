package conv

import (
	"github.com/simdconv/simdconv/kernels/micro"
	"github.com/simdconv/simdconv/kernels/parallel"
)

func (m winograd) packParts(p *Plan, pass Pass) int {
	g := m.grid(p, pass)
	if g.late {
		return 0
	}
	return g.panels()
}

// pack computes U = G g Gᵀ for every pair of channels of a panel, in the order
// the products read it: [plane][panel][channel][NR].
func (m winograd) pack(p *Plan, pass Pass, dst, w []float32, panel int) {
	g := m.grid(p, pass)
	g.pack(p.bundle, pass, dst[panel*g.red*g.nr:], w, panel)
}

// pack sets dst, of planes g.planeU apart, to one panel of U.
func (g *winogradGrid) pack(b *micro.Bundle, pass Pass, dst, w []float32, panel int) {
	if pass == Forward {
		g.packForward(b, dst, w, panel)
	} else {
		g.packBackward(b, dst, w, panel)
	}
}

// streamU is whether U goes past the caches. In a training step of 7x7x512 and eight
// images, which makes U anew, packing and products take 0.8 of the time.
func (g *winogradGrid) streamU() uint32 { return micro.Stream(g.tile() * g.tile() * g.planeU) }

// packForward reads the filters as they lie: output channels side by side.
func (g *winogradGrid) packForward(b *micro.Bundle, dst, w []float32, panel int) {
	tap := g.red * g.results
	a := micro.PlanesArgs{X: w, V: dst, XRow: 3 * tap, XCol: tap, Plane: g.planeU, Stream: g.streamU()}
	col := panel * g.nr
	a.N = min(g.nr, g.results-col)
	for c := range g.red {
		if next := c + packAhead; next < g.red {
			b.Prefetch(&micro.PrefetchArgs{X: w, Off: next*g.results + col, LD: tap, Rows: 9, N: a.N})
		}
		a.XOff = c*g.results + col
		a.VOff = c * g.nr
		b.WinogradFilter(3, g.tile(), &a)
	}
	b.Fence(a.Stream)
}

// packAhead is the channels from one whose filters are packed to the one whose
// filters are asked for: short runs far apart, which the processor does not foresee.
// Packing 512x512 takes 0.7 of the time forward, 0.9 backward.
const packAhead = 8

// turnedChannels is the channels of the reduction that packBackward brings
// together: a cache line of the filters.
const turnedChannels = 16

// packBackward reads the filters turned by 180 degrees, from the last tap to the
// first. Their output channels are the forward pass's input channels and lie
// apart, so that a block of them is transposed first.
func (g *winogradGrid) packBackward(b *micro.Bundle, dst, w []float32, panel int) {
	var taps [9 * turnedChannels * maxNR]float32
	tap := turnedChannels * g.nr
	a := micro.PlanesArgs{X: taps[:], V: dst, XRow: -3 * tap, XCol: -tap, Plane: g.planeU, Stream: g.streamU()}
	col := panel * g.nr
	a.N = min(g.nr, g.results-col)
	for k := 0; k < g.red; k += turnedChannels {
		n := min(turnedChannels, g.red-k)
		if next := k + turnedChannels; next < g.red {
			for t := range 9 {
				b.Prefetch(&micro.PrefetchArgs{X: w, Off: (t*g.results+col)*g.red + next, LD: g.red, Rows: a.N, N: min(turnedChannels, g.red-next)})
			}
		}
		for t := range 9 {
			from, to := w[(t*g.results+col)*g.red+k:], taps[t*tap:]
			packBlock(b, to, from, n, a.N, g.nr, g.red, 1)
		}
		for i := range n {
			a.XOff = 8*tap + i*g.nr
			a.VOff = (k + i) * g.nr
			b.WinogradFilter(3, g.tile(), &a)
		}
	}
	b.Fence(a.Stream)
}

// fetchFilters asks for part i of n of the filters that the worker's next panel is made
// of, after one of several panels. Products do so while they compute.
func (ws *Workspace) fetchFilters(panel, panels, i, n int) {
	j, g := &ws.job, &ws.job.grid
	panel += panels * min(ws.plan.chosen[j.packed.pass.index()].threads, j.parts)
	col := panel * g.nr
	if col >= g.results {
		return
	}
	cols := min(g.nr, g.results-col)
	if j.packed.pass == Forward {
		if from, to := parallel.Share(9*g.red, n, i); from < to {
			ws.plan.bundle.Prefetch(&micro.PrefetchArgs{X: j.packed.w, Off: from*g.results + col, LD: g.results, Rows: to - from, N: cols})
		}
		return
	}
	for row, to := parallel.Share(9*cols, n, i); row < to; row++ {
		ws.plan.bundle.Prefetch(&micro.PrefetchArgs{X: j.packed.w, Off: (row/cols*g.results + col + row%cols) * g.red, Rows: 1, N: g.red})
	}
}
