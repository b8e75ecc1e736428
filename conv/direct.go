package conv

import (
	"github.com/simdconv/simdconv/kernels/micro"
	"github.com/simdconv/simdconv/kernels/parallel"
)

// direct convolves without copying: a register tile takes neighbouring output
// pixels x NR output channels and runs through the taps and input channels,
// reading the image where it lies. Weights are packed.
//
// The output is cut into regions whose pixels all use the same taps, so that
// taps on padding are left out rather than multiplied by zero:
//
//	+---+---------------+---+
//	|   |               |   |  first row: taps r = 1, 2
//	+---+---------------+---+
//	|   |               |   |
//	|   |   all taps    |   |  the rest in strips of up to MR pixels,
//	|   |               |   |  the narrow regions in upright ones
//	+---+---------------+---+
//	|   |               |   |
//	+---+---------------+---+
//
// See Georganas et al., Anatomy of High-Performance Deep Learning Convolutions
// on SIMD Architectures, SC 2018.
type direct struct{}

func (direct) refuse(*Plan, Pass) string { return "" }

func (direct) estimate(p *Plan, pass Pass) estimate {
	e := estimate{flop: p.shape.FLOP(), efficiency: 0.9, bytes: p.operandBytes(), errorBound: sequentialBound}
	out := p.kg
	switch pass {
	case BackwardData:
		out = p.cg
	case BackwardWeights:
		e.efficiency = 0.85
	}
	if p.shape.depthwise() {
		e.efficiency = 0.35 // a load for each multiply-add; 30-50% measured, Zen 4
		out = p.shape.C
	}
	e.efficiency *= lanesUsed(out)
	if rows, done := p.directRows(pass); rows < fewRows {
		e.flop *= done
		e.efficiency *= tileUsed(rows)
	}
	return e
}

// fewRows is the rows of a register tile on average below which maps are so small
// that direct's time is that of reading weights.
const fewRows = 1.5

// directRows returns the rows of a register tile on average, in tiles of maxMR
// whatever the tier, and the share of the products that are not left out. Regions
// of zeros have no tiles, and which there are depends on the tier.
func (p *Plan) directRows(pass Pass) (rows, done float64) {
	if pass == BackwardWeights || p.shape.depthwise() || p.pointwise() {
		return maxMR, 1
	}
	var pixels, tiles, products float64
	for _, g := range p.sweeps[pass.index()].regions {
		if len(g.rowTaps)*len(g.colTaps) == 0 {
			continue
		}
		pixels += float64(g.rows * g.cols)
		tiles += float64(min(g.rows*ceilDiv(g.cols, maxMR), g.cols*ceilDiv(g.rows, maxMR)))
		products += float64(g.rows * g.cols * len(g.rowTaps) * len(g.colTaps))
	}
	if products == 0 {
		return maxMR, 1
	}
	return pixels / tiles, products / float64(p.oh*p.ow*p.shape.R*p.shape.S)
}

// lanesUsed is the share of a vector's lanes that hold results, of 16 whatever
// the tier: the choice must not depend on it.
func lanesUsed(channels int) float64 {
	return float64(channels) / float64(ceilDiv(channels, 16)*16)
}

// operandBytes is what reading or writing each operand once costs, as bytes
// from memory.
func (p *Plan) operandBytes() float64 { return p.imageBytes() + weightBytes(p.shape.WLen()) }

// imageBytes is x and y once.
func (p *Plan) imageBytes() float64 {
	return 4 * (float64(p.shape.XLen()) + float64(p.shape.YLen()))
}

func (direct) needs(p *Plan, pass Pass) needs {
	if pass == BackwardWeights {
		return p.outerNeeds()
	}
	return needs{segments: p.sweeps[pass.index()].scratch}
}

func (direct) packedLen(p *Plan, pass Pass) int {
	if pass == BackwardWeights {
		return 0
	}
	return p.sweeps[pass.index()].panels.len()
}

func (direct) packParts(p *Plan, pass Pass) int { return p.sweeps[pass.index()].panels.count() }

func (direct) pack(p *Plan, pass Pass, dst, w []float32, part int) {
	sw := &p.sweeps[pass.index()]
	b, l, tap := sw.bundle, &sw.panels, p.cg*p.shape.K
	if pass == Forward || p.shape.depthwise() {
		l.pack(b, dst, w, part, 1, p.shape.K, p.kg, tap)
	} else {
		l.pack(b, dst, w, part, p.shape.K, 1, p.kg, tap)
	}
}

func (direct) run(ws *Workspace, pass Pass) {
	switch {
	case pass != BackwardWeights:
	case ws.plan.shape.depthwise():
		runDepthwiseWeights(ws)
		return
	default:
		runOuter(ws)
		return
	}
	sw := &ws.plan.sweeps[pass.index()]
	ws.job.sweep = sw
	n := sw.images * len(sw.strips)
	if sw.together > 0 {
		n *= sw.panels.count()
	}
	ws.job.last = n
	ws.job.parts = min(n, directShares*ws.plan.chosen[pass.index()].threads)
	ws.run((*directTask)(ws), ws.job.parts, pass)
}

