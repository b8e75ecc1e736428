package conv

// Backward weights by winograd4 is F(3x3,4x4): over one tile the gradient of a
// filter is itself a small correlation, of the input with dy as a filter of 4x4
// taps, and its transforms are those of the forward pass's points,
//
//	dw = Aᵀ [ sum over tiles of (Bᵀ x B) ⊙ (G dy Gᵀ) ] A
//
// with 36 multiplications for each pair of channels instead of 144. The sum is
// one product for each plane,
//
//	x  ---> V [channel block][plane][tile][32] --+
//	                                             +--> S [plane][32][32] ---> dw
//	dy ---> W [channel block][plane][tile][32] --+
//
// in near-equal blocks of at most 64 tiles, each summed from zero and then added.
// Short tiles of dy have no value at infinity: its planes are the sum over the others.
// A pair of channel blocks of x and dy goes through all planes before the next,
// so that its S stays in L2. If the tiles are too many for V and W to stay in the
// last level of cache, they take turns, between which S of all pairs is kept.
//
// Threads share out tiles to transform, then pairs: never a sum.
type winogradWeights struct {
	x, dy   winogradGrid // the tiles of both
	splits  int          // blocks of the reduction
	turn    int          // how many of them go through V and W at a time
	blocksX int          // of channels
	blocksY int
	block   int // between channel blocks of V and W
	kept    int // floats of S that turns keep
}

const (
	gradientTile  = 6  // of x
	gradientTaps  = 4  // of dy
	gradientBlock = 32 // channels

	// The bytes of V and W of one turn: about as many as of S, which is read and
	// written once a turn, within what the last level of cache holds.
	gradientLow  = 4 << 20
	gradientHigh = 20 << 20

	// One thread takes shorter turns where S is no larger: what they transform and the
	// pixels of the next are nearer. 64x56x56 goes from 231 to 255% of the FMA peak with 8
	// and 32 images, but two threads wait for each other more often, 5 to 24% lost.
	gradientNear = 2 << 20
)

// gradientPlane is a plane of S of a pair.
var gradientPlane = oddLines(gradientBlock * gradientBlock)

func (m winograd) weights(p *Plan) winogradWeights {
	s := &p.shape
	x := winogradGrid{
		winograd: m, images: s.N, inH: s.H, inW: s.W, red: s.C, top: s.Top, left: s.Left,
		rows: newWinogradAxis(p.oh, m.out), cols: newWinogradAxis(p.ow, m.out), ldv: gradientBlock,
	}
	x.setOrder()
	dy := x
	dy.inH, dy.inW, dy.red, dy.top, dy.left = p.oh, p.ow, s.K, 0, 0

	g := winogradWeights{splits: ceilDiv(x.tiles, winogradSplit)}
	g.blocksX, g.blocksY = ceilDiv(s.C, gradientBlock), ceilDiv(s.K, gradientBlock)
	all := g.pairs() * m.planes() * gradientPlane
	budget := max(4*all, gradientLow)
	perTile := 4 * m.planes() * gradientBlock * (g.blocksX + g.blocksY)
	g.turn = max(1, g.splits)
	if x.tiles*perTile > budget {
		g.turn = max(1, min(budget, gradientHigh)/(perTile*winogradSplit))
		g.kept = all
	}
	g.x, g.dy = x, dy
	g.setTurn(g.turn)
	return g
}

// setTurn sets the blocks of a turn, and with it how far planes are apart.
func (g *winogradWeights) setTurn(n int) {
	g.turn = n
	g.x.planeV = oddLines(min(n*winogradSplit, g.x.tiles) * gradientBlock)
	g.dy.planeV = g.x.planeV
	g.block = g.x.planes() * g.x.planeV
}

// nearTurn shortens the turn of a single thread.
func (g *winogradWeights) nearTurn() {
	if g.kept > 0 && 4*g.kept <= gradientNear {
		perBlock := 4 * g.x.planes() * gradientBlock * (g.blocksX + g.blocksY) * winogradSplit
		g.setTurn(min(g.turn, max(1, gradientNear/perBlock)))
	}
}

// pairs is the number of pairs of channel blocks.
func (g *winogradWeights) pairs() int { return g.blocksX * g.blocksY }

func (m winograd) weightsNeeds(p *Plan) needs {
	g := m.weights(p)
	n := needs{
		shared:   g.kept + (g.blocksX+g.blocksY)*g.block,
		worker:   max(gradientTile*gradientTile*p.shape.C, gradientTaps*gradientTaps*p.shape.K),
		segments: min(g.turn, g.splits) * planeKinds * groupsOfBlock,
	}
	if g.kept == 0 {
		n.worker = max(n.worker, m.planes()*gradientPlane)
	}
	return n
}

// gradientFLOP is what a channel of a tile costs in its transform, and a pair of
// channels in that of S, as operations at the FMA peak: V and W go to the last
// level of cache, dw to memory.
const gradientFLOP = 600

func (m winograd) weightsEstimate(p *Plan) estimate {
	g := m.weights(p)
	c, k, tiles := float64(p.shape.C), float64(p.shape.K), float64(max(1, g.x.tiles))
	points := float64(g.x.images) * float64(g.x.rows.points(m.tile())) * float64(g.x.cols.points(m.tile()))
	products := 2 * max(points, 1) * c * k
	transforms := gradientFLOP * (tiles*(c/lanesUsed(p.shape.C)+k/lanesUsed(p.shape.K)) + c*k/lanesUsed(p.shape.K))
	// A call costs as much as 6 steps: it reads and writes its part of S.
	steps := tiles / float64(max(1, g.splits))
	efficiency := 0.9 * lanesUsed(p.shape.K) * rowsUsed(p.shape.C) * max(1, steps) / (steps + 6)
	turns := ceilDiv(g.splits, g.turn)
	return estimate{
		flop:       products + transforms,
		efficiency: (products + transforms) / (products/efficiency + transforms),
		bytes:      p.imageBytes() + weightBytes(p.shape.WLen()) + float64(2*(turns-1))*weightBytes(m.planes()*p.shape.C*p.shape.K),
		errorBound: m.errorBound(p.shape.N * p.oh * p.ow / 9),
	}
}
