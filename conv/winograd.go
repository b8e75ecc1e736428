package conv

import (
	"fmt"
	"math"

	"github.com/simdconv/simdconv/kernels/micro"
	"github.com/simdconv/simdconv/kernels/parallel"
)

// winograd is Winograd's minimal filtering F(out x out, 3x3): a tile of out x out
// outputs from one of (out+2) x (out+2) inputs, with one multiplication for
// each value of the latter and pair of channels,
//
//	Y = Aᵀ [ (G g Gᵀ) ⊙ (Bᵀ d B) ] A
//
// which is 16 instead of 36 for out = 2, 36 instead of 144 for out = 4 and 64
// instead of 324 for out = 6. The sum over input channels goes between the
// transforms. Seen over all tiles it is one matrix product for each of the (out+2)²
// places of a tile, the planes:
//
//	x ---> V [plane][tile][channel] --+
//	                                  +--> M [plane][tile][k] ---> y
//	w ---> U [plane][channel][k] -----+
//
// A block of tiles goes all the way before the next, so that V and M stay in L2.
// Backward data is the same over dy, with the filter turned by 180 degrees and
// its channels exchanged.
//
// See Lavin and Gray, Fast Algorithms for Convolutional Neural Networks, CVPR
// 2016; for the points of out = 4, and for splitting the sum, Barabasz et al.,
// Error Analysis and Improving the Accuracy of Winograd Convolution for Deep
// Neural Networks, ACM TOMS 2020.
type winograd struct{ out int }

// winogradSplit is the length of a block of the reduction: each is summed from
// zero and then added to the sum of those before. It is part of the definition
// of the result, and what keeps F(4x4,3x3) near the error of plain summation.
const winogradSplit = 64

func (m winograd) tile() int   { return m.out + 2 }
func (m winograd) planes() int { return m.tile() * m.tile() }

func (m winograd) refuse(p *Plan, pass Pass) string {
	s := &p.shape
	switch {
	case pass == BackwardWeights && m.out != 4:
		return fmt.Sprintf("it has no %v pass", pass)
	case s.R != 3 || s.S != 3:
		return fmt.Sprintf("the filter is %dx%d, it needs 3x3", s.R, s.S)
	case s.StrideH != 1 || s.StrideW != 1:
		return fmt.Sprintf("the stride is %dx%d, it needs 1x1", s.StrideH, s.StrideW)
	case s.DilationH != 1 || s.DilationW != 1:
		return fmt.Sprintf("the dilation is %dx%d, it needs 1x1", s.DilationH, s.DilationW)
	case s.Groups != 1:
		return fmt.Sprintf("there are %d groups, it needs 1", s.Groups)
	}
	return ""
}

// A winogradGrid is how Winograd goes over one pass: forward the input is x and
// the output y, backward dy and dx. It is a function of the plan.
type winogradGrid struct {
	winograd
	images         int
	inH, inW       int
	outH, outW     int
	red, results   int // channels summed over, and channels of the output
	top, left      int // padding of the input
	rows, cols     winogradAxis
	tiles          int    // of all images
	group          int    // images whose tiles are sorted together
	block          int    // most tiles of a block
	most           int    // tiles of the workspace
	together       bool   // threads work on one block at a time, not each on its own
	late           bool   // the pass packs U, a chunk at a time
	ahead          bool   // V is beyond L2 or another thread's: tiles ask for it, and for U
	fetchRows      int    // of a run of pixels of x or y that products ask for; 0 if they do not
	between        bool   // between tiles, not in them
	stream         uint32 // whether y goes past the caches: only whole lines do
	chunk          int    // most output channels that go through M at a time, a multiple of NR
	nr             int
	ldv, ldm       int // between tiles of a plane of V and of M
	planeV, planeM int // between planes
	planeU         int
}

func (m winograd) grid(p *Plan, pass Pass) winogradGrid {
	s := &p.shape
	g := winogradGrid{
		winograd: m, images: s.N, nr: p.bundle.NR,
		inH: s.H, inW: s.W, outH: p.oh, outW: p.ow, red: s.C, results: s.K, top: s.Top, left: s.Left,
	}
	if pass == BackwardData {
		g.inH, g.inW, g.outH, g.outW = g.outH, g.outW, g.inH, g.inW
		g.red, g.results = g.results, g.red
		g.top, g.left = 2-g.top, 2-g.left
	}
	g.rows, g.cols = newWinogradAxis(g.outH, m.out), newWinogradAxis(g.outW, m.out)
	g.setOrder()
	g.late = p.opts.Once && p.opts.WorkspaceLimit == 0 && g.tiles <= winogradLateBlock && g.bytesU() >= winogradLateU
	g.chunk = min(winogradChunk, ceilDiv(g.results, maxNR)*maxNR)
	if g.late {
		g.chunk = min(g.chunk, winogradLateChunk)
	}
	g.ldv, g.ldm = offPeriod(ceilDiv(g.red, 16)*16), offPeriod(g.chunk)
	g.cut(p)
	g.planeU = oddLines(g.panels() * g.red * g.nr)
	if g.late {
		g.planeU = oddLines(g.red * g.chunk)
	}
	if g.results%16 == 0 && p.bundle.Lanes() == 16 {
		g.stream = micro.Stream(g.images * g.outH * g.outW * g.results)
	}
	return g
}

