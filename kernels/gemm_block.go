package kernels

import (
	"github.com/simdconv/simdconv/kernels/micro"
	"github.com/simdconv/simdconv/kernels/parallel"
)

// aheadRows divided by MR is how many steps ahead the tile that reads B in place
// prefetches it: its rows lie on pages of their own, where no hardware
// prefetcher follows. That is 13 steps with AVX-512 and 32 with AVX2; 4 steps
// lose 8% and 20% at 49 x 512 x 4608.
const aheadRows = 192

// A gemmBlock is the product of a block of A and a block of B: tiles t0 to t1-1,
// panels p0 to p1-1, kc steps from k0.
type gemmBlock struct {
	k0, kc      int
	t0, t1      int
	p0, p1      int
	first, last bool // of the blocks that share the panels
}

// Run computes the results of task i.
func (j *gemmJob) Run(worker, i int) {
	w := &j.workers[worker]
	t := &w.tile
	t.C, t.LDC = j.c, j.ldc
	t.Scale, t.Bias, t.Residual, t.LDR = j.ep.Scale, j.ep.Bias, j.ep.Residual, j.ep.LDR
	t0, t1, p0, p1 := j.task(i)
	if j.gemv {
		j.byRows(w, p0*j.bundle.NR, min(p1*j.bundle.NR, j.n))
		return
	}
	for p := p0; p < p1; p += j.blockPanels {
		for k0 := 0; ; k0 += j.blockSteps {
			kc := min(j.blockSteps, j.k-k0)
			for tile := t0; tile < t1; tile += j.blockTiles {
				j.multiply(w, gemmBlock{
					k0: k0, kc: kc,
					t0: tile, t1: min(tile+j.blockTiles, t1),
					p0: p, p1: min(p+j.blockPanels, p1),
					first: tile == t0, last: tile+j.blockTiles >= t1,
				})
			}
			if k0+kc >= j.k {
				break
			}
		}
	}
}

// task returns the tiles and panels of task i.
func (j *gemmJob) task(i int) (t0, t1, p0, p1 int) {
	if last := i - j.rowTasks*j.colTasks; last >= 0 {
		p0, p1 = parallel.Share(j.panels, j.tailTasks, last)
		return j.tiles - j.tail, j.tiles, p0, p1
	}
	t0, t1 = parallel.Share(j.tiles-j.tail, j.rowTasks, i/j.colTasks)
	p0, p1 = parallel.Share(j.panels, j.colTasks, i%j.colTasks)
	return t0, t1, p0, p1
}

// row returns the first row of a tile, or m past the last.
func (j *gemmJob) row(tile int) int { return tile*j.rows + min(tile, j.longer) }

// multiply computes a block, panel by panel. The first block of tiles packs each
// panel on the way.
func (j *gemmJob) multiply(w *gemmWorker, b gemmBlock) {
	t := &w.tile
	t.Flags, t.Beta = 0, 1
	if b.k0 > 0 {
		t.Flags |= micro.FlagLoad
	} else if j.beta != 0 {
		t.Flags |= micro.FlagLoad
		t.Beta = j.beta
	}
	if b.k0+b.kc >= j.k {
		t.Flags |= j.epFlags
	}
	w.segs[0] = micro.Segment{K: b.kc}
	t.Segs = w.segs[:min(1, b.kc)]
	j.placeA(w, b)
	nr := j.bundle.NR
	for p := b.p0; p < b.p1; p++ {
		t.Cols = min(nr, j.n-p*nr)
		if j.place {
			j.multiplyPlaced(w, b, p)
			continue
		}
		t.BOff = 0
		if !b.first || !b.last {
			t.BOff = (p - b.p0) * nr * j.blockSteps
		}
		tile := b.t0
		switch {
		case j.packed != nil:
			t.BOff = (b.k0*j.panels + p*b.kc) * nr
		case b.kc == 0 || !b.first:
		case j.fuse:
			j.packTile(w, b, p)
			tile++
		default:
			j.packPanel(w.packedB[t.BOff:][:b.kc*nr], p*nr, t.Cols, b.k0, b.kc)
		}
		t.B = w.packedB
		if j.packed != nil {
			t.B = j.packed.data
		}
		later := j.laterPanel(w, b, p)
		for ; tile < b.t1; tile++ {
			later.point(t, b.kc)
			j.multiplyTile(w, b, p, tile)
		}
	}
}

// packTile computes the first tile of a panel with B in place, which packs it.
func (j *gemmJob) packTile(w *gemmWorker, b gemmBlock, p int) {
	t := &w.tile
	t.P, t.POff = w.packedB, t.BOff
	t.B, t.BOff, t.LDB = j.b, b.k0*j.ldb+p*j.bundle.NR, j.ldb
	t.AheadB = aheadRows / j.bundle.MR * j.ldb
	j.bundle.Fused(j.placeTile(t, b, p, b.t0), t)
	t.BOff = t.POff
}

