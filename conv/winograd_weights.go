package conv

import (
	"github.com/simdconv/simdconv/kernels/micro"
	"github.com/simdconv/simdconv/kernels/parallel"
)

// Backward weights by winograd4 is F(3x3,4x4): over one tile the gradient of a
// filter is itself a small correlation, of the input with dy as a filter of 4x4
// taps, and its transforms are those of the forward pass's points,
//
//	dw = Aᵀ [ sum over tiles of (Bᵀ x B) ⊙ (G dy Gᵀ) ] A
//
// with 36 multiplications for each pair of channels instead of 144. The sum is
// one product for each plane,
//
//	x  ---> V [plane][tile][c] --+
//	                             +--> S [plane][c][k] ---> dw
//	dy ---> W [plane][tile][k] --+
//
// in near-equal blocks of at most 64 tiles, each summed from zero and then added.
// Threads share out tiles to transform, then results: never a sum.
//
// V and W hold blocks of 32 channels, [plane][channel block][tile][32], as a
// register tile reads down a column.
type winogradWeights struct {
	x, dy  winogradGrid // the tiles of both
	splits int          // blocks of the reduction
	turn   int          // how many of them go through V and W at a time
	blockV int          // between channel blocks of V and W
	lds    int          // between channels of a plane of S
	planeS int
}

const (
	gradientTile  = 6  // of x
	gradientTaps  = 4  // of dy
	gradientBlock = 32 // channels

	// The bytes of V and W of one turn: about as many as of S, which is read and
	// written once a turn, within what the last level of cache holds.
	gradientLow  = 4 << 20
	gradientHigh = 16 << 20
)

func (m winograd) weights(p *Plan) winogradWeights {
	s := &p.shape
	x := winogradGrid{
		winograd: m, images: s.N, inH: s.H, inW: s.W, red: s.C, top: s.Top, left: s.Left,
		tilesH: ceilDiv(p.oh, m.out), tilesW: ceilDiv(p.ow, m.out), ldv: gradientBlock,
	}
	x.tiles = s.N * x.tilesH * x.tilesW
	dy := x
	dy.inH, dy.inW, dy.red, dy.top, dy.left = p.oh, p.ow, s.K, 0, 0

	blocksX, blocksY := ceilDiv(s.C, gradientBlock), ceilDiv(s.K, gradientBlock)
	g := winogradWeights{splits: ceilDiv(x.tiles, winogradSplit)}
	g.lds = ceilDiv(s.K, 16) * 16
	g.planeS = oddLines(s.C * g.lds)
	budget := min(max(4*m.planes()*g.planeS, gradientLow), gradientHigh)
	most := budget / (4 * m.planes() * winogradSplit * gradientBlock * (blocksX + blocksY))
	g.turn = max(1, min(most, g.splits))
	g.blockV = min(g.turn*winogradSplit, x.tiles) * gradientBlock
	x.planeV, dy.planeV = oddLines(blocksX*g.blockV), oddLines(blocksY*g.blockV)
	g.x, g.dy = x, dy
	return g
}

func (m winograd) weightsNeeds(p *Plan) needs {
	g := m.weights(p)
	return needs{
		shared:   m.planes() * (g.planeS + g.x.planeV + g.dy.planeV),
		worker:   max(gradientTile*gradientTile*p.shape.C, gradientTaps*gradientTaps*p.shape.K),
		segments: 1,
	}
}

// gradientFLOP is what a channel of a tile costs in its transform, and a pair of
// channels in that of S, as operations at the FMA peak: their planes go to the
// last level of cache.
const gradientFLOP = 600

func (m winograd) weightsEstimate(p *Plan) estimate {
	g := m.weights(p)
	c, k, tiles := float64(p.shape.C), float64(p.shape.K), float64(max(1, g.x.tiles))
	products := 2 * float64(m.planes()) * tiles * c * k
	transforms := gradientFLOP * (tiles*(c/lanesUsed(p.shape.C)+k/lanesUsed(p.shape.K)) + c*k/lanesUsed(p.shape.K))
	// A call costs as much as 12 steps: it reads and writes its part of S.
	steps := tiles / float64(max(1, g.splits))
	efficiency := 0.9 * lanesUsed(p.shape.K) * rowsUsed(p.shape.C) * max(1, steps) / (steps + 12)
	turns := ceilDiv(g.splits, g.turn)
	return estimate{
		flop:       products + transforms,
		efficiency: (products + transforms) / (products/efficiency + transforms),
		bytes:      p.imageBytes() + weightBytes(p.shape.WLen()) + float64(2*turns+1)*weightBytes(m.planes()*p.shape.C*p.shape.K),
		errorBound: m.errorBound(g.x.tiles * m.out * m.out / 9),
	}
}

