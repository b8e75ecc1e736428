package kernels

import (
	"unsafe"

	"github.com/simdconv/simdconv/kernels/micro"
)

const (
	// transposeFloats is about how many floats a block of a transposition has: its
	// lines stay in L2 until they are whole.
	transposeFloats = 1 << 15
	// crowdedLDD is from where on rows of the result crowd into few sets of L1: a
	// square at a time goes on in others. 14 x 14 pixels of 256 channels gain 16%
	// (AVX-512) and 47% (AVX2); 7 x 7 of 512 lose about 10% (AVX-512).
	crowdedLDD = 256
	// raggedCols is the columns of a block where rows of the result share lines, which
	// are to be whole while they are in L1.
	raggedCols = 128
	line       = 16 // floats of a line of a cache
)

// transpose copies the rows x cols matrix src, whose rows are ld floats apart,
// to the columns of dst, whose rows are ldd floats apart. Where there are enough rows
// and columns all squares are whole: the last ones overlap those before. A single row
// that is left goes alone, the last of 7 x 7 pixels in place of a strip of its own.
func transpose(b *micro.Bundle, dst []float32, ldd int, src []float32, ld, rows, cols int) {
	lanes := b.Lanes()
	strip := min(lanes, rows)
	whole := rows
	if rows%strip == 1 {
		whole--
	}
	block := max(lanes, transposeFloats/max(rows, 1)/lanes*lanes)
	switch {
	case ldd >= crowdedLDD && rows > strip:
		block = 16
	case ldd%line != 0:
		block = min(block, raggedCols)
	}
	t := micro.TransposeArgs{Dst: dst, LDD: ldd, Src: src, LDS: ld, Rows: strip, Width: strip}
	for j := 0; j < cols; j += block {
		column := max(0, min(j, cols-lanes))
		t.Cols = min(block, cols-column)
		for i := 0; i < whole; i += strip {
			row := min(i, whole-strip)
			t.DOff, t.SOff = column*ldd+row, row*ld+column
			b.Transpose(&t)
		}
		if whole < rows {
			at := column*ldd + whole
			for _, v := range src[whole*ld+column:][:t.Cols] {
				dst[at] = v
				at += ldd
			}
		}
	}
}

// Places say where the rows of a matrix lie: row i at i/run*apart + i%run*step.
type places struct{ run, apart, step int }

// list writes the places of the rows from first on.
func (p places) list(at []int, first int) {
	place, left := first/p.run*p.apart+first%p.run*p.step, p.run-first%p.run
	for i := range at {
		at[i] = place
		place += p.step
		if left--; left == 0 {
			place += p.apart - p.run*p.step
			left = p.run
		}
	}
}

const (
	quad   = 4  // columns that TransposeAt takes at once, at least
	atCols = 64 // columns of a call: with 256, 512 x 512 x 3 x 3 takes 1.25 times as long
	// farFloats is from where on a result is not in L2: there 64 maps of 7 x 7 of 128
	// channels gain by going wide (AVX-512, 0.77 of the time), and one does not.
	farFloats = 1 << 18
)

// streamAt returns the Stream of a transposition to rows at the given places of dst,
// part of a result of n floats: that of other results, if each starts on a line. From
// 1 MiB on, as Go's copy does it, 2 and 4 MiB with a reader that follows take 1.4 to 1.85
// times as long, and 9 MiB 1.0 to 1.26 times; 18 to 36 MiB take 0.89 to 1.05.
func streamAt(n int, dst []float32, to places, rows int) uint32 {
	if uintptr(unsafe.Pointer(unsafe.SliceData(dst)))%(4*line) != 0 || (rows|to.apart|to.step)%line != 0 {
		return 0
	}
	return micro.Stream(n)
}

// transposeAt copies the rows x cols matrix src to the columns of dst, with the rows
// of either at places of their own: at least AtRows rows and quad columns. All strips
// and blocks are whole, block is at most atCols: the last ones overlap those before.
func transposeAt(b *micro.Bundle, dst []float32, to places, src []float32, from places, rows, cols, block int, stream uint32) {
	var rowAt [micro.AtRows]int
	var colAt [atCols]int
	t := micro.TransposeArgs{Dst: dst, Src: src, From: rowAt[:], To: colAt[:], Stream: stream}
	for j := 0; j < cols; j += block {
		column := max(0, min(j, cols-quad))
		t.Cols = min(block, cols-column)
		to.list(colAt[:t.Cols], column)
		from.list(rowAt[:], 0)
		for i := 0; i < rows; i += micro.AtRows {
			row := min(i, rows-micro.AtRows)
			t.DOff, t.SOff = row, column
			if from.run == 1 {
				t.SOff += row * from.apart
			} else {
				from.list(rowAt[:], row)
			}
			b.TransposeAt(&t)
		}
	}
}

// Rows and columns of a call of TransposeWide: with 64 rows a map of 8 x 8 takes 1.06 of
// the time; 72 columns have eight filters' 3 x 3 taps, whose places repeat.
const (
	wideRows = 128
	wideCols = 72
)

// transposeWide copies the rows x cols matrix src, whose rows are ld floats apart, to the
// columns of dst, which have places of their own: at least AtRows rows and quad columns,
// wide rows at a time, a multiple of AtRows. The last ones overlap those before.
func transposeWide(b *micro.Bundle, dst []float32, to places, src []float32, ld, rows, cols, wide int) {
	var at [wideCols]int
	block := wideCols
	repeats := to.run <= wideCols // every block has the places of the first
	if repeats {
		block = wideCols / to.run * to.run
	}
	to.list(at[:min(block, cols)], 0)
	t := micro.TransposeArgs{Dst: dst, Src: src, LDS: ld, To: at[:]}
	for j := 0; j < cols; j += block {
		column := max(0, min(j, cols-quad))
		t.Cols = min(block, cols-column)
		first := 0
		if repeats && column == j {
			first = j / to.run * to.apart
		} else {
			to.list(at[:t.Cols], column)
		}
		for i := 0; i < rows; i += t.Rows {
			row := min(i, rows-micro.AtRows)
			t.Rows = min(wide, (rows-row)/micro.AtRows*micro.AtRows)
			t.DOff, t.SOff = first+row, row*ld+column
			b.TransposeWide(&t)
		}
	}
}