// multiplyPlaced computes a panel's tiles with B in place.
func (j *gemmJob) multiplyPlaced(w *gemmWorker, b gemmBlock, p int) {
	t := &w.tile
	t.B, t.BOff, t.LDB, t.P = j.b, b.k0*j.ldb+p*j.bundle.NR, j.ldb, nil
	for tile := b.t0; tile < b.t1; tile++ {
		j.bundle.Fused(j.placeTile(t, b, p, tile), t)
	}
}

// A fetch is B of a panel that is not used yet, as it lies in memory: tiles of the
// panel before it prefetch its steps from k on.
type fetch struct {
	b      []float32
	at, ld int
	k      int
}

// laterPanel returns what the tiles of panel p prefetch.
func (j *gemmJob) laterPanel(w *gemmWorker, b gemmBlock, p int) fetch {
	nr := j.bundle.NR
	next := p + 1
	if next == b.p1 {
		next = b.p0 // for the next block of tiles
		if b.last {
			return fetch{k: b.kc}
		}
	}
	switch {
	case j.packed != nil:
		return fetch{b: j.packed.data, at: (b.k0*j.panels + next*b.kc) * nr, ld: nr}
	case !b.first || next == b.p0:
		return fetch{b: w.packedB, at: (next - b.p0) * nr * j.blockSteps, ld: nr}
	case j.fuse && !aliases(j.ldb): // else so few of its lines fit L2 that they leave before their use
		return fetch{b: j.b, at: b.k0*j.ldb + next*nr, ld: j.ldb}
	}
	return fetch{k: b.kc}
}

// point makes a tile of kc steps prefetch the next of the panel's, or, at its end,
// nothing that is not in L1.
func (f *fetch) point(t *micro.TileArgs, kc int) {
	if f.k >= kc {
		t.P, t.POff, t.LDB = t.B, t.BOff, 0
		return
	}
	t.P, t.POff, t.LDB = f.b, f.at+f.k*f.ld, f.ld
	f.k += ceilDiv(kc, 2)
}

func (j *gemmJob) multiplyTile(w *gemmWorker, b gemmBlock, p, tile int) {
	t := &w.tile
	rows := j.placeTile(t, b, p, tile)
	if b.kc == 0 || t.Cols <= j.bundle.Lanes() {
		j.bundle.Rows(rows, t) // leaves out the idle half of a panel: 400 x 80 x 300 takes 0.89 times as long
		return
	}
	t.AheadA = 0
	if p == b.p1-1 && !b.last && !j.copyA {
		t.AheadA = (j.row(min(tile+b.t1-b.t0, j.tiles)) - j.row(tile)) * j.lda
	}
	j.bundle.Panel(rows, t)
}

// placeTile points the tile at its results and its rows of A, and returns their
// number.
func (j *gemmJob) placeTile(t *micro.TileArgs, b gemmBlock, p, tile int) (rows int) {
	nr := j.bundle.NR
	first, last, start, col := j.row(tile), j.row(tile+1), j.row(b.t0), p*nr
	t.AOff = (first - start) * t.LDA
	if !j.copyA && b.kc > 0 {
		t.AOff = first*j.lda + b.k0
	}
	t.COff = first*j.ldc + col
	t.ROff = first*t.LDR + col
	t.VOff = col
	switch {
	case tile < b.t1-1:
		t.Next = last*j.ldc + col
	case p < b.p1-1:
		t.Next = start*j.ldc + col + nr
	default:
		t.Next = last*j.ldc + b.p0*nr
	}
	return last - first
}

// placeA points the worker's tile at the block's rows of op(A), in place where
// that is fast and copied where it is not.
func (j *gemmJob) placeA(w *gemmWorker, b gemmBlock) {
	t := &w.tile
	row0, row1 := j.row(b.t0), j.row(b.t1)
	ld := copiedLDA(j.blockSteps) // of the longest block, which the buffer is made for
	switch {
	case b.kc == 0:
		t.A, t.LDA = nil, 0
		return
	case !j.copyA:
		t.A, t.LDA = j.a, j.lda
		return
	case j.transA:
		_ = w.packedA[(row1-row0)*ld-1] // checked here: assembly writes it
		transpose(j.bundle, w.packedA, ld, j.a[b.k0*j.lda+row0:], j.lda, b.kc, row1-row0)
	default:
		for i := row0; i < row1; i++ {
			at := i*j.lda + b.k0
			copy(w.packedA[(i-row0)*ld:], j.a[at:at+b.kc])
		}
	}
	t.A, t.LDA = w.packedA, ld
}
