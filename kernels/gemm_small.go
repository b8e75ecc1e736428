package kernels

import "github.com/simdconv/simdconv/kernels/micro"

const (
	// placedSpan is the most elements from the first of B to the last that tiles read
	// where they lie, half of the smallest L2.
	placedSpan = 32768
	// placedRest is the most elements of A and C beside such a B: tiles that read it in
	// place ask for no A, and for all rows of C at once. With AVX2 3136 x 64 x 256 takes
	// 1.2 times as long in place, 12544 x 64 x 147 1.3.
	placedRest = 1 << 18
	// smallWork is the most multiplications of a small product: it is not worth a
	// second thread, not even one that is awake.
	smallWork = flopPerAwake
)

// placed reports whether tiles can read B in place: transposed they need a copy, and
// aliasing rows leave L1 before the next tile.
func placed(transB bool, m, n, k int, alpha float32, ldb int) bool {
	return !transB && alpha == 1 && k > 0 && k <= blockK && k*ldb <= placedSpan && !aliases(ldb) &&
		m*(n+k) <= placedRest
}

// isSmall reports whether a product is so small that neither packing nor a job pays.
// Without them 8^3 takes 0.71 times as long, 32^3 0.88, 64^3 0.98 and 14 x 128 x 128
// 0.98 (AVX-512), or 0.74, 0.81, 0.92 and 0.83 (AVX2).
func (e *Engine) isSmall(transA, transB bool, m, n, k int, alpha float32, lda, ldb int) bool {
	return !transA && placed(transB, m, n, k, alpha, ldb) && m > micro.GemvRows && m*n*k < smallWork &&
		!aliases(lda) && e.opts.Tier > TierGeneric
}

// small computes a small product on the caller, with operands in place.
func (e *Engine) small(m, n, k int, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int, ep *Epilogue) {
	segs := [1]micro.Segment{{K: k}}
	t := micro.TileArgs{
		A: a, B: b, C: c, Scale: ep.Scale, Bias: ep.Bias, Residual: ep.Residual, Segs: segs[:],
		LDA: lda, LDB: ldb, LDC: ldc, LDR: ep.LDR, Beta: beta, Flags: ep.TileFlags(),
	}
	if beta != 0 {
		t.Flags |= micro.FlagLoad
	}
	for col := 0; col < n; col += t.Cols {
		// Of 48 columns the last 16, too: 48^3 at 85 %peak and not at 66.
		bundle := narrowed(e.bundle, m, n-col, k)
		t.Cols = min(bundle.NR, n-col)
		t.AOff, t.BOff, t.COff, t.ROff, t.VOff = 0, col, col, col, col
		downRows(bundle, m, &t)
	}
}

// downRows computes the tiles of m rows from t on, of nearly equal heights.
func downRows(b *micro.Bundle, m int, t *micro.TileArgs) {
	tiles := ceilDiv(m, b.MR)
	least := m / tiles
	longer := m - tiles*least
	for i := range tiles {
		rows := least
		if i < longer {
			rows++
		}
		t.Next = t.COff + rows*t.LDC
		b.Fused(rows, t)
		t.AOff += rows * t.LDA
		t.COff = t.Next
		t.ROff += rows * t.LDR
	}
}
