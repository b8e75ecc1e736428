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

const (
	// transposeFloats is about how many floats a block of a transposition has: its
	// lines stay in L2 until they are whole.
	transposeFloats = 1 << 15
	// crowdedLDD is from where on rows of the result crowd into few sets of L1: a
	// square at a time goes on in others. 14 x 14 pixels of 256 channels gain 16%
	// (AVX-512) and 47% (AVX2); 7 x 7 of 512 lose about 10% (AVX-512).
	crowdedLDD = 256
)

// transpose copies the rows x cols matrix src, whose rows are ld floats apart,
// to the columns of dst, whose rows are ldd floats apart. Where there are enough rows
// and columns all squares are whole: the last ones overlap those before.
func transpose(b *micro.Bundle, dst []float32, ldd int, src []float32, ld, rows, cols int) {
	lanes := b.Lanes()
	strip := min(lanes, rows)
	block := max(lanes, transposeFloats/max(rows, 1)/lanes*lanes)
	if ldd >= crowdedLDD && rows > strip {
		block = 16
	}
	t := micro.TransposeArgs{Dst: dst, LDD: ldd, Src: src, LDS: ld, Rows: strip, Width: strip}
	for j := 0; j < cols; j += block {
		column := max(0, min(j, cols-lanes))
		t.Cols = min(block, cols-column)
		for i := 0; i < rows; i += strip {
			row := min(i, rows-strip)
			t.DOff, t.SOff = column*ldd+row, row*ld+column
			b.Transpose(&t)
		}
	}
}
