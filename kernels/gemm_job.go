package kernels

import "github.com/simdconv/simdconv/kernels/micro"

// Cache blocking. A block of B is packed once, panel by panel, and streams from
// L3 past blocks of A that stay in L2: a panel is on its way while the one before
// it is computed, a block of A while the last panel is. KC moves no bits: a later
// block goes on from the stored sums.
const (
	blockK = 1024 // KC: a tile's start and end, 100 cycles, are under 1% of its steps
	blockM = 84   // MC: with AVX2, 56 loses 18% at 56 x 1024 x 1008, which it cuts in two; 112 is the same
	blockN = 1024 // NC: half of it passes over A twice as often
)

// A gemmJob is one product under way: its operands, how they are cut, and each
// worker's tile.
type gemmJob struct {
	own            *micro.Bundle // the engine's
	bundle         *micro.Bundle // the product's: narrow results may take a lower tier's
	transA, transB bool
	m, n, k        int
	alpha, beta    float32
	a, b, c        []float32
	lda, ldb, ldc  int
	ep             Epilogue
	epFlags        uint32

	packed             *PackedB // B, if it was packed before
	copyA              bool     // blocks of A are copied before use
	gemv               bool     // B is gone through row by row
	fuse               bool     // the first tile of a panel packs it
	place              bool     // all tiles read B in place
	tiles, panels      int      // of the result: rows by MR, columns by NR
	rows, longer       int      // of a tile; the first longer tiles have one row more
	rowTasks, colTasks int      // what is shared out, but for the tail
	tail, tailTasks    int      // tiles down the last rows, in tasks of their own
	blockTiles         int      // tiles in a block of A
	blockPanels        int      // panels in a block of B
	blockSteps         int      // steps of k in a block
	threads            int      // that the tasks are for

	workers []gemmWorker
}

// A gemmWorker is one worker's own memory.
type gemmWorker struct {
	tile    micro.TileArgs
	segs    [1]micro.Segment
	packedA []float32
	packedB []float32
	_       [128]byte // no line shared with the next worker
}

// narrowWork is the least m*k for which a narrow result takes AVX2's tile: below it
// a product is mostly the start and end of tiles, and AVX2 has more of these.
const narrowWork = 256

// narrowed returns the bundle that computes an m x n product of k steps: b, or the
// tier's below with the same bits, where the second vector of b's tile would be idle.
func narrowed(b *micro.Bundle, m, n, k int) *micro.Bundle {
	if narrow := micro.For(TierAVX2); b.Tier > TierAVX2 && n <= narrow.NR && m*k >= narrowWork {
		return narrow
	}
	return b
}

func newGemmJob(b *micro.Bundle, threads int) *gemmJob {
	return &gemmJob{own: b, bundle: b, workers: make([]gemmWorker, threads)}
}

func (j *gemmJob) set(transA, transB bool, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int) {
	j.transA, j.transB = transA, transB
	j.m, j.n, j.k = m, n, k
	j.alpha, j.beta = alpha, beta
	j.a, j.b, j.c = a, b, c
	j.lda, j.ldb, j.ldc = lda, ldb, ldc
	j.bundle = narrowed(j.own, m, n, k)
	if alpha == 0 {
		j.k = 0
	}
}

func (j *gemmJob) setEpilogue(ep Epilogue) { j.ep, j.epFlags = ep, ep.TileFlags() }

// forget drops every reference to the caller's memory.
func (j *gemmJob) forget() {
	j.a, j.b, j.c = nil, nil, nil
	j.ep, j.epFlags, j.packed = Epilogue{}, 0, nil
	for i := range j.workers {
		j.workers[i].tile = micro.TileArgs{}
	}
}

func (j *gemmJob) run(e *Engine) {
	flop := float64(max(2*j.m, thinFLOP)) * float64(j.n) * float64(max(j.k, 1))
	threads, most := e.threadsFor(flop)
	j.prepare(threads)
	j.grow(most) // lest the first call that finds threads awake allocate
	e.opts.Pool.Run(j, j.tasks(), j.threads)
}

// thinFLOP is what a thread computes in the time that a number of B, which products
// of few rows read once, takes from L3, at 20 GB/s. 1 x 128 x 2304 takes 0.58 times
// as long on two threads as on one, packed before 0.73.
const thinFLOP = 20

// prepare cuts the product into tasks for the given number of threads.
func (j *gemmJob) prepare(threads int) {
	j.threads = threads
	j.tiles, j.panels = ceilDiv(j.m, j.bundle.MR), ceilDiv(j.n, j.bundle.NR)
	j.rows, j.longer = j.m/j.tiles, j.m%j.tiles
	late := wakeFLOP / (2 * j.bundle.MR * j.bundle.NR * max(j.k, 1))
	j.gemv = j.m <= micro.GemvRows && j.k > 0 && !j.transB && j.alpha == 1 && j.packed == nil &&
		j.n*j.bundle.GemvSteps(j.m) >= gemvWork
	high := j.tiles
	if j.gemv {
		high = 1 // a pass over B is for all rows, in however many tiles they are
	}
	j.rowTasks, j.colTasks = grid(high, j.panels, threads, late, 64*cutSteps/max(j.k, 1))
	j.cut()
	j.tail, j.tailTasks = 0, 0
	if flop := 2 * float64(j.m) * float64(j.n) * float64(j.k); threads > 1 && flop >= tailWork*float64(threads) {
		j.cutTail(threads)
	}
	j.grow(threads)
}

// cutTail leaves a block of tiles down the last rows to small tasks.
func (j *gemmJob) cutTail(threads int) {
	if j.tail = min(j.blockTiles, j.tiles/8); j.tail > 0 {
		j.tailTasks = min(4*threads, j.panels)
	}
}

func (j *gemmJob) tasks() int { return j.rowTasks*j.colTasks + j.tailTasks }

// wakeFLOP is what a thread computes while another wakes: 150 us on a virtual
// machine. A thread that comes when nothing is left leaves the caller all of
// 256^3 or 32 x 128 x 2304.
const wakeFLOP = 17e6

// lateOdds weighs what a late thread leaves to the others against what every
// product takes: workers poll from one product to the next, and few come late.
const lateOdds = 16

// tailWork is the least work of a thread, 40 ms, at whose end it shares small tasks
// with the others.
const tailWork = 4e9

// cutSteps is what a cut between columns costs each row of tiles, in steps of k: at
// 128^3 on two threads 1 x 2 tasks run at 1.16 to 1.8 times the speed of one thread,
// 2 x 1 at 1.49 to 1.8.
const cutSteps = 32

// grid cuts tiles x panels into rows x cols tasks that end soonest on the given
// number of threads. Each task packs for itself, so that few and wide ones are
// better, but a thread that comes late, by the time of that many tiles, finds
// more left of small ones. A cut between columns costs that many 64ths of a tile.
func grid(tiles, panels, threads, late, cut int) (rows, cols int) {
	rows, cols = 1, 1
	if threads == 1 {
		return rows, cols
	}
	if late*(threads-1) >= tiles*panels {
		late = 0 // the others have done it all by then
	}
	best := tiles * panels * 64
	for c := 1; c <= min(panels, 4*threads); c++ {
		for each := 1; each <= 4; each++ {
			r := min(ceilDiv(each*threads, c), tiles)
			high, wide := ceilDiv(tiles, r), ceilDiv(panels, c)
			// In 64ths of a tile: packing a panel takes a third of one, or more.
			task := 64*high*wide + 24*wide + 4*high
			if c > 1 {
				task += cut * high
			}
			if time := ceilDiv(r*c, threads)*task + min(task, 64*late)/lateOdds; time < best {
				best, rows, cols = time, r, c
			}
		}
	}
	return rows, cols
}

// gemvWork is the fewest columns worth going through B row by row, times the rows
// of B that a pass over C adds. Where it adds 2, AVX2's tile is twice as fast at
// 64 columns; from 128 on it does not pay to pack.
const gemvWork = 256

// cut chooses the blocks of a task and how its operands are read.
func (j *gemmJob) cut() {
	mr, nr := j.bundle.MR, j.bundle.NR
	j.blockSteps = even(max(j.k, 1), blockK)
	j.blockTiles = even(ceilDiv(j.tiles, j.rowTasks), blockM/mr)
	j.blockPanels = even(ceilDiv(j.panels, j.colTasks), blockN/nr)
	j.copyA = j.transA || aliases(j.lda) && mr > waysL1
	j.fuse = !j.transB && j.alpha == 1
	// With AVX-512 packing is as fast at 128^3 and 2% faster from 160^3 on; with AVX2
	// 784 x 64 x 64 takes 1.18 times as long if packed, 128^3 1.08 and 160^3 1.03.
	j.place = j.packed == nil && j.bundle.Tier == TierAVX2 && placed(j.transB, j.m, j.n, j.k, j.alpha, j.ldb)
}

// grow makes the workers' memory large enough.
func (j *gemmJob) grow(threads int) {
	mr, nr := j.bundle.MR, j.bundle.NR
	needA, needB := 0, nr*j.blockSteps
	if j.copyA {
		needA = j.blockTiles * mr * copiedLDA(j.blockSteps)
	}
	switch {
	case j.packed != nil || j.gemv || j.place:
		needB = 0
	case ceilDiv(j.tiles, j.rowTasks) > j.blockTiles: // the tail is one block
		needB *= j.blockPanels
	}
	for i := range threads {
		w := &j.workers[i]
		if len(w.packedA) < needA {
			w.packedA = AlignedFloats(needA)
		}
		if len(w.packedB) < needB {
			w.packedB = AlignedFloats(needB)
		}
	}
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }

// even returns the length of parts that cut n into as few as most does, and
// nearly equal ones.
func even(n, most int) int { return ceilDiv(n, ceilDiv(n, most)) }
