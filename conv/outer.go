package conv

import (
	"github.com/simdconv/simdconv/kernels/micro"
	"github.com/simdconv/simdconv/kernels/parallel"
)

// Backward weights by direct is one matrix product per tap: dw[r,s] = x'·dy,
// where x' is the input pixels that the tap read, channels down. A register
// tile holds MR input channels x NR output channels of dw and runs over the
// pixels, adding an outer product at each. Pixels whose tap fell on padding are
// not in the run, nothing is copied, and no two threads share a result.
//
// Pixels go by in bands of image rows, so that x and dy of a band stay in L2
// while every tile of dw passes over them; between bands a tile rests in dw.

// bandBytes is the size of a band: half of the smallest L2 of interest.
const bandBytes = 128 << 10

// bandRows is the number of output rows of a band.
func (p *Plan) bandRows() int {
	row := 4 * (p.ow*p.shape.K + p.shape.StrideH*p.shape.W*p.shape.C)
	return min(max(1, bandBytes/row), max(1, p.shape.N*p.oh))
}

// outerTiles counts the register tiles of dw: for each tap and group, tiles of
// input channels times panels of output channels.
func (p *Plan) outerTiles() (total, perTap, channelTiles, panels int) {
	channelTiles = ceilDiv(p.cg, p.bundle.MR)
	panels = ceilDiv(p.kg, p.bundle.NR)
	perTap = p.shape.Groups * channelTiles * panels
	return p.shape.R * p.shape.S * perTap, perTap, channelTiles, panels
}

// outerSegments is the most segments of one band and tap.
func (p *Plan) outerSegments() int {
	return p.bandRows() * ceilDiv(p.ow, p.bundle.MaxSteps)
}

// partsPerThread cuts each thread's tiles in two, so that a thread that falls
// behind gives some of its work away.
const partsPerThread = 2

func runOuter(ws *Workspace) {
	p := ws.plan
	total, _, _, _ := p.outerTiles()
	ws.job.parts = min(total, partsPerThread*p.chosen[BackwardWeights.index()].threads)
	ws.run((*outerTask)(ws), ws.job.parts, BackwardWeights)
}

// outerTask is a range of the tiles of dw over all pixels.
type outerTask Workspace

func (t *outerTask) Run(worker, i int) {
	ws := (*Workspace)(t)
	p, w := ws.plan, &ws.workers[worker]
	total, perTap, _, _ := p.outerTiles()
	from, to := parallel.Share(total, ws.job.parts, i)
	rows, band := p.shape.N*p.oh, p.bandRows()
	// The first band runs even if it is empty: it sets dw.
	for row := 0; row == 0 || row < rows; row += band {
		for first := from; first < to; {
			tap := first / perTap
			last := min(to, (tap+1)*perTap)
			w.segs = p.pixels(w.segs[:0], tap/p.shape.S, tap%p.shape.S, row, min(row+band, rows))
			for ; first < last; first++ {
				ws.outerTile(w, first, row > 0)
			}
		}
	}
}

// pixels lists the runs of pixels of output rows [from, to), counted through
// the batch, that tap (r, s) read inside the image.
func (p *Plan) pixels(segs []micro.Segment, r, s, from, to int) []micro.Segment {
	shape := &p.shape
	rowLo, rowHi := p.rows.Outputs(r)
	lo, hi := p.cols.Outputs(s)
	step := shape.StrideW * shape.C
	for row := from; row < to; row++ {
		image, oh := row/p.oh, row%p.oh
		if oh < rowLo || oh >= rowHi {
			continue
		}
		line := (image*shape.H + p.rows.In(oh, r)) * shape.W
		for ow := lo; ow < hi; {
			n := min(hi-ow, p.bundle.MaxSteps)
			seg := micro.Segment{A: (line + p.cols.In(ow, s)) * shape.C, B: (row*p.ow + ow) * shape.K, K: n}
			ow += n
			if i := len(segs) - 1; i >= 0 && segs[i].K+n <= p.bundle.MaxSteps &&
				segs[i].A+segs[i].K*step == seg.A && segs[i].B+segs[i].K*shape.K == seg.B {
				segs[i].K += n
				continue
			}
			segs = append(segs, seg)
		}
	}
	return segs
}

// outerTile adds a band to tile i of dw, or sets the tile to it.
func (ws *Workspace) outerTile(w *worker, i int, add bool) {
	p := ws.plan
	_, perTap, channelTiles, panels := p.outerTiles()
	tap, rest := i/perTap, i%perTap
	group, rest := rest/(channelTiles*panels), rest%(channelTiles*panels)
	first, last := parallel.Share(p.cg, channelTiles, rest/panels)
	col := group*p.kg + rest%panels*p.bundle.NR

	t := &w.tile
	t.A, t.B, t.C = ws.job.x, ws.job.dy, ws.job.y
	t.LDA, t.LDB, t.LDC = p.shape.StrideW*p.shape.C, p.shape.K, p.shape.K
	t.AOff, t.BOff = group*p.cg+first, col
	t.COff = (tap*p.cg+first)*p.shape.K + col
	t.Cols = min(p.bundle.NR, (group+1)*p.kg-col)
	t.Beta = 1
	t.Flags = 0
	if add {
		if len(w.segs) == 0 {
			return
		}
		t.Flags = micro.FlagLoad
	}
	for at := 0; ; {
		end := at + nextCall(w.segs[at:], p.bundle.MaxSteps)
		t.Segs = w.segs[at:end]
		p.bundle.Outer(last-first, t)
		if at = end; at == len(w.segs) {
			return
		}
		t.Flags = micro.FlagLoad
	}
}
