package kernels

import (
	"github.com/simdconv/simdconv/kernels/micro"
	"github.com/simdconv/simdconv/kernels/parallel"
)

// Cache blocking: KC and NC. A tile's rows of A stay in L1 or L2 while the panels
// of a block of B, 2 MiB, stream past: the tile needs 5 bytes of B a cycle (11
// with AVX2), which hardware prefetch brings from L3 at 97-99% of the FMA peak
// (Zen 4). Smaller blocks, 384 x 320 in L2, pass over A and C more often and
// lose 3-6% at 1024^3. KC moves no bits: a later block goes on from the stored
// sums.
const (
	blockK = 1024
	blockN = 512 // a multiple of every tier's NR
)

// A gemmJob is one product under way: its operands, its block of packed B and
// each worker's tile.
type gemmJob struct {
	bundle         *micro.Bundle
	transA, transB bool
	m, n, k        int
	alpha, beta    float32
	a, b, c        []float32
	lda, ldb, ldc  int
	ep             Epilogue
	epFlags        uint32

	j0, nc, k0, kc int  // current block of B
	packing        bool // the current region packs; otherwise it multiplies
	copyA          bool // rows of A are copied before use
	rowTasks       int  // row tiles, shared out one by one
	colTasks       int  // groups of panels, if there are few row tiles

	packedB []float32 // panels of NR columns, blockK steps each
	workers []gemmWorker
}

// A gemmWorker is one worker's own memory.
type gemmWorker struct {
	tile    micro.TileArgs
	segs    [1]micro.Segment
	packedA []float32
	_       [128]byte // no line shared with the next worker
}

func newGemmJob(b *micro.Bundle, threads int) *gemmJob {
	j := &gemmJob{bundle: b, workers: make([]gemmWorker, threads)}
	j.packedB = AlignedFloats(blockK * blockN)
	for i := range j.workers {
		w := &j.workers[i]
		w.packedA = AlignedFloats(b.MR * packedLDA)
		w.tile.Segs = w.segs[:]
		w.tile.B = j.packedB
	}
	return j
}

func (j *gemmJob) set(transA, transB bool, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int) {
	j.transA, j.transB = transA, transB
	j.m, j.n, j.k = m, n, k
	j.alpha, j.beta = alpha, beta
	j.a, j.b, j.c = a, b, c
	j.lda, j.ldb, j.ldc = lda, ldb, ldc
	j.copyA = !transA && aliases(lda) && j.bundle.MR > waysL1
	if alpha == 0 {
		j.k = 0
	}
}

func (j *gemmJob) setEpilogue(ep Epilogue) { j.ep, j.epFlags = ep, ep.TileFlags() }

// forget drops every reference to the caller's memory.
func (j *gemmJob) forget() {
	j.a, j.b, j.c = nil, nil, nil
	j.ep, j.epFlags = Epilogue{}, 0
	for i := range j.workers {
		w := &j.workers[i]
		w.tile.A, w.tile.C, w.tile.Scale, w.tile.Bias, w.tile.Residual = nil, nil, nil, nil, nil
	}
}

// run goes through the blocks of B: columns outside, so that a result's blocks
// of k follow each other.
func (j *gemmJob) run(e *Engine) {
	tiles := ceilDiv(j.m, j.bundle.MR)
	j.rowTasks = tiles
	for j.j0 = 0; j.j0 < j.n; j.j0 += j.nc {
		j.nc = min(blockN, j.n-j.j0)
		panels := ceilDiv(j.nc, j.bundle.NR)
		j.colTasks = 1
		if tiles < 4*len(j.workers) {
			j.colTasks = min(panels, ceilDiv(4*len(j.workers), tiles))
		}
		for j.k0 = 0; ; j.k0 += j.kc {
			j.kc = min(blockK, j.k-j.k0)
			flop := 2 * float64(j.m) * float64(j.nc) * float64(max(j.kc, 1))
			if j.kc > 0 {
				j.packing = true
				e.run(j, panels, flop)
				j.packing = false
			}
			e.run(j, j.rowTasks*j.colTasks, flop)
			if j.k0+j.kc >= j.k {
				break
			}
		}
	}
}

// Run packs panel i of the block, or multiplies task i with it.
func (j *gemmJob) Run(worker, i int) {
	if j.packing {
		j.packPanel(i)
		return
	}
	j.multiply(&j.workers[worker], i/j.colTasks, i%j.colTasks)
}

// multiply computes one row tile's results for one group of panels.
func (j *gemmJob) multiply(w *gemmWorker, rowTask, colTask int) {
	first, last := parallel.Share(j.m, j.rowTasks, rowTask)
	rows := last - first
	t := &w.tile
	t.Flags, t.Beta = 0, 1
	if j.k0 > 0 {
		t.Flags |= micro.FlagLoad
	} else if j.beta != 0 {
		t.Flags |= micro.FlagLoad
		t.Beta = j.beta
	}
	if j.k0+j.kc >= j.k {
		t.Flags |= j.epFlags
	}
	t.Segs = w.segs[:min(1, j.kc)]
	w.segs[0] = micro.Segment{K: j.kc}
	j.pointA(w, first, rows)
	t.C, t.LDC = j.c, j.ldc
	t.Scale, t.Bias, t.Residual, t.LDR = j.ep.Scale, j.ep.Bias, j.ep.Residual, j.ep.LDR

	nr := j.bundle.NR
	p0, p1 := parallel.Share(ceilDiv(j.nc, nr), j.colTasks, colTask)
	for p := p0; p < p1; p++ {
		col := j.j0 + p*nr
		t.Cols = min(nr, j.n-col)
		t.BOff = p * nr * blockK
		t.LDB = nr
		t.COff = first*j.ldc + col
		t.Next = t.COff + nr
		if p == p1-1 {
			t.Next = last*j.ldc + j.j0 + p0*nr
		}
		t.ROff = first*t.LDR + col
		t.VOff = col
		if j.transA {
			j.bundle.Outer(rows, t)
		} else {
			j.bundle.Rows(rows, t)
		}
	}
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }
