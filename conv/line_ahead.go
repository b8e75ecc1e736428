package conv

import "github.com/simdconv/simdconv/kernels/micro"

// The processor does not foresee where the input of a direct convolution goes on: a
// line of outputs starts with rows that no line before read. The tiles of a line
// therefore ask for what the next one needs. With 32 images 3x3 layers of stride 2
// take 0.94 (64x56x56) to 0.99 of the time, 1x1 layers of stride 2 0.95.

const (
	directFetchImages = 4 << 20 // bytes of x and y from which there is anything to wait for
	fetchLeast        = 256     // elements that a tile asks for at least: 16 lines
)

// setMemory sets how the sweep uses memory. Results that are too large for the caches
// go past them: VGG's first layer with eight images, 27 steps for a result, takes 0.83
// of the time, 7x7 of stride 2 over colours 0.95. Pixels that do not see each other
// come in order, which the processor foresees, and where they go past the caches 64 to
// 256 channels of 32 images 56x56 lose 3%.
func (sw *sweep) setMemory() {
	in, out := sw.images*sw.inImage, sw.images*sw.outImage
	if sw.outPixel%16 == 0 && micro.Stream(out) != 0 {
		sw.stream = micro.FlagStream
	}
	sw.fetches = 4*(in+out) > directFetchImages
}

// A lineAhead is what the line of outputs below reads first, or a strip's share of it:
// elements next to last of the input.
type lineAhead struct{ next, last, share int }

// lineAhead returns that for a strip whose input starts at in, to be asked for by
// some tiles.
func (sw *sweep) lineAhead(g *region, line strip, in, tiles int) (a lineAhead) {
	if !sw.fetches || g.upright || len(g.rowTaps) == 0 {
		return a
	}
	from := in + (g.rowTaps[len(g.rowTaps)-1].off+1)*sw.inRow
	a.next, a.last = from+g.inRow*line.first/g.cols, from+g.inRow*line.last/g.cols
	a.share = max(ceilDiv(a.last-a.next, tiles), fetchLeast)
	return a
}

// tile asks for one tile's share, but for what is beyond x.
func (a *lineAhead) tile(b *micro.Bundle, x []float32) {
	if n := min(a.share, a.last-a.next, len(x)-a.next, micro.MaxPrefetch); n > 0 {
		b.Prefetch(&micro.PrefetchArgs{X: x, Off: a.next, Rows: 1, N: n})
	}
	a.next += a.share
}
