package conv

import (
	"slices"

	"github.com/simdconv/simdconv/kernels/geometry"
	"github.com/simdconv/simdconv/kernels/micro"
	"github.com/simdconv/simdconv/kernels/parallel"
)

// A sweep is how direct convolution goes over the output of one pass. Forward
// the output is y and the input x, backward dx and dy.
type sweep struct {
	bundle            *micro.Bundle
	images            int
	inImage, outImage int // elements of an image
	inRow             int // elements of a row of the input
	inPixel, outPixel int // elements of a pixel: all channels
	outRow            int // elements of a row of the output
	panels            panels
	regions           []region
	strips            []strip
	together          int    // strips that a panel goes over before the next; 0 if strips take all panels
	ahead             bool   // tiles beside gaps ask for the next row
	stream            uint32 // FlagStream if whole tiles of the output go past the caches
	fetches           bool   // strips ask for the input of the next
	scratch           int    // segments a worker must hold, if regions keep none
}

// A region is a rectangle of outputs that use the same taps.
type region struct {
	out           int // offset in the output image of the first result
	in            int // offset in the input image of its origin
	outRow, inRow int // distances between results above each other
	outCol, inCol int // distances between results beside each other
	rows, cols    int
	upright       bool // strips run down instead of across
	clears        bool // the results between, which have no taps, are set to zero, too
	rowTaps       []tap
	colTaps       []tap
	segs          []micro.Segment // the reduction; nil if regions keep none
}

// A strip is a part of a row of a region, or of a column of an upright one:
// results first to last of line at.
type strip struct{ region, at, first, last int }

// stripTiles is the most register tiles of a strip: enough work to be worth
// sharing out, small enough to share evenly.
const stripTiles = 8

const (
	// Packed weights of up to panelsInL2 stay in L2 beside a strip's input, so that a
	// strip can be finished before the next. Larger ones go by one panel at a time.
	panelsInL2 = 512 << 10

	// A panel goes over strips of so many bytes of input before the next does, which
	// then come from the last level of cache: 20% faster than from memory in 3x3
	// layers with stride 2 of 32 images; less than that of eight images loses 5%.
	stripsInCache = 2 << 20
)

func (p *Plan) newSweep(pass Pass) sweep {
	s := p.shape
	inH, inW, outH, outW := s.H, s.W, p.oh, p.ow
	rows, cols := forwardSpans(p.rows), forwardSpans(p.cols)
	sw := sweep{images: s.N, inPixel: s.C, outPixel: s.K}
	sw.panels = panels{r: s.R, s: s.S, groups: s.Groups, red: p.cg, out: p.kg}
	if pass == BackwardData {
		inH, inW, outH, outW = outH, outW, inH, inW
		rows, cols = backwardSpans(p.rows), backwardSpans(p.cols)
		sw.inPixel, sw.outPixel = s.K, s.C
		sw.panels.red, sw.panels.out = p.kg, p.cg
	}
	sw.bundle = p.tiles(sw.panels.out)
	sw.panels.nr = sw.bundle.NR
	if s.depthwise() {
		sw.panels = depthwisePanels(&s)
	}
	sw.inRow = inW * sw.inPixel
	sw.inImage, sw.outImage = inH*inW*sw.inPixel, outH*outW*sw.outPixel
	if p.pointwise() {
		// Pixels do not see each other: the whole batch is one row.
		one := []tap{{0, 0}}
		pixels := s.N * inH * inW
		rows = []span{{stride: 1, count: 1, step: 1, taps: one}}
		cols = []span{{stride: 1, count: pixels, step: 1, taps: one}}
		sw.images = min(1, pixels)
	}
	sw.outRow = outW * sw.outPixel
	far := 4*sw.panels.len() > panelsInL2
	gaps := !far && hasGaps(cols)
	for _, r := range rows {
		cols := cols
		if gaps {
			cols = cols[:1]
		}
		if len(r.taps) == 0 {
			cols = []span{{stride: 1, count: outW, step: 1}} // zeros, whole rows of them
		}
		for _, c := range cols {
			sw.addRegion(r, c, gaps && len(r.taps) > 0)
		}
	}
	if pass == BackwardData && s.StrideH > 1 {
		sw.sortStrips()
	}
	if pass == Forward && !s.depthwise() && !p.pointwise() {
		sw.setMemory()
	}
	sw.keepSegments(sw.bundle.MaxSteps)
	sw.ahead = gaps && !s.depthwise() && 4*s.N*(inH*inW*sw.inPixel+outH*outW*sw.outPixel) > gapsInCache
	if far {
		lines := max(1, sw.images*len(sw.strips))
		sw.together = max(1, stripsInCache/(4*max(1, s.N*inH*sw.inRow/lines)))
	}
	return sw
}