const (
	maxMR = 14 // of all tiers
	maxNR = 32

	// V and M of a block of one of the largest register tiles stay in L2: 278% of
	// the FMA peak on 64x56x56 and 312 on 256x56x56, against 252 and 268 with two.
	// Up to two are one block on one thread, which reads U once: 1 to 2%. More
	// threads read it each, or share out V of more than one register tile, at the
	// price of a second region and of V from one another's caches: with U of 2.4 MB
	// that costs 8 to 11%, of 7 MB 4 to 9%, of 9.4 MB nothing. U that comes from
	// memory should come less often, and for all threads together: two register
	// tiles are up to 5% slower than eight on 512x7x7 and 512x14x14, four are not,
	// but eight leave the memory to more threads.
	winogradBlock    = 14
	winogradOneBlock = 28
	winogradFarBlock = 112
	winogradOwnU     = 8 << 20 // bytes of U

	// From so many bytes on, U that serves one pass and one block is packed a chunk at
	// a time, which stays in the caches: packing, forward and input gradients of
	// ResNet-34's 3x3 layers with eight images take 0.94 of the time, of one image's
	// training step 0.81. Chunks of 32 channels read V twice as often: 0.92 to 1.00.
	winogradLateU     = 8 << 20
	winogradLateBlock = 128
	winogradLateChunk = 64

	winogradTiles  = 4 // of a task of transforms
	winogradShares = 4 // tasks of a thread: the wait for the last one is short
	winogradChunk  = 128
)

// One call transforms a chunk back.
const _ = uint(micro.MaxWinograd - winogradChunk)

// cut sets the tiles of a block, and the most that a workspace must hold, which
// does not depend on the tier.
func (g *winogradGrid) cut(p *Plan) {
	mr, u := p.bundle.MR, g.bytesU()
	switch {
	case g.late:
		g.block, g.most, g.together, g.ahead = winogradLateBlock, winogradLateBlock, true, true
	case u > lastLevel:
		g.block, g.most, g.together, g.ahead = winogradFarBlock, winogradFarBlock, true, true
	case g.tiles <= winogradOneBlock:
		g.block, g.most, g.ahead = winogradOneBlock, winogradOneBlock, true
		g.together = g.tiles > winogradBlock && u > winogradOwnU
	default:
		g.block, g.most = winogradBlock/mr*mr, winogradOneBlock
		g.setFetches(u, p.imageBytes())
	}
	g.most = max(1, min(g.most, g.tiles))
	g.setBlock(g.block)
}

// bytesU is the size of U.
func (g *winogradGrid) bytesU() int { return 4 * g.planes() * g.red * g.results }

// setBlock sets the most tiles of a block, and with it how far planes are apart.
func (g *winogradGrid) setBlock(n int) {
	g.block = max(1, min(n, g.tiles))
	g.planeV, g.planeM = oddLines(g.block*g.ldv), oddLines(g.block*g.ldm)
}

// offPeriod returns a row length of at least n that is no multiple of 512
// bytes: rows that far apart fall into few of the sets of L1.
func offPeriod(n int) int {
	if n%128 == 0 {
		return n + 16
	}
	return n
}

// oddLines returns a plane length of at least n, a multiple of 16: an odd number
// of cache lines, so that the same place in all planes falls into different sets
// of L1.
func oddLines(n int) int { return (ceilDiv(n, 16) | 1) * 16 }

// panels is the number of panels of NR output channels.
func (g *winogradGrid) panels() int { return ceilDiv(g.results, g.nr) }

// needs is the memory for V, M and the pixels of a tile at the border.
func (g *winogradGrid) needs() needs {
	border := g.red
	if g.late { // the panel of U, when the pixels at the border are done with
		border = oddLines(g.red * g.chunk)
	}
	v, own := g.planes()*oddLines(g.most*g.ldv), g.planes()*(oddLines(g.most*g.ldm)+border)
	if g.together {
		return needs{shared: v, worker: own, segments: 1}
	}
	return needs{worker: v + own, segments: 1}
}

