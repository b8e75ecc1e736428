package micro_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/simdconv/simdconv/kernels/kerneltest"
	"github.com/simdconv/simdconv/kernels/micro"
)

// TestTranspose goes through every number of rows, every width and columns
// around two squares, between guard pages; bits are copied, of NaN too.
func TestTranspose(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T, tier micro.Tier) {
		b := micro.For(tier)
		n := b.Lanes()
		for rows := 1; rows <= n; rows++ {
			for cols := 1; cols <= 2*n+1; cols++ {
				testTranspose(t, b, rows, cols, rows+cols%(n-rows+1), cols%3, cols%2 == 0)
			}
		}
	})
}

func testTranspose(t *testing.T, b *micro.Bundle, rows, cols, width, gap int, atEnd bool) {
	lds, ldd := cols+gap, width+gap
	src := kerneltest.Guarded(t, (rows-1)*lds+cols, atEnd)
	dst := kerneltest.Guarded(t, (cols-1)*ldd+width, atEnd)
	for i := range src {
		src[i] = math.Float32frombits(0x7f800001 + uint32(i)) // signaling NaNs
	}
	want := make([]float32, len(dst))
	for j := range cols {
		for i := range rows {
			want[j*ldd+i] = src[i*lds+j]
		}
		for i := width; i < ldd && j < cols-1; i++ {
			want[j*ldd+i] = 1
		}
	}
	for i := range dst {
		dst[i] = 1
	}
	b.Transpose(&micro.TransposeArgs{Dst: dst, Src: src, LDD: ldd, LDS: lds, Rows: rows, Cols: cols, Width: width})
	for i := range want {
		if math.Float32bits(dst[i]) != math.Float32bits(want[i]) {
			t.Fatalf("%v rows=%d cols=%d width=%d gap=%d: [%d] = %x, want %x", b.Tier, rows, cols, width, gap, i, dst[i], want[i])
		}
	}
}

// TestColors takes pixels apart and puts them together again, between guard pages.
func TestColors(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T, tier micro.Tier) {
		b := micro.For(tier)
		for pixels := b.Lanes(); pixels <= 3*b.Lanes(); pixels += b.Lanes() {
			for _, atEnd := range []bool{false, true} {
				const gap = 5
				plane := pixels + gap
				planes := kerneltest.Guarded(t, 2*plane+pixels, atEnd)
				joined := kerneltest.Guarded(t, 3*pixels, atEnd)
				for i := range planes {
					planes[i] = math.Float32frombits(0x7f800001 + uint32(i)) // signaling NaNs
				}
				want := make([]float32, 3*pixels)
				for i := range want {
					want[i] = planes[i%3*plane+i/3]
				}
				b.JoinColors(&micro.TransposeArgs{Dst: joined, Src: planes, LDD: 3, LDS: plane, Rows: 3, Cols: pixels, Width: 3})
				kerneltest.Equal(t, fmt.Sprintf("%d pixels", pixels), joined, want)

				split := kerneltest.Guarded(t, len(planes), atEnd)
				want = append([]float32(nil), planes...)
				for i := range want {
					if split[i] = 7; i%plane >= pixels {
						want[i] = 7
					}
				}
				b.SplitColors(&micro.TransposeArgs{Dst: split, Src: joined, LDD: plane, LDS: 3, Rows: pixels, Cols: 3, Width: pixels})
				kerneltest.Equal(t, fmt.Sprintf("%d pixels split", pixels), split, want)
			}
		}
	})
}

// TestGemv runs every kernel over columns around vectors, between guard pages.
func TestGemv(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T, tier micro.Tier) {
		b := micro.For(tier)
		for rows := 1; rows <= micro.GemvRows; rows++ {
			for _, steps := range []int{b.GemvSteps(rows), 1} {
				for cols := 1; cols <= 35; cols++ {
					for _, flags := range []uint32{0, micro.FlagLoad} {
						testGemv(t, b, rows, steps, cols, flags)
					}
				}
			}
		}
	})
}

