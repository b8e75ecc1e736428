package conv

import (
	"github.com/simdconv/simdconv/kernels/micro"
	"github.com/simdconv/simdconv/kernels/parallel"
)

// An outer is how direct computes backward weights: one matrix product per tap,
// dw[r,s] = x'·dy, where x' is the input pixels that the tap read, channels
// down. A register tile holds MR rows x NR columns of dw and runs over the
// pixels, adding an outer product at each. Pixels whose tap fell on padding are
// not in the run, and no two threads share a result.
//
// Pixels go by in bands of image rows; between bands a tile rests in dw. A tile as
// wide as AVX-512's reads the band where it lies. For narrower ones, which read
// more for each multiplication, a band of many channels is first copied to panels,
// x as wide as a tile has rows and dy as wide as it has columns: as they lie, its
// pixels crowd into a few sets of L1 (7x7x512 on Zen 4: 44% of the FMA peak with
// AVX2, 84% from panels).
//
// Where a filter row has few values, S x C of them, it is folded: they are the
// rows of one matrix per r, as they lie side by side in an image row, which is
// copied between zeros.
type outer struct {
	fold       bool
	copyX      bool
	copyDY     bool
	ahead      bool // tiles ask for the next band
	groups     int
	taps       int // matrices of each group: R*S, folded R
	rows, cols int // of a matrix: channels of a group, folded S*C; output channels
	mr, nr     int
	rowTiles   int
	panels     int // of a group's columns

	band       int  // output rows of a band, counted through the batch
	rowComb    comb // rows of the copy of x
	colComb    comb // pixels of such a row
	xCols      int  // pixels of a row of the copy
	xRows      int  // rows of the copy of a band
	pixelWidth int  // floats of a pixel in a panel of x
}

// bandPixels is the most pixels of a band. One that fits bandBytes stays in L2
// while the tiles of dw pass by: 93% of the FMA peak instead of 88 on 28x28x128 to
// 256 channels, stride 2. One of fewer than bandLeast pixels would have dw, 9.4 MB
// for 512 channels, pass by too often, 100% instead of 107 on 7x7x512, and the
// rows of a band then come from the last level of cache.
const (
	bandPixels = 1024
	bandLeast  = 200
	bandBytes  = 640 << 10

	// Folded, few tiles pass by, and threads meet twice in each band: two take 0.92 of
	// the time with eight images of 28x28x1 to 64, 0.94 with 32; one takes the same.
	foldPixels = 2560

	// Of operands from memory with few products each, a 1x1 filter's, tiles ask for
	// the next band, and two are in L2. With fewer products than aheadProducts asking
	// takes longer than what it saves: 1.5 times the time with 3 (4 channels to 16),
	// 1.3 with 12, 1.1 with 21, 1.06 with 32; with 43 and more 0.85 to 1.03.
	aheadBytes    = bandBytes / 2
	aheadProducts = 40
)

// bandOf is the pixels of a band.
func (s *Shape) bandOf() int {
	bytes, least := bandBytes, bandLeast
	if s.far() {
		bytes, least = aheadBytes, bandLeast/2
	}
	most := bandPixels
	if s.folds() {
		most = foldPixels
	}
	perPixel := 4 * (s.K + min(s.R, s.StrideH)*min(s.S, s.StrideW)*s.C)
	if n := bytes / perPixel; n >= least {
		return min(n, most)
	}
	return most
}

// far reports whether the products of a 1x1 filter wait for memory, and are enough to
// ask for it in the meantime.
func (s *Shape) far() bool {
	return s.R*s.S == 1 && 4*(s.XLen()+s.YLen()) > lastLevel && s.C*(s.K/s.Groups) >= aheadProducts*(s.C+s.K)
}

// crowded is the distance between pixels, in floats, from which a band's pixels
// share too few sets of L1 and are copied for narrow tiles. A copy takes 5-10% of
// the time of 64 channels, and for AVX-512 20% of 14x14x256 to 512, 1x1.
const crowded = 256

// crowds reports which operands are crowded: a plan's memory must not depend on
// the tier, so there is room for the copies of any.
func (s *Shape) crowds() (x, dy bool) {
	return !s.depthwise() && s.StrideW*s.C >= crowded, !s.depthwise() && s.K >= crowded
}

// foldRows is the most values of a filter row that is folded: one or two tiles.
const foldRows = 28

// foldChannels is the most channels that are folded: with more, tiles are half
// full without it. It is the same for all tiers, so that needs are.
const foldChannels = 7