// directShares is the most tasks of a thread. A strip at a time, 0.3 us in images of
// 28x28x1, loses 2 to 5% of two threads to taking them.
const directShares = 48

// directTask is some strips of some images, each with one panel or with all.
type directTask Workspace

func (t *directTask) Run(worker, i int) {
	ws := (*Workspace)(t)
	sw := ws.job.sweep
	first, last := parallel.Share(ws.job.last, ws.job.parts, i)
	w := &ws.workers[worker]
	w.end = 0
	if sw.ahead {
		w.end = sw.endOf(last - 1)
	}
	for i := first; i < last; i++ {
		line, from, to := i, 0, sw.panels.count()
		if sw.together > 0 {
			line, from = sw.task(i)
			to = from + 1
		}
		ws.strip(w, line/len(sw.strips), sw.strips[line%len(sw.strips)], from, to)
	}
	sw.bundle.Fence(sw.stream)
}

// strip computes the panels from to to of one strip, tile by tile.
func (ws *Workspace) strip(w *worker, image int, line strip, from, to int) {
	sw, tile := ws.job.sweep, &w.tile
	b := sw.bundle
	g := &sw.regions[line.region]
	segs := g.segs
	if sw.scratch > 0 {
		w.segs = sw.panels.appendSegments(w.segs[:0], g.rowTaps, g.colTaps, sw.inRow, sw.inPixel, b.MaxSteps)
		segs = w.segs
	}
	in, out := image*sw.inImage+g.in, image*sw.outImage+g.out
	if g.upright {
		in, out = in+line.at*g.inCol, out+line.at*g.outCol
		tile.LDA, tile.LDC = g.inRow, g.outRow
	} else {
		in, out = in+line.at*g.inRow, out+line.at*g.outRow
		tile.LDA, tile.LDC = g.inCol, g.outCol
	}
	if g.clears {
		from, to := sw.cleared(g, line, out)
		clear(ws.job.y[from:to])
	}
	tile.A, tile.B, tile.C = ws.job.x, ws.job.packed.data, ws.job.y
	tile.Scale, tile.Bias, tile.Residual = ws.job.ep.Scale, ws.job.ep.Bias, ws.job.ep.Residual
	tile.LDR, tile.Beta = tile.LDC, 1
	n := line.last - line.first
	if len(segs) == 0 && ws.job.flags == 0 && to-from == sw.panels.count() && tile.LDC == sw.outPixel {
		clear(tile.C[out+line.first*tile.LDC:][:n*tile.LDC])
		return
	}
	if ws.plan.shape.depthwise() {
		tile.AOff, tile.COff = in+line.first*tile.LDA, out+line.first*tile.LDC
		ws.depthwiseStrip(tile, n, segs)
		return
	}
	ahead := g.clears && out+2*g.outRow <= w.end && len(segs) == 1
	tiles := ceilDiv(n, mostRows(b.MR, tile.LDA))
	below := sw.lineAhead(g, line, in, tiles*(to-from))
	for t := range tiles {
		first, last := parallel.Share(n, tiles, t)
		first, last = line.first+first, line.first+last
		for u := from; u < to; u++ {
			group, panel := u/sw.panels.perGroup(), u%sw.panels.perGroup()
			col := panel * b.NR
			tile.Cols = min(b.NR, sw.panels.out-col)
			tile.VOff = group*sw.panels.out + col
			tile.AOff = in + first*tile.LDA + group*sw.panels.red
			tile.BOff = u * sw.panels.size()
			tile.COff = out + first*tile.LDC + tile.VOff
			tile.ROff = tile.COff
			tile.Next = tile.COff + b.NR
			if u == to-1 {
				tile.Next = out + last*tile.LDC + from*b.NR
			}
			if ahead {
				ws.tileAhead(tile, last-first, segs, g.next(line, out, t*to+u, tiles*to), u == 0)
				continue
			}
			if below.next < below.last {
				below.tile(b, ws.job.x)
			}
			ws.calls(b, tile, last-first, segs)
		}
	}
}

// mostRows is the most rows of a register tile whose rows are lda apart. A
// multiple of 4 KiB apart they all fall into one set of L1, which has 8 ways or
// more: with 14 of them 1x1 layers of 1024 channels ran at 50-68% of the FMA peak,
// with 7 at 92-95.
func mostRows(mr, lda int) int {
	const period, rows = 4096 / 4, 7
	if lda%period == 0 {
		return min(mr, rows)
	}
	return mr
}

// calls runs a tile's reduction: the first call starts at zero, the others go
// on from the stored sums, the last applies the epilogue.
func (ws *Workspace) calls(b *micro.Bundle, tile *micro.TileArgs, rows int, segs []micro.Segment) {
	tile.Flags = 0
	for {
		n := nextCall(segs, b.MaxSteps)
		tile.Segs, segs = segs[:n], segs[n:]
		if len(segs) == 0 {
			if tile.Flags == 0 && tile.Cols == b.NR {
				tile.Flags = ws.job.sweep.stream
			}
			tile.Flags |= ws.job.flags
			b.Rows(rows, tile)
			return
		}
		b.Rows(rows, tile)
		tile.Flags = micro.FlagLoad
	}
}
