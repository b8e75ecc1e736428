package kernels

import "github.com/simdconv/simdconv/kernels/micro"

// waysL1 is the associativity of small L1s: as many rows that share a set stay
// in it, so that AVX2's six need no copy.
const waysL1 = 8

// aliases reports whether all rows of a tile, ld floats apart, would crowd into
// the same sets of L1, which repeat every 1024 floats. Rows that fall on two
// places, 512 floats apart, do not lose.
func aliases(ld int) bool { return ld >= 1024 && ld%1024 == 0 }

// copiedLDA separates the rows of copied A: 16 floats past their length, or twice
// as many, keep them off the period of L1.
func copiedLDA(kc int) int {
	if ld := kc + 16; !aliases(ld) {
		return ld
	}
	return kc + 32
}

// packPanel copies cols columns of op(B) from col, times alpha, for kc steps
// from k0, zeros past the last column.
func (j *gemmJob) packPanel(dst []float32, col, cols, k0, kc int) {
	nr := j.bundle.NR
	if j.transB {
		packColumns(j.bundle, dst, j.b[col*j.ldb+k0:], j.ldb, cols, kc)
	} else {
		packRows(dst, nr, j.b[k0*j.ldb+col:], j.ldb, cols, kc)
	}
	if j.alpha != 1 {
		for i := range dst {
			dst[i] *= j.alpha
		}
	}
}

// packRows fills a panel from kc rows of cols values, ld apart.
func packRows(dst []float32, nr int, src []float32, ld, cols, kc int) {
	for k := range kc {
		row := dst[k*nr : (k+1)*nr]
		n := copy(row, src[k*ld:k*ld+cols])
		clear(row[n:])
	}
}

// packColumns fills a panel from cols rows of kc values, ld apart, by
// transposing strips of them in registers.
func packColumns(b *micro.Bundle, dst, src []float32, ld, cols, kc int) {
	width := min(b.Lanes(), b.NR)
	for c := 0; c < b.NR; c += width {
		rows := min(width, cols-c)
		if rows <= 0 {
			for k := range kc {
				clear(dst[k*b.NR+c : (k+1)*b.NR])
			}
			return
		}
		b.Transpose(&micro.TransposeArgs{Dst: dst, DOff: c, LDD: b.NR, Src: src, SOff: c * ld, LDS: ld, Rows: rows, Cols: kc, Width: width})
	}
}