// newOuter returns the layout of backward weights, plain or folded. Folding
// needs one group and no dilation along rows; see runOuter for the zeros beside an
// image row, which are multiplied.
func (p *Plan) newOuter(fold bool) outer {
	s, b := &p.shape, p.bundle
	crowdedX, crowdedDY := s.crowds()
	narrow := b.NR < maxNR
	o := outer{
		fold: fold, copyX: fold || narrow && crowdedX, copyDY: narrow && crowdedDY,
		groups: s.Groups, taps: s.R * s.S, rows: p.cg, cols: p.kg, mr: b.MR, nr: b.NR,
		rowComb: newComb(s.StrideH, s.DilationH, s.R),
		colComb: newComb(s.StrideW, s.DilationW, s.S),
	}
	o.ahead = s.far() && !o.copyX && !o.copyDY
	o.band = min(max(1, s.bandOf()/max(1, p.ow)), max(1, s.N*p.oh))
	images := min(s.N, (o.band+p.oh-2)/max(1, p.oh)+1) // a band starts anywhere in one
	o.xRows = o.band*o.rowComb.step + images*o.rowComb.extra
	o.xCols, o.pixelWidth = s.W, b.MR
	if o.colComb.extra == 0 {
		o.xCols = p.ow * o.colComb.step
	}
	if fold {
		o.taps, o.rows = s.R, s.S*s.C
		o.colComb = comb{step: s.StrideW, tap: 1}
		o.xCols, o.pixelWidth = max(0, p.ow-1)*s.StrideW+s.S, s.C
	}
	o.rowTiles, o.panels = ceilDiv(o.rows, b.MR), ceilDiv(o.cols, b.NR)
	return o
}

// folds reports whether the folded layout exists and pays: its tiles are fuller.
func (s *Shape) folds() bool {
	return s.Groups == 1 && s.DilationW == 1 && s.S > 1 && s.S*s.C <= foldRows && s.C <= foldChannels
}

// xPanel is the length of a panel of x, dyPanel that of a panel of dy.
func (o *outer) xPanel() int        { return o.xRows * o.xCols * o.pixelWidth }
func (o *outer) dyPanel(ow int) int { return o.band * ow * o.nr }
func (o *outer) tiles() int         { return o.groups * o.panels * o.taps * o.rowTiles }

// share is the part of a matrix's rows that is in a tile.
func (o *outer) share(rowTile int) (first, last int) {
	return parallel.Share(o.rows, o.rowTiles, rowTile)
}

// start is where a tile begins in dw.
func (o *outer) start(tile, k int) int {
	perTap := o.rowTiles * o.panels
	group, tap := tile/perTap/o.taps, tile/perTap%o.taps
	first, _ := o.share(tile % perTap / o.panels)
	return (tap*o.rows+first)*k + group*o.cols + tile%o.panels*o.nr
}

func (o *outer) segments(ow, most int) int { return o.band * ceilDiv(ow, most) }

// xPanels is the number of panels of x: folded, all rows are in one.
func (o *outer) xPanels() int {
	if o.fold {
		return 1
	}
	return o.groups * o.rowTiles
}

// xLen is the floats of the copy of x.
func (o *outer) xLen() int {
	if !o.copyX {
		return 0
	}
	return o.xPanels() * o.xPanel()
}

// outerNeeds has room for the panels of any tier: what a plan needs, and with it
// what WorkspaceLimit refuses, must not depend on it.
func (p *Plan) outerNeeds() (n needs) {
	crowdedX, crowdedDY := p.shape.crowds()
	for i := range p.outers {
		o := &p.outers[i]
		shared := 0
		switch {
		case o.fold:
			shared += o.xPanel()
		case crowdedX:
			shared += o.groups * (o.rows + maxMR - 1) * o.xRows * o.xCols
		}
		if crowdedDY {
			shared += o.groups * (o.cols + maxNR - 1) * o.band * p.ow
		}
		n = n.max(needs{shared: shared, segments: o.segments(p.ow, p.mostPixels())})
	}
	return n
}

// partsPerThread cuts each thread's tiles in two, so that a thread that falls
// behind gives some of its work away.
const partsPerThread = 2

// runOuter folds where the plan does. The zeros beside the image then meet dy, and dw
// shows whether they made a NaN of infinity: if it is finite no dy was anything else.
// To look at dy before took 8% of the time of 28x28x1 to 64, 7x7, and 15% with 32 images.
func runOuter(ws *Workspace) {
	p := ws.plan
	o := &p.outers[len(p.outers)-1]
	ws.outerBands(o)
	if o.fold && !p.engine.Finite(ws.job.y) {
		ws.outerBands(&p.outers[0]) // bits are the same, but for those NaNs
	}
}

// outerBands computes dw by one of the layouts.
func (ws *Workspace) outerBands(o *outer) {
	p, j := ws.plan, &ws.job
	rows := p.shape.N * p.oh
	j.outer = o
	j.parts = min(o.tiles(), partsPerThread*p.chosen[BackwardWeights.index()].threads)
	// The first band runs even if it is empty: it sets dw.
	for j.first = 0; j.first == 0 || j.first < rows; j.first += o.band {
		j.last = min(j.first+o.band, rows)
		if o.copyX || o.copyDY {
			ws.run((*bandTask)(ws), j.last-j.first, BackwardWeights)
		}
		ws.run((*outerTask)(ws), j.parts, BackwardWeights)
	}
}

