package conv

import (
	"github.com/simdconv/simdconv/kernels/micro"
	"github.com/simdconv/simdconv/kernels/parallel"
)

// col2imTask computes dx of one image: block by block of pixels, dy·wᵀ gives
// what each output hands back to the patch it read, and col2im adds the patches
// up where they overlap.
type col2imTask Workspace

func (t *col2imTask) Run(worker, image int) {
	ws := (*Workspace)(t)
	p, w := ws.plan, &ws.workers[worker]
	s := &p.shape
	dx := ws.job.y[image*s.H*s.W*s.C:][:s.H*s.W*s.C]
	clear(dx)
	l := p.patchPanels()
	pixels := p.oh * p.ow
	blocks := ceilDiv(pixels, p.columnPixels())
	tile := &w.tile
	tile.A, tile.B, tile.C = ws.job.x, ws.job.packed.data, w.scratch
	tile.LDA, tile.LDC, tile.Beta = s.K, p.columnLD(), 1
	for g := range s.Groups {
		for b := range blocks {
			first, last := parallel.Share(pixels, blocks, b)
			tiles := ceilDiv(last-first, p.bundle.MR)
			for panel := range l.perGroup() {
				col := panel * p.bundle.NR
				tile.Cols = min(p.bundle.NR, p.patch()-col)
				tile.BOff = (g*l.perGroup() + panel) * l.size()
				for t := range tiles {
					from, to := parallel.Share(last-first, tiles, t)
					tile.AOff = (image*pixels+first+from)*s.K + g*p.kg
					tile.COff = from*tile.LDC + col
					ws.product(p.bundle, w, to-from, p.kg, 0)
				}
			}
			p.scatter(dx, w.scratch, g, first, last-first)
		}
	}
}

// scatter adds the patches of pixels [first, first+n) of a group to an image:
// col2im. Patches lie in (r, s, c) order.
func (p *Plan) scatter(dx, cols []float32, group, first, n int) {
	s := &p.shape
	ld := p.columnLD()
	for i := range n {
		oh, ow := (first+i)/p.ow, (first+i)%p.ow
		rLo, rHi := p.rows.Taps(oh)
		sLo, sHi := p.cols.Taps(ow)
		for r := rLo; r < rHi; r++ {
			line := p.rows.In(oh, r) * s.W
			for t := sLo; t < sHi; t++ {
				at := (line+p.cols.In(ow, t))*s.C + group*p.cg
				dst := dx[at : at+p.cg]
				for c, v := range cols[i*ld+(r*s.S+t)*p.cg:][:len(dst)] {
					dst[c] += v
				}
			}
		}
	}
}

// runColumnsWeights computes dw block by block of pixels: first all threads
// fill the shared block of the matrix, then they share dw's tiles.
func runColumnsWeights(ws *Workspace) {
	p := ws.plan
	if p.shape.padded() && !p.engine.Finite(ws.job.dy) {
		// See im2col.run: padded zeros times Inf would be NaN.
		runOuter(ws)
		return
	}
	pixels := p.oh * p.ow
	blocks := ceilDiv(pixels, p.columnPixels())
	tiles := ceilDiv(p.patch(), p.bundle.MR) * ceilDiv(p.kg, p.bundle.NR)
	if p.shape.N == 0 {
		clear(ws.job.y)
		return
	}
	for g := range p.shape.Groups {
		for i := range p.shape.N * blocks {
			ws.job.image, ws.job.group = i/blocks, g
			first, last := parallel.Share(pixels, blocks, i%blocks)
			ws.job.first, ws.job.pixels = first, last-first
			ws.run((*gatherTask)(ws), ceilDiv(last-first, gatherPixels), BackwardWeights)
			ws.run((*weightsTask)(ws), tiles, BackwardWeights)
		}
	}
}

// gatherPixels is the pixels a task of gathering copies.
const gatherPixels = 32

type gatherTask Workspace

func (t *gatherTask) Run(_, i int) {
	ws := (*Workspace)(t)
	p, j := ws.plan, &ws.job
	from := i * gatherPixels
	n := min(gatherPixels, j.pixels-from)
	p.gather(ws.shared[from*p.columnLD():], j.x, j.image, j.group, j.first+from, n)
}

// weightsTask adds the current block of pixels to one tile of dw. The matrix
// has a patch's channels in blocks; dw has them in (r, s, c) order, so a tile
// stays within one tap's block of channels.
type weightsTask Workspace

func (t *weightsTask) Run(worker, i int) {
	ws := (*Workspace)(t)
	p, j, w := ws.plan, &ws.job, &ws.workers[worker]
	s := &p.shape
	panels := ceilDiv(p.kg, p.bundle.NR)
	from, to := parallel.Share(p.patch(), ceilDiv(p.patch(), p.bundle.MR), i/panels)
	col := j.group*p.kg + i%panels*p.bundle.NR

	tile := &w.tile
	tile.A, tile.B, tile.C = ws.shared, j.dy, j.y
	tile.LDA, tile.LDB, tile.LDC, tile.Beta = p.columnLD(), s.K, s.K, 1
	tile.BOff = ((j.image*p.oh*p.ow)+j.first)*s.K + col
	tile.Cols = min(p.bundle.NR, (j.group+1)*p.kg-col)
	w.segs = w.segs[:1]
	tile.Segs = w.segs
	for from < to {
		row, n := p.weightRow(from, to)
		tile.AOff = from
		tile.COff = row*s.K + col
		tile.Flags = 0
		if j.image > 0 || j.first > 0 {
			tile.Flags = micro.FlagLoad
		}
		w.segs[0] = micro.Segment{K: j.pixels} // a block's pixels are fewer than MaxSteps
		p.bundle.Outer(n, tile)
		from += n
	}
}

// weightRow returns the row of dw of the patch's i-th value, and how many of
// the values up to last follow each other in dw as well.
func (p *Plan) weightRow(i, last int) (row, n int) {
	taps := p.shape.R * p.shape.S
	c := i / (taps * blockC) * blockC
	block := min(blockC, p.cg-c)
	tap, within := (i-c*taps)/block, (i-c*taps)%block
	return tap*p.cg + c + within, min(last-i, block-within)
}