func testGemv(t *testing.T, b *micro.Bundle, rows, steps, cols int, flags uint32) {
	atEnd := cols%2 == 0
	a := &micro.TileArgs{LDA: steps + cols%2, LDB: cols + cols%3, LDC: cols + cols%4, Cols: cols, Beta: -2, Flags: flags}
	a.A = kerneltest.Guarded(t, (rows-1)*a.LDA+steps, atEnd)
	a.B = kerneltest.Guarded(t, (steps-1)*a.LDB+cols, atEnd)
	a.C = kerneltest.Guarded(t, (rows-1)*a.LDC+cols, atEnd)
	for i, s := range [][]float32{a.A, a.B, a.C} {
		kerneltest.FillInts(s, uint64(i), 4)
	}
	want := append([]float32(nil), a.C...)
	for i := range rows {
		for j := range cols {
			sum := float32(0)
			if flags != 0 {
				sum = a.Beta * a.C[i*a.LDC+j]
			}
			for k := range steps {
				sum += a.A[i*a.LDA+k] * a.B[k*a.LDB+j]
			}
			want[i*a.LDC+j] = sum
		}
	}
	if flags == 0 {
		for i := range rows {
			for j := range cols {
				a.C[i*a.LDC+j] = float32(math.NaN())
			}
		}
	}
	b.Gemv(rows, steps, a)
	kerneltest.Equal(t, fmt.Sprintf("%v rows=%d steps=%d cols=%d flags=%b", b.Tier, rows, steps, cols, flags), a.C, want)
}

// TestTransposeAt lists places in an order of their own, between guard pages.
func TestTransposeAt(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T, tier micro.Tier) {
		b := micro.For(tier)
		for cols := 4; cols <= 19; cols++ {
			for _, gap := range []int{0, 5, 16} {
				for _, stream := range []uint32{0, 1} {
					testTransposeAt(t, b, cols, gap, stream, cols%2 == 0)
				}
			}
		}
	})
}

func testTransposeAt(t *testing.T, b *micro.Bundle, cols, gap int, stream uint32, atEnd bool) {
	lds, ldd := cols+gap, micro.AtRows+gap
	if stream != 0 && gap%micro.AtRows != 0 {
		return // some results do not start on a line
	}
	src := kerneltest.Guarded(t, (micro.AtRows-1)*lds+cols, atEnd)
	dst := kerneltest.Guarded(t, (cols-1)*ldd+micro.AtRows, atEnd)
	var from, to []int
	for i := range micro.AtRows {
		from = append(from, i*7%micro.AtRows*lds)
	}
	for j := range cols {
		to = append(to, (cols-1-j)*ldd)
	}
	for i := range src {
		src[i] = math.Float32frombits(0x7f800001 + uint32(i)) // signaling NaNs
	}
	want := make([]float32, len(dst))
	for i := range want {
		want[i], dst[i] = 1, 1
	}
	for j, at := range to {
		for i, row := range from {
			want[at+i] = src[row+j]
		}
	}
	b.TransposeAt(&micro.TransposeArgs{Dst: dst, Src: src, From: from, To: to, Cols: cols, Stream: stream})
	b.Fence(stream)
	for i := range want {
		if math.Float32bits(dst[i]) != math.Float32bits(want[i]) {
			t.Fatalf("%v cols=%d gap=%d stream=%d: [%d] = %x, want %x", b.Tier, cols, gap, stream, i, dst[i], want[i])
		}
	}
}

// TestTransposeWide goes through blocks, fours and their overlap over one to three strips,
// whose results lie in an order of their own, between guard pages.
func TestTransposeWide(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T, tier micro.Tier) {
		b := micro.For(tier)
		for rows := micro.AtRows; rows <= 3*micro.AtRows; rows += micro.AtRows {
			for cols := 4; cols <= 21; cols++ {
				for _, gap := range []int{0, 5} {
					testTransposeWide(t, b, rows, cols, gap, cols%2 == 0)
				}
			}
		}
	})
}

func testTransposeWide(t *testing.T, b *micro.Bundle, rows, cols, gap int, atEnd bool) {
	lds, ldd := cols+gap, rows+gap
	src := kerneltest.Guarded(t, (rows-1)*lds+cols, atEnd)
	dst := kerneltest.Guarded(t, (cols-1)*ldd+rows, atEnd)
	for i := range src {
		src[i] = math.Float32frombits(0x7f800001 + uint32(i)) // signaling NaNs
	}
	want := make([]float32, len(dst))
	for i := range want {
		want[i], dst[i] = 1, 1
	}
	var to []int
	for j := range cols {
		at := (cols - 1 - j) * ldd
		to = append(to, at)
		for i := range rows {
			want[at+i] = src[i*lds+j]
		}
	}
	b.TransposeWide(&micro.TransposeArgs{Dst: dst, Src: src, LDS: lds, To: to, Rows: rows, Cols: cols})
	for i := range want {
		if math.Float32bits(dst[i]) != math.Float32bits(want[i]) {
			t.Fatalf("%v rows=%d cols=%d gap=%d: [%d] = %x, want %x", b.Tier, rows, cols, gap, i, dst[i], want[i])
		}
	}
}
