package conv

import (
	"github.com/simdconv/simdconv/kernels/micro"
	"github.com/simdconv/simdconv/kernels/parallel"
)

func (m winograd) runWeights(ws *Workspace) {
	p, j := ws.plan, &ws.job
	j.weights = m.weights(p)
	g := &j.weights
	if g.x.tiles == 0 {
		clear(j.y)
		return
	}
	// Where pairs are few, threads share out their rows.
	threads := p.chosen[BackwardWeights.index()].threads
	if threads == 1 {
		g.nearTurn()
	}
	j.parts = min(ceilDiv(partsPerThread*threads, g.pairs()), ceilDiv(gradientBlock, p.bundle.MR))
	for j.split = 0; j.split < g.splits; j.split += g.turn {
		j.first, _ = parallel.Share(g.x.tiles, g.splits, j.split)
		_, j.last = parallel.Share(g.x.tiles, g.splits, min(j.split+g.turn, g.splits)-1)
		ws.run((*gradientInputTask)(ws), ceilDiv(j.last-j.first, gradientTiles), BackwardWeights)
		units := g.pairs() * j.parts
		j.blocks = min(units, gradientShares*threads)
		ws.run((*gradientTask)(ws), j.blocks, BackwardWeights)
	}
}

// gradientTiles is the tiles of one task of transforms.
const gradientTiles = 4

// gradientInputTask transforms some tiles of x and of dy.
type gradientInputTask Workspace

func (t *gradientInputTask) Run(worker, i int) {
	ws := (*Workspace)(t)
	j, g := &ws.job, &ws.job.weights
	v := ws.shared[g.kept:]
	border := ws.workers[worker].scratch
	from := j.first + i*gradientTiles
	to := min(from+gradientTiles, j.last)
	ws.transform(&g.x, gradientTile, v, j.x, border, from, to, j.first, g.block)
	ws.transform(&g.dy, gradientTaps, v[g.blocksX*g.block:], j.dy, border, from, to, j.first, g.block)
}

// gradientShares is the most tasks of a thread, of pairs that follow each other: lines
// of dw and S then seldom come from another core's cache. 7x7x256 on two threads goes
// from 96 to 103% of the FMA peak at N=1, with eight images from 173 to 185.
const gradientShares = 4

// gradientTask is some units.
type gradientTask Workspace

func (t *gradientTask) Run(worker, i int) {
	ws := (*Workspace)(t)
	first, last := parallel.Share(ws.job.weights.pairs()*ws.job.parts, ws.job.blocks, i)
	for unit := first; unit < last; unit++ {
		ws.gradientUnit(&ws.workers[worker], unit)
	}
}

// gradientUnit adds a turn of tiles to S of a pair of channel blocks, or to a part
// of its rows; the last turn goes on to dw.
func (ws *Workspace) gradientUnit(w *worker, i int) {
	p, j, g := ws.plan, &ws.job, &ws.job.weights
	pair, part := i/j.parts, i%j.parts
	sums := w.scratch
	if g.kept > 0 {
		sums = ws.shared[pair*g.x.planes()*gradientPlane:]
	}
	u := gradientUnit{
		task: i,
		sums: sums[:g.x.planes()*gradientPlane],
		c:    pair / g.blocksY * gradientBlock, k: pair % g.blocksY * gradientBlock,
	}
	u.rows = min(gradientBlock, p.shape.C-u.c)
	u.cols = min(gradientBlock, p.shape.K-u.k)
	u.tiles = ceilDiv(u.rows, p.bundle.MR)
	u.from, u.to = parallel.Share(u.tiles, j.parts, part)
	if u.from == u.to {
		return
	}
	ws.gradientProducts(w, &u)
	if j.split+g.turn >= g.splits {
		ws.gradientOutput(&u)
	}
}

// A gradientUnit is some register tiles of rows of a pair.
type gradientUnit struct {
	task       int
	sums       []float32
	c, k       int // first channels
	rows, cols int
	tiles      int // of all rows
	from, to   int
}

// gradientProducts adds a turn of tiles to the sums, plane by plane: what a block
// of the reduction reads and writes of a plane, 20 KiB, stays in L1.
func (ws *Workspace) gradientProducts(w *worker, u *gradientUnit) {
	b, j, g := ws.plan.bundle, &ws.job, &ws.job.weights
	a := &w.tile
	v := g.kept + u.c/gradientBlock*g.block
	dy := g.kept + (g.blocksX+u.k/gradientBlock)*g.block
	a.A, a.B, a.C, a.Residual = ws.shared, ws.shared, u.sums, u.sums
	a.LDA, a.LDB, a.LDC, a.LDR = gradientBlock, gradientBlock, gradientBlock, gradientBlock
	end := min(j.split+g.turn, g.splits)
	w.segs = w.segs[:0]
	for i := j.split; i < end; i++ {
		first, last := parallel.Share(g.x.tiles, g.splits, i)
		for kind := range planeKinds {
			segs := g.x.segments(first, last, kind)
			w.segs = append(w.segs, segs[:]...)
		}
	}
	ahead := ws.aheadOf(u, g.x.planes()*(end-j.split)*(u.to-u.from)*ceilDiv(u.cols, b.NR))
	for plane := range g.x.planes() {
		kind := g.x.kind(plane)
		for i := j.split; i < end; i++ {
			first, _ := parallel.Share(g.x.tiles, g.splits, i)
			at := plane*g.x.planeV + (first-j.first)*gradientBlock
			a.Segs = blockSegments(w.segs, (i-j.split)*planeKinds+kind)
			a.Flags = micro.FlagResidual
			if i == 0 {
				a.Flags = 0
			} else if len(a.Segs) == 0 {
				continue
			}
			for r := u.from; r < u.to; r++ {
				from, to := parallel.Share(u.rows, u.tiles, r)
				a.AOff = v + at + from
				for col := 0; col < u.cols; col += b.NR {
					a.BOff = dy + at + col
					a.Cols = min(b.NR, u.cols-col)
					a.COff = plane*gradientPlane + from*gradientBlock + col
					a.ROff = a.COff
					a.Next = a.COff + (to-from)*gradientBlock
					b.Outer(to-from, a)
					ahead.call(ws)
				}
			}
		}
	}
}

// gradientOutput transforms the sums of some input channels into dw.
func (ws *Workspace) gradientOutput(u *gradientUnit) {
	s := &ws.plan.shape
	tap := s.C * s.K
	a := micro.PixelsArgs{
		M: u.sums, Plane: gradientPlane, N: u.cols,
		Y: ws.job.y, YRow: 3 * tap, YCol: tap, Rows: 3, Cols: 3,
	}
	from, _ := parallel.Share(u.rows, u.tiles, u.from)
	_, to := parallel.Share(u.rows, u.tiles, u.to-1)
	for c := from; c < to; c++ {
		a.MOff, a.YOff = c*gradientBlock, (u.c+c)*s.K+u.k
		ws.plan.bundle.WinogradOutput(gradientTile, 3, &a)
	}
}
