package conv

import (
	"github.com/simdconv/simdconv/kernels/micro"
	"github.com/simdconv/simdconv/kernels/parallel"
)

// A depthwise convolution has one input and one output channel in each group,
// so that there is nothing to sum over but taps. Direct then takes channels as
// lanes: kernels of their own filter a few pixels of all channels, over the
// same regions and strips. Each result is the same chain of multiply-adds.

func (s *Shape) depthwise() bool { return s.Groups > 1 && s.Groups == s.C && s.Groups == s.K }

// depthwisePanels is the layout of depthwise weights, that of w: [r][s][channel].
func depthwisePanels(s *Shape) panels {
	return panels{r: s.R, s: s.S, groups: 1, red: 1, out: s.C, nr: s.C}
}

// depthwiseStrip computes all channels of a strip of n pixels; tile stands at
// the first.
func (ws *Workspace) depthwiseStrip(tile *micro.TileArgs, n int, segs []micro.Segment) {
	tile.BOff, tile.LDR = 0, tile.LDC
	c := ws.plan.shape.C
	width := depthwiseWidth(c, max(1, len(segs))*(micro.DepthwiseRows+1))
	in, out := tile.AOff, tile.COff
	for at := 0; at < n; at += micro.DepthwiseRows {
		for channel := 0; channel < c; channel += width {
			tile.Cols = min(width, c-channel)
			tile.AOff, tile.COff = in+at*tile.LDA+channel, out+at*tile.LDC+channel
			tile.BOff, tile.VOff, tile.ROff = channel, channel, tile.COff
			ws.depthwiseCalls(tile, min(micro.DepthwiseRows, n-at), segs)
		}
	}
}

// depthwiseCalls runs a reduction: the first call starts at zero, the others go
// on from the stored sums, the last applies the epilogue.
func (ws *Workspace) depthwiseCalls(tile *micro.TileArgs, rows int, segs []micro.Segment) {
	most := max(1, micro.DepthwiseSteps/((micro.DepthwiseRows+1)*tile.Cols))
	tile.Flags = 0
	for {
		n := min(len(segs), most)
		tile.Segs, segs = segs[:n], segs[n:]
		if len(segs) == 0 {
			tile.Flags |= ws.job.flags
		}
		ws.plan.bundle.Depthwise(rows, tile)
		if len(segs) == 0 {
			return
		}
		tile.Flags = micro.FlagLoad
	}
}

// depthwiseWidth is the channels of a call whose other dimensions make lines:
// all of them, or as many whole vectors as the bound on a call allows.
func depthwiseWidth(c, lines int) int {
	const vector = 64 // channels: four vectors of AVX-512
	return min(c, max(vector, micro.DepthwiseSteps/lines/vector*vector))
}

// depthwiseChannels is the channels of a task of backward weights: x and dy of a
// band of them stay in L2.
const depthwiseChannels = 64

func runDepthwiseWeights(ws *Workspace) {
	p := ws.plan
	ws.job.parts = ceilDiv(p.shape.C, depthwiseChannels)
	ws.run((*depthwiseTask)(ws), ws.job.parts, BackwardWeights)
}

// depthwiseTask is a share of the channels of dw over all pixels.
type depthwiseTask Workspace

func (t *depthwiseTask) Run(worker, i int) {
	ws := (*Workspace)(t)
	p, j, w := ws.plan, &ws.job, &ws.workers[worker]
	o := &p.outers[0]
	first, last := parallel.Share(p.shape.C, j.parts, i)
	tile := &w.tile
	tile.A, tile.B, tile.C = j.x, j.dy, j.y
	tile.LDA, tile.LDB, tile.Beta = p.shape.StrideW*p.shape.C, p.shape.K, 1
	tile.AOff, tile.BOff, tile.Cols = first, first, last-first
	rows := p.shape.N * p.oh
	// The first band runs even if it is empty: it sets dw.
	for row := 0; row == 0 || row < rows; row += o.band {
		for tap := range o.taps {
			w.segs = p.bandSegments(w.segs[:0], o, tap, row, min(row+o.band, rows))
			tile.COff = tap*p.shape.C + first
			tile.Flags = 0
			if row > 0 {
				tile.Flags = micro.FlagLoad
			}
			for at := 0; ; tile.Flags = micro.FlagLoad {
				end := at + nextCall(w.segs[at:], depthwisePixels)
				tile.Segs = w.segs[at:end]
				p.bundle.DepthwiseOuter(tile)
				if at = end; at == len(w.segs) {
					break
				}
			}
		}
	}
}

// depthwisePixels is the most pixels of a call.
const depthwisePixels = micro.DepthwiseSteps / depthwiseChannels

// mostPixels is the most pixels of a segment of backward weights: one call takes it.
func (p *Plan) mostPixels() int {
	if p.shape.depthwise() {
		return depthwisePixels
	}
	return p.bundle.MaxSteps
}