// outerTask is a range of the tiles of dw over one band.
type outerTask Workspace

func (t *outerTask) Run(worker, i int) {
	ws := (*Workspace)(t)
	p, j, w := ws.plan, &ws.job, &ws.workers[worker]
	o := j.outer
	from, to := parallel.Share(o.tiles(), j.parts, i)
	tile := &w.tile
	tile.A, tile.B, tile.C = j.x, j.dy, j.y
	tile.LDA, tile.LDB, tile.LDC = p.shape.StrideW*p.shape.C, p.shape.K, p.shape.K
	if o.copyX {
		tile.A, tile.LDA = ws.shared, o.colComb.step*o.pixelWidth
	}
	if o.copyDY {
		tile.B, tile.LDB = ws.shared, o.nr
	}
	tile.Beta = 1
	perTap := o.rowTiles * o.panels
	for at := from; at < to; {
		tap := at / perTap
		last := min(to, (tap+1)*perTap)
		w.segs = p.bandSegments(w.segs[:0], o, tap%o.taps, j.first, j.last)
		rowTile, panel := at%perTap/o.panels, at%o.panels
		first, end := o.share(rowTile)
		tile.COff = o.start(at, p.shape.K)
		for ; at < last; at++ {
			// dw may come from afar: 7x7x512 at N=1 goes from 73 to 88% of the FMA peak. Divisions
			// for every tile would take 4% of 7x7x256.
			tile.Next = tile.COff + o.nr
			if panel+1 == o.panels || at+1 == to {
				tile.Next = o.start(min(at+1, to-1), p.shape.K)
			}
			if o.ahead {
				ws.prefetchBand(at)
			}
			ws.outerTile(w, tap/o.taps, rowTile, panel, first, end)
			tile.COff = tile.Next
			if panel++; panel == o.panels && at+1 < last {
				rowTile, panel = rowTile+1, 0
				first, end = o.share(rowTile)
			}
		}
	}
}

// bandSegments lists the runs of pixels of output rows [from, to), counted
// through the batch, that a tap read inside the image.
func (p *Plan) bandSegments(segs []micro.Segment, o *outer, tap, from, to int) []micro.Segment {
	r, s := tap, 0
	lo, hi := 0, p.ow
	if !o.fold {
		r, s = tap/p.shape.S, tap%p.shape.S
		lo, hi = p.cols.Outputs(s)
	}
	rowLo, rowHi := p.rows.Outputs(r)
	stepA, stepB, most := p.shape.StrideW*p.shape.C, p.shape.K, p.mostPixels()
	if o.copyX {
		stepA = o.colComb.step * o.pixelWidth
	}
	if o.copyDY {
		stepB = o.nr
	}
	for row := from; row < to; row++ {
		if oh := row % p.oh; oh < rowLo || oh >= rowHi {
			continue
		}
		for ow := lo; ow < hi; {
			n := min(hi-ow, most)
			seg := micro.Segment{K: n}
			if o.copyX {
				seg.A = (p.bandRow(o, from, row, r)*o.xCols + p.bandCol(o, ow, s)) * o.pixelWidth
			} else {
				seg.A = ((row/p.oh*p.shape.H+p.rows.In(row%p.oh, r))*p.shape.W + p.cols.In(ow, s)) * p.shape.C
			}
			if o.copyDY {
				seg.B = ((row-from)*p.ow + ow) * o.nr
			} else {
				seg.B = (row*p.ow + ow) * p.shape.K
			}
			ow += n
			if i := len(segs) - 1; i >= 0 && segs[i].K+n <= most &&
				segs[i].A+segs[i].K*stepA == seg.A && segs[i].B+segs[i].K*stepB == seg.B {
				segs[i].K += n
				continue
			}
			segs = append(segs, seg)
		}
	}
	return segs
}

// outerTile adds a band to rows first to last of a tile of dw, or sets them to it. Neighbouring
// panels follow each other, as they do in dw: panel by panel, 7x7x512 lost a
// third to page walks.
func (ws *Workspace) outerTile(w *worker, group, rowTile, panel, first, last int) {
	p, j := ws.plan, &ws.job
	o := j.outer
	column := panel * o.nr

	t := &w.tile
	t.AOff = group*o.rows + first
	if o.copyX && !o.fold {
		t.AOff = (group*o.rowTiles + rowTile) * o.xPanel()
	}
	t.BOff = group*o.cols + column
	if o.copyDY {
		t.BOff = o.xLen() + (group*o.panels+panel)*o.dyPanel(p.ow)
	}
	t.Cols = min(o.nr, o.cols-column)
	t.Flags = 0
	if j.first > 0 {
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