func (m winograd) runWeights(ws *Workspace) {
	p, j := ws.plan, &ws.job
	j.weights = m.weights(p)
	g := &j.weights
	if g.x.tiles == 0 {
		clear(j.y)
		return
	}
	units := m.planes() * ceilDiv(p.shape.K, p.bundle.NR)
	for j.split = 0; j.split < g.splits; j.split += g.turn {
		j.first, _ = parallel.Share(g.x.tiles, g.splits, j.split)
		_, j.last = parallel.Share(g.x.tiles, g.splits, min(j.split+g.turn, g.splits)-1)
		ws.run((*gradientInputTask)(ws), ceilDiv(j.last-j.first, gradientTiles), BackwardWeights)
		ws.run((*gradientTask)(ws), units, BackwardWeights)
	}
	ws.run((*gradientOutputTask)(ws), p.shape.C, BackwardWeights)
}

// gradientTiles is the tiles of one task of transforms.
const gradientTiles = 4

// planesOf returns the parts of the shared memory.
func (g *winogradWeights) planesOf(shared []float32) (s, v, w []float32) {
	n := g.x.planes()
	s, shared = shared[:n*g.planeS], shared[n*g.planeS:]
	return s, shared[:n*g.x.planeV], shared[n*g.x.planeV:][:n*g.dy.planeV]
}

// gradientInputTask transforms some tiles of x and of dy.
type gradientInputTask Workspace

func (t *gradientInputTask) Run(worker, i int) {
	ws := (*Workspace)(t)
	j, g := &ws.job, &ws.job.weights
	_, v, w := g.planesOf(ws.shared)
	border := ws.workers[worker].scratch
	from := j.first + i*gradientTiles
	to := min(from+gradientTiles, j.last)
	ws.transform(&g.x, gradientTile, v, j.x, border, from, to, j.first, g.blockV)
	ws.transform(&g.dy, gradientTaps, w, j.dy, border, from, to, j.first, g.blockV)
}

// gradientTask adds a turn of tiles to one panel of columns of one plane of S.
type gradientTask Workspace

func (t *gradientTask) Run(worker, i int) {
	ws := (*Workspace)(t)
	p, j, g, w := ws.plan, &ws.job, &ws.job.weights, &ws.workers[worker]
	panels := ceilDiv(p.shape.K, p.bundle.NR)
	plane, col := i/panels, i%panels*p.bundle.NR
	a := &w.tile
	a.C, a.A, a.B = g.planesOf(ws.shared)
	a.Residual = a.C
	w.segs = w.segs[:1]
	a.Segs = w.segs
	a.LDA, a.LDB, a.LDC, a.LDR = gradientBlock, gradientBlock, g.lds, g.lds
	a.Cols = min(p.bundle.NR, p.shape.K-col)
	for i := j.split; i < min(j.split+g.turn, g.splits); i++ {
		first, last := parallel.Share(g.x.tiles, g.splits, i)
		at := (first - j.first) * gradientBlock
		w.segs[0] = micro.Segment{K: last - first}
		a.BOff = plane*g.dy.planeV + col/gradientBlock*g.blockV + at + col%gradientBlock
		a.Flags = micro.FlagResidual
		if i == 0 {
			a.Flags = 0
		}
		for c := 0; c < p.shape.C; c += gradientBlock {
			n := min(gradientBlock, p.shape.C-c)
			rows := ceilDiv(n, p.bundle.MR)
			for r := range rows {
				from, to := parallel.Share(n, rows, r)
				a.AOff = plane*g.x.planeV + c/gradientBlock*g.blockV + at + from
				a.COff = plane*g.planeS + (c+from)*g.lds + col
				a.ROff = a.COff
				a.Next = a.COff + (to-from)*g.lds
				p.bundle.Outer(to-from, a)
			}
		}
	}
}

// gradientOutputTask transforms one input channel of S into dw.
type gradientOutputTask Workspace

func (t *gradientOutputTask) Run(_, c int) {
	ws := (*Workspace)(t)
	s, g := &ws.plan.shape, &ws.job.weights
	tap := s.C * s.K
	a := micro.PixelsArgs{Y: ws.job.y, YRow: 3 * tap, YCol: tap, Plane: g.planeS, Rows: 3, Cols: 3}
	a.M, _, _ = g.planesOf(ws.shared)
	for k := 0; k < s.K; k += micro.MaxWinograd {
		a.N = min(s.K-k, micro.MaxWinograd)
		a.MOff, a.YOff = c*g.lds+k, c*s.K+k
		ws.plan.bundle.WinogradOutput(gradientTile, 3, &a)
	}
}
