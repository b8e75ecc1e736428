package kernels

// packedLDA separates the rows of copied A: 16 floats past blockK keep them off
// the 4 KiB period at which L1 sets repeat.
const packedLDA = blockK + 16

// waysL1 is the associativity of small L1s: as many rows that share a set stay
// in it, so that AVX2's six need no copy.
const waysL1 = 8

// aliases reports whether the rows of a tile, ld floats apart, would crowd into
// too few sets of L1, whose sets repeat every 1024 floats: with less than a
// quarter of the period between rows and a multiple of it, a tile's rows
// compete for the same lines.
func aliases(ld int) bool {
	const period = 1024
	r := ld % period
	return ld >= period/4 && (r == 0 || r == period/2 || r == period/4 || r == 3*period/4)
}

// pointA makes the worker's tile read rows rows of op(A) from row first, in
// place where that is fast and from a copy where it is not.
func (j *gemmJob) pointA(w *gemmWorker, first, rows int) {
	t := &w.tile
	switch {
	case j.kc == 0:
		t.A, t.AOff, t.LDA = nil, 0, 0
	case j.transA && !aliases(j.lda):
		t.A, t.AOff, t.LDA = j.a, j.k0*j.lda+first, j.lda
	case j.transA:
		// Steps that crowd into one set of the caches are copied, MR apart.
		for k := range j.kc {
			at := (j.k0+k)*j.lda + first
			copy(w.packedA[k*j.bundle.MR:], j.a[at:at+rows])
		}
		t.A, t.AOff, t.LDA = w.packedA, 0, j.bundle.MR
	case j.copyA:
		for i := range rows {
			at := (first+i)*j.lda + j.k0
			copy(w.packedA[i*packedLDA:], j.a[at:at+j.kc])
		}
		t.A, t.AOff, t.LDA = w.packedA, 0, packedLDA
	default:
		t.A, t.AOff, t.LDA = j.a, first*j.lda+j.k0, j.lda
	}
}

// packPanel copies panel p of the current block of op(B), times alpha, to
// packedB: NR columns for each of kc steps, zeros past the last column.
func (j *gemmJob) packPanel(p int) {
	nr := j.bundle.NR
	col := j.j0 + p*nr
	cols := min(nr, j.n-col)
	at := p * nr * blockK
	dst := j.packedB[at : at+j.kc*nr]
	if j.transB {
		packColumns(dst, nr, j.b[col*j.ldb+j.k0:], j.ldb, cols, j.kc)
	} else {
		packRows(dst, nr, j.b[j.k0*j.ldb+col:], j.ldb, cols, j.kc)
	}
	if j.alpha != 1 {
		for i := range dst {
			dst[i] *= j.alpha
		}
	}
}

// packRows fills a panel from kc rows of cols values, ld apart.
func packRows(dst []float32, nr int, src []float32, ld, cols, kc int) {
	// Rows of a panel are too short for calls of copy, which took 6% of 1024^3
	// with AVX2.
	switch {
	case cols == 32 && nr == 32:
		for k := range kc {
			d, s := (*[32]float32)(dst[k*32:]), (*[32]float32)(src[k*ld:])
			copy16((*[16]float32)(d[:16]), (*[16]float32)(s[:16]))
			copy16((*[16]float32)(d[16:]), (*[16]float32)(s[16:]))
		}
	case cols == 16 && nr == 16:
		for k := range kc {
			copy16((*[16]float32)(dst[k*16:]), (*[16]float32)(src[k*ld:]))
		}
	default:
		for k := range kc {
			row := dst[k*nr : (k+1)*nr]
			n := copy(row, src[k*ld:k*ld+cols])
			clear(row[n:])
		}
	}
}

// copy16 is four loads and four stores; a whole array would be a call.
func copy16(d, s *[16]float32) {
	*(*[4]float32)(d[0:4]) = *(*[4]float32)(s[0:4])
	*(*[4]float32)(d[4:8]) = *(*[4]float32)(s[4:8])
	*(*[4]float32)(d[8:12]) = *(*[4]float32)(s[8:12])
	*(*[4]float32)(d[12:16]) = *(*[4]float32)(s[12:16])
}

// packColumns fills a panel from cols rows of kc values, ld apart: a
// transposition.
func packColumns(dst []float32, nr int, src []float32, ld, cols, kc int) {
	if cols < nr {
		clear(dst)
	}
	for c := range cols {
		at := c
		for _, v := range src[c*ld : c*ld+kc] {
			dst[at] = v
			at += nr
		}
	}
}