// task returns the strip, counted through the batch, and the panel of a task where
// panels go over strips together.
func (sw *sweep) task(i int) (line, panel int) {
	n := sw.panels.count()
	first := i / (sw.together * n) * sw.together
	i -= first * n
	lines := min(sw.together, sw.images*len(sw.strips)-first)
	return first + i%lines, i / lines
}

// tiles returns the bundle whose register tile fits so many output channels. Up to
// 16 of them would leave half of each tile of AVX-512 idle; AVX2's tile computes the
// same bits.
func (p *Plan) tiles(out int) *micro.Bundle {
	if narrow := micro.For(micro.AVX2); p.bundle.Tier > micro.AVX2 && out <= narrow.NR && !p.shape.depthwise() {
		return narrow
	}
	return p.bundle
}

// pointwise reports whether every output pixel reads just the input pixel at
// its own place.
func (p *Plan) pointwise() bool {
	s := p.shape
	return s.R == 1 && s.S == 1 && s.StrideH == 1 && s.StrideW == 1 && s.Padding == (geometry.Padding{})
}

func (sw *sweep) addRegion(r, c span, clears bool) {
	outRow, mr := sw.outRow, sw.bundle.MR
	g := region{
		out:    r.first*outRow + c.first*sw.outPixel,
		in:     r.in*sw.inRow + c.in*sw.inPixel,
		outRow: r.stride * outRow, inRow: r.step * sw.inRow,
		outCol: c.stride * sw.outPixel, inCol: c.step * sw.inPixel,
		rows: r.count, cols: c.count,
		rowTaps: r.taps, colTaps: c.taps, clears: clears,
	}
	g.upright = !clears && c.count*ceilDiv(r.count, mr) < r.count*ceilDiv(c.count, mr)
	lines, length := g.rows, g.cols
	if g.upright {
		lines, length = length, lines
	}
	parts := ceilDiv(length, stripTiles*mr)
	for at := range lines {
		for i := range parts {
			first, last := parallel.Share(length, parts, i)
			sw.strips = append(sw.strips, strip{len(sw.regions), at, first, last})
		}
	}
	sw.regions = append(sw.regions, g)
}

// hasGaps reports whether the first of the spans of a row has the first pixel, and
// all those that no other has have no taps, as where a stride is above the filter.
// Zeros are then best written with whole rows: a line of dx that is set by halves is
// read first.
func hasGaps(cols []span) bool {
	if len(cols) < 2 || cols[0].first != 0 || len(cols[0].taps) == 0 || cols[0].stride != len(cols) {
		return false
	}
	for _, c := range cols[1:] {
		if len(c.taps) > 0 {
			return false
		}
	}
	return true
}

// cleared is the part of the output that a strip of a region with gaps sets to zero
// before it writes its results, out being where its line begins.
func (sw *sweep) cleared(g *region, line strip, out int) (from, to int) {
	return out + line.first*g.outCol, out + min(line.last*g.outCol, sw.outRow)
}

// sortStrips puts strips in the order of their first rows: the phases of
// a stride then share lines of dx and rows of dy while they are in L2. With eight
// images 64x56x56 to 128 by 3x3, stride 2, goes from 85 to 92% of the FMA peak,
// 128x28x28 to 256 from 91 to 94.5.
func (sw *sweep) sortStrips() {
	slices.SortStableFunc(sw.strips, func(a, b strip) int { return sw.row(a) - sw.row(b) })
}

// row is the first row of a strip.
func (sw *sweep) row(l strip) int {
	g := &sw.regions[l.region]
	if g.upright {
		return (g.out + l.first*g.outRow) / sw.outRow
	}
	return (g.out + l.at*g.outRow) / sw.outRow
}

// keptSegments is the most segments a sweep keeps, 1.5 MiB of them. A large
// filter over much padding has more (every row and column of outputs is a
// region of its own, with nearly all taps); workers then list them strip by
// strip.
const keptSegments = 1 << 16

func (sw *sweep) keepSegments(most int) {
	total := 0
	for i := range sw.regions {
		n := sw.panels.countSegments(sw.regions[i].rowTaps, sw.regions[i].colTaps)
		total += n
		sw.scratch = max(sw.scratch, n)
	}
	if total > keptSegments {
		return
	}
	sw.scratch = 0
	all := make([]micro.Segment, 0, total)
	for i := range sw.regions {
		g := &sw.regions[i]
		first := len(all)
		all = sw.panels.appendSegments(all, g.rowTaps, g.colTaps, sw.inRow, sw.inPixel, most)
		g.segs = all[first:len(all):len(all)]
	}
}