func (m winograd) estimate(p *Plan, pass Pass) estimate {
	if pass == BackwardWeights {
		return m.weightsEstimate(p)
	}
	g := m.grid(p, pass)
	tiles, red, results := float64(g.tiles), float64(g.red), float64(g.results)
	points := float64(g.images) * float64(g.rows.points(m.tile())) * float64(g.cols.points(m.tile()))
	products := 2 * max(points, 1) * red * results
	transforms := max(tiles, 1) * m.transformFLOP() * (red/lanesUsed(g.red) + results/lanesUsed(g.results))
	return estimate{
		flop:       products + transforms,
		efficiency: (products + transforms) / (products/g.productEfficiency() + transforms),
		bytes:      p.imageBytes() + weightBytes(m.planes()*g.red*g.results),
		errorBound: m.errorBound(g.red),
	}
}

// transformFLOP is what a channel of a tile costs in its transform, in and out
// on average, as operations at the FMA peak. Loads and stores are part of it:
// measured on 64 and 128 channels.
func (m winograd) transformFLOP() float64 {
	switch m.out {
	case 2:
		return 93
	case 4:
		return 370
	}
	return 800
}

// productEfficiency is the share of the FMA peak that the products reach. A call
// costs as much as 4 steps of its reduction.
func (g *winogradGrid) productEfficiency() float64 {
	steps := float64(min(g.red, winogradSplit))
	return 0.98 * lanesUsed(g.results) * rowsUsed(g.tiles) * steps / (steps + 4)
}

// rowsUsed is the share of the FMA peak left to register tiles with few rows,
// which read a vector for few multiplications: n rows, in tiles of maxMR whatever
// the tier.
func rowsUsed(n int) float64 {
	n = max(n, 1)
	return tileUsed(float64(n) / float64(ceilDiv(n, maxMR)))
}

// tileUsed is the same of tiles of some rows each, on average.
func tileUsed(rows float64) float64 { return min(1, 1.15*rows/(rows+2)) }

// errorBound is at least 1.05 times the largest error measured, of Forward and of
// BackwardWeights, on what ReLU lets through and normal weights, over sums of 9
// products for each of some channels. The transforms add an error that does not
// grow with the channels, sequential summation one that does.
func (m winograd) errorBound(channels int) float64 {
	bounds := [...]struct {
		below          int
		two, four, six float64
	}{{2, 2.7, 9, 18}, {4, 1.8, 6, 25}, {16, 1.6, 4.6, 25}, {64, 1.2, 3.3, 16}, {128, 1.1, 2.9, 11}, {256, 1.1, 1.9, 8.5}, {math.MaxInt, 1.1, 1.4, 6}}
	for _, b := range bounds {
		if channels < b.below {
			return map[int]float64{2: b.two, 4: b.four, 6: b.six}[m.out]
		}
	}
	panic("unreachable")
}

func (m winograd) needs(p *Plan, pass Pass) needs {
	if pass == BackwardWeights {
		return m.weightsNeeds(p)
	}
	g := m.grid(p, pass)
	return g.needs()
}

func (m winograd) packedLen(p *Plan, pass Pass) int {
	if pass == BackwardWeights {
		return 0
	}
	g := m.grid(p, pass)
	if g.late {
		return 0
	}
	return g.planes() * g.planeU
}

func (m winograd) run(ws *Workspace, pass Pass) {
	if pass == BackwardWeights {
		m.runWeights(ws)
		return
	}
	p := ws.plan
	g := m.grid(p, pass)
	if g.tiles == 0 {
		return
	}
	threads := p.chosen[pass.index()].threads
	if !g.together && threads > 1 {
		g.setBlock(min(g.block, winogradBlock/p.bundle.MR*p.bundle.MR))
	}
	ws.job.grid = g
	blocks, parts := ceilDiv(g.tiles, g.block), 1
	if !g.together {
		if blocks >= threads {
			blocks = min(ceilDiv(blocks, threads)*threads, g.tiles)
		} else {
			parts = min(g.panels(), ceilDiv(threads, blocks))
		}
		ws.job.blocks, ws.job.parts, ws.job.threads = blocks, parts, threads
		ws.run((*winogradTask)(ws), blocks*parts, pass)
		return
	}
	ws.job.parts = ceilDiv(g.panels(), g.chunk/g.nr)
	if threads > 1 {
		ws.job.parts = min(max(ws.job.parts, winogradShares*threads), g.panels())
	}
	for i := range blocks {
		ws.job.first, ws.job.last = parallel.Share(g.tiles, blocks, i)
		ws.run((*winogradInputTask)(ws), ceilDiv(ws.job.last-ws.job.first, winogradTiles), pass)
		ws.run((*winogradOutputTask)(ws), ws.job.parts, pass)
	}
}
