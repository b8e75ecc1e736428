package conv

import (
	"github.com/simdconv/simdconv/kernels/micro"
	"github.com/simdconv/simdconv/kernels/parallel"
)

// im2col copies the patch under each output pixel into a row of a matrix, with
// zeros for padding, and leaves the rest to matrix multiplication:
//
//	forward             y  = cols(x) · w
//	backward data       dx = col2im(dy · wᵀ)
//	backward weights    dw = cols(x)ᵀ · dy
//
// The rows hold a patch in the reduction's order, (channel block, r, s, c), and
// the product runs over it in that order: forward, the bits are direct's. The
// matrix is made in blocks of pixels that fit a fixed budget. See Chellapilla et
// al., High Performance Convolutional Neural Networks for Document Processing,
// IWFHR 2006.
type im2col struct{}

// columnBytes is the budget of one worker's block of the matrix: most of an L2.
const columnBytes = 512 << 10

// columnPixels is the number of pixels of a block.
func (p *Plan) columnPixels() int {
	pixels := columnBytes / (4 * p.columnLD())
	return max(1, min(pixels, p.oh*p.ow))
}

// columnLD is the length of a row: a patch, padded off the 4 KiB period at
// which the sets of L1 repeat.
func (p *Plan) columnLD() int { return ceilDiv(p.patch(), 16)*16 + 16 }

// patch is the number of values one output channel of a group reads.
func (p *Plan) patch() int { return p.shape.R * p.shape.S * p.cg }

func (im2col) refuse(*Plan, Pass) string { return "" }

func (im2col) estimate(p *Plan, pass Pass) estimate {
	// Each patch is written and read once beside the operands.
	columns := 8 * float64(p.shape.N) * float64(p.oh*p.ow) * float64(p.patch()*p.shape.Groups)
	e := estimate{flop: p.shape.FLOP(), efficiency: 0.8, bytes: p.operandBytes() + columns, errorBound: sequentialBound}
	if pass != BackwardData {
		e.efficiency *= lanesUsed(p.kg)
		return e
	}
	// col2im adds in plain Go: 15 ns for a tap of 1 to 3 channels, measured on Zen 4
	// at 115 GFLOP/s.
	taps := float64(max(1, p.shape.N*p.oh*p.ow)) * float64(p.shape.R*p.shape.S*p.shape.Groups)
	adds := taps * (1600 + 40*float64(p.cg))
	products := e.flop / (e.efficiency * lanesUsed(p.patch()))
	e.efficiency = (e.flop + adds) / (products + adds)
	e.flop += adds
	return e
}

func (im2col) needs(p *Plan, pass Pass) needs {
	n := needs{segments: 1}
	block := p.columnPixels() * p.columnLD()
	if pass == BackwardWeights {
		n.shared = block
		return n.max(p.outerNeeds()) // direct steps in for Inf and NaN
	}
	n.worker = block
	if pass == Forward {
		n.segments = max(n.segments, p.sweeps[0].scratch) // direct steps in for Inf and NaN
	}
	return n
}

func (im2col) packedLen(p *Plan, pass Pass) int {
	switch pass {
	case Forward:
		l, at := p.matrixPanels()
		return at + l.len()
	case BackwardData:
		l := p.patchPanels()
		return l.len()
	}
	return 0
}

func (im2col) packParts(p *Plan, pass Pass) int {
	l := p.patchPanels()
	if pass == Forward {
		l, _ = p.matrixPanels()
	}
	return l.count()
}

func (im2col) pack(p *Plan, pass Pass, dst, w []float32, part int) {
	if pass == Forward {
		l, at := p.matrixPanels()
		if at > 0 && part == 0 {
			direct{}.pack(p, pass, dst[:at], w, 0)
		}
		l.pack(p.bundle, dst[at:], w, part, 1, p.shape.K, p.kg, p.cg*p.shape.K)
		return
	}
	l := p.patchPanels()
	l.pack(p.bundle, dst, w, part, p.shape.K, 1, p.kg, 0)
}

// matrixPanels is the layout of the weights as a matrix, and where it starts.
// It is direct's, so that direct can step in; but depthwise weights, which direct
// has otherwise, come before it.
func (p *Plan) matrixPanels() (l panels, at int) {
	l = panels{r: p.shape.R, s: p.shape.S, groups: p.shape.Groups, red: p.cg, out: p.kg, nr: p.sweeps[0].bundle.NR}
	if p.shape.depthwise() {
		at = p.sweeps[0].panels.len()
	}
	return l, at
}

