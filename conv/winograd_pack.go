package conv

import "github.com/simdconv/simdconv/kernels/micro"

func (m winograd) packParts(p *Plan, pass Pass) int {
	g := m.grid(p, pass)
	return g.panels()
}

// pack computes U = G g Gᵀ for every pair of channels of a panel, in the order
// the products read it: [plane][panel][channel][NR].
func (m winograd) pack(p *Plan, pass Pass, dst, w []float32, panel int) {
	g := m.grid(p, pass)
	if pass == Forward {
		g.packForward(p.bundle, dst, w, panel)
	} else {
		g.packBackward(p.bundle, dst, w, panel)
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
		a.XOff = c*g.results + col
		a.VOff = (panel*g.red + c) * g.nr
		b.WinogradFilter(3, g.tile(), &a)
	}
	b.Fence(a.Stream)
}

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
		for t := range 9 {
			from, to := w[(t*g.results+col)*g.red+k:], taps[t*tap:]
			packBlock(b, to, from, n, a.N, g.nr, g.red, 1)
		}
		for i := range n {
			a.XOff = 8*tap + i*g.nr
			a.VOff = (panel*g.red + k + i) * g.nr
			b.WinogradFilter(3, g.tile(), &a)
		}
	}
	b.Fence(a.Stream)
}