// patchPanels is the layout of wᵀ: a patch's values are the outputs.
func (p *Plan) patchPanels() panels {
	return panels{r: 1, s: 1, groups: p.shape.Groups, red: p.kg, out: p.patch(), nr: p.bundle.NR}
}

func (im2col) run(ws *Workspace, pass Pass) {
	p := ws.plan
	blocks := ceilDiv(p.oh*p.ow, p.columnPixels())
	switch pass {
	case Forward:
		if !ws.job.packed.finite && p.shape.padded() {
			// Padding multiplies weights by zero, which Inf and NaN survive; direct
			// leaves it out and has the same bits otherwise.
			direct{}.run(ws, pass)
			return
		}
		ws.run((*columnsTask)(ws), p.shape.N*blocks, pass)
	case BackwardData:
		ws.run((*col2imTask)(ws), p.shape.N, pass)
	case BackwardWeights:
		runColumnsWeights(ws)
	}
}

func (s *Shape) padded() bool { return s.Top|s.Bottom|s.Left|s.Right != 0 }

// gather copies the patches of pixels [first, first+n) of an image and group
// into cols, ld apart.
func (p *Plan) gather(cols, x []float32, image, group, first, n int) {
	s := &p.shape
	ld := p.columnLD()
	for i := range n {
		oh, ow := (first+i)/p.ow, (first+i)%p.ow
		rLo, rHi := p.rows.Taps(oh)
		sLo, sHi := p.cols.Taps(ow)
		row := cols[i*ld : i*ld+p.patch()]
		if rLo > 0 || rHi < s.R || sLo > 0 || sHi < s.S {
			clear(row)
		}
		for c := 0; c < p.cg; c += blockC {
			block := min(blockC, p.cg-c)
			for r := rLo; r < rHi; r++ {
				line := (image*s.H + p.rows.In(oh, r)) * s.W
				for t := sLo; t < sHi; t++ {
					at := (line+p.cols.In(ow, t))*s.C + group*p.cg + c
					copy(row[c*s.R*s.S+(r*s.S+t)*block:], x[at:at+block])
				}
			}
		}
	}
}

// columnsTask is one block of pixels of one image, forward.
type columnsTask Workspace

func (t *columnsTask) Run(worker, i int) {
	ws := (*Workspace)(t)
	p, w := ws.plan, &ws.workers[worker]
	bundle := p.sweeps[0].bundle // direct's, as the weights are
	pixels := p.oh * p.ow
	blocks := ceilDiv(pixels, p.columnPixels())
	image := i / blocks
	first, last := parallel.Share(pixels, blocks, i%blocks)
	l, base := p.matrixPanels()
	tile := &w.tile
	tile.A, tile.B, tile.C = w.scratch, ws.job.packed.data, ws.job.y
	tile.Scale, tile.Bias, tile.Residual = ws.job.ep.Scale, ws.job.ep.Bias, ws.job.ep.Residual
	tile.LDA, tile.LDC, tile.LDR, tile.Beta = p.columnLD(), p.shape.K, p.shape.K, 1
	for g := range p.shape.Groups {
		p.gather(w.scratch, ws.job.x, image, g, first, last-first)
		tiles := ceilDiv(last-first, bundle.MR)
		for panel := range l.perGroup() {
			col := panel * bundle.NR
			tile.Cols = min(bundle.NR, p.kg-col)
			tile.VOff = g*p.kg + col
			tile.BOff = base + (g*l.perGroup()+panel)*l.size()
			for t := range tiles {
				from, to := parallel.Share(last-first, tiles, t)
				tile.AOff = from * tile.LDA
				tile.COff = (image*pixels+first+from)*p.shape.K + tile.VOff
				tile.ROff = tile.COff
				ws.product(bundle, w, to-from, p.patch(), ws.job.flags)
			}
		}
	}
}

// product runs a tile over an unbroken reduction of the given steps, in calls
// of at most MaxSteps, with the epilogue flags on the last.
func (ws *Workspace) product(b *micro.Bundle, w *worker, rows, steps int, flags uint32) {
	w.segs = w.segs[:1]
	w.tile.Segs = w.segs
	w.tile.Flags = 0
	for at := 0; ; {
		n := min(b.MaxSteps, steps-at)
		w.segs[0] = micro.Segment{A: at, B: at * b.NR, K: n}
		if at += n; at == steps {
			w.tile.Flags |= flags
			b.Rows(rows, &w.tile)
			return
		}
		b.Rows(rows, &w.tile)
		w.tile.Flags = micro.FlagLoad
	}
}
