package micro_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/simdconv/simdconv/kernels/kerneltest"
	"github.com/simdconv/simdconv/kernels/micro"
)

// A winogradCase is one transform of n channels, its operands flush with guard
// pages.
type winogradCase struct {
	name    string
	in, out int
	matrix  transform
	run     func(b *micro.Bundle, in, out int, x, y []float32, row, col, plane, n int)
	output  bool
}

var winogradCases = []winogradCase{
	{"input", 4, 4, inputMatrix(4), runInput, false},
	{"input", 6, 6, inputMatrix(6), runInput, false},
	{"input", 8, 8, inputMatrix(8), runInput, false},
	{"filter", 3, 4, filterMatrix(3, 4), runFilter, false},
	{"filter", 3, 6, filterMatrix(3, 6), runFilter, false},
	{"filter", 4, 6, filterMatrix(4, 6), runFilter, false},
	{"filter", 3, 8, filterMatrix(3, 8), runFilter, false},
	{"output", 4, 2, outputMatrix(4, 2), runOutput, true},
	{"output", 6, 4, outputMatrix(6, 4), runOutput, true},
	{"output", 6, 3, outputMatrix(6, 3), runOutput, true},
	{"output", 8, 6, outputMatrix(8, 6), runOutput, true},
}

func runInput(b *micro.Bundle, _, out int, x, y []float32, row, col, plane, n int) {
	b.WinogradInput(out, &micro.PlanesArgs{X: x, V: y, XRow: row, XCol: col, Plane: plane, N: n})
}

func runFilter(b *micro.Bundle, in, out int, x, y []float32, row, col, plane, n int) {
	b.WinogradFilter(in, out, &micro.PlanesArgs{X: x, V: y, XRow: row, XCol: col, Plane: plane, N: n})
}

func runOutput(b *micro.Bundle, in, out int, x, y []float32, row, col, plane, n int) {
	b.WinogradOutput(in, out, &micro.PixelsArgs{M: x, Y: y, YRow: row, YCol: col, Plane: plane, N: n, Rows: out, Cols: out})
}

// whole rounds channels up to whole vectors of the widest tier.
func whole(n int) int { return (n + 15) / 16 * 16 }

// TestWinograd compares every transform with its definition in float64, over
// numbers of channels around the vectors, between guard pages.
func TestWinograd(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T, tier micro.Tier) {
		b := micro.For(tier)
		for _, c := range winogradCases {
			t.Run(fmt.Sprintf("%s%dto%d", c.name, c.in, c.out), func(t *testing.T) {
				for _, n := range []int{1, 2, 7, 8, 9, 15, 16, 17, 24, 31, 32, 33, 48} {
					for _, atEnd := range []bool{false, true} {
						c.check(t, b, n, atEnd)
					}
				}
			})
		}
	})
}

func (c *winogradCase) check(t *testing.T, b *micro.Bundle, n int, atEnd bool) {
	t.Helper()
	// Pixels have gaps of one between columns and of two between rows.
	pixels, plane := c.in, whole(n)
	if c.output {
		pixels = c.out
	}
	col := n + 1
	row := pixels*col + 2
	end := (pixels-1)*(row+col) + n
	sizes := [2]int{end, c.out * c.out * plane}
	place := [2]func(i, j int) int{
		func(i, j int) int { return i*row + j*col },
		func(i, j int) int { return (i*c.out + j) * plane },
	}
	if c.output {
		sizes = [2]int{c.in * c.in * plane, end}
		place[0] = func(i, j int) int { return (i*c.in + j) * plane }
		place[1] = func(i, j int) int { return i*row + j*col }
	}
	x, y := kerneltest.Guarded(t, sizes[0], atEnd), kerneltest.Guarded(t, sizes[1], atEnd)
	kerneltest.FillUniform(x, uint64(n))
	before := append([]float32(nil), y...)
	for i := range before {
		before[i] = float32(i)
	}
	copy(y, before)
	c.run(b, c.in, c.out, x, y, row, col, plane, n)

	var got []float32
	var want []float64
	for ch := range n {
		tile := make([][]float64, c.in)
		for i := range tile {
			for j := range c.in {
				tile[i] = append(tile[i], float64(x[place[0](i, j)+ch]))
			}
		}
		for i, line := range c.matrix.both(tile) {
			for j, v := range line {
				at := place[1](i, j) + ch
				got, want = append(got, y[at]), append(want, v)
				y[at] = before[at]
			}
		}
	}
	kerneltest.Close(t, fmt.Sprintf("n=%d", n), got, want, 3e-7)
	if c.output {
		kerneltest.Equal(t, fmt.Sprintf("n=%d: between the pixels", n), y, before)
	}
}

// TestWinogradBitsAcrossTiers compares the two vector tiers.
func TestWinogradBitsAcrossTiers(t *testing.T) {
	for _, tier := range []micro.Tier{micro.AVX2, micro.AVX512} {
		if _, err := micro.Resolve(tier); err != nil {
			t.Skip(err)
		}
	}
	const n = 43
	for _, c := range winogradCases {
		var y [2][]float32
		for i, tier := range []micro.Tier{micro.AVX2, micro.AVX512} {
			x := make([]float32, 64*whole(n))
			kerneltest.FillUniform(x, 3)
			y[i] = make([]float32, 64*whole(n))
			c.run(micro.For(tier), c.in, c.out, x, y[i], c.in*whole(n), whole(n), whole(n), n)
			for p := range 64 { // tiers write different lanes behind the last channel
				clear(y[i][p*whole(n)+n : (p+1)*whole(n)])
			}
		}
		kerneltest.Equal(t, fmt.Sprintf("%s %d to %d", c.name, c.in, c.out), y[1], y[0])
	}
}

// TestWinogradNegative reads a filter backwards, as backward data does.
func TestWinogradNegative(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T, tier micro.Tier) {
		b := micro.For(tier)
		w, turned := make([]float32, 9*16), make([]float32, 9*16)
		kerneltest.FillUniform(w, 1)
		for i := range 9 {
			copy(turned[i*16:], w[(8-i)*16:(9-i)*16])
		}
		var v [2][36 * 16]float32
		b.WinogradFilter(3, 6, &micro.PlanesArgs{X: turned, V: v[0][:], XRow: 48, XCol: 16, Plane: 16, N: 16})
		b.WinogradFilter(3, 6, &micro.PlanesArgs{X: w, XOff: 8 * 16, V: v[1][:], XRow: -48, XCol: -16, Plane: 16, N: 16})
		kerneltest.Equal(t, "filter", v[1][:], v[0][:])
	})
}

// TestWinogradEpilogue runs every combination of flags over every part of a
// tile, and compares with what the transform gives without any.
func TestWinogradEpilogue(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T, tier micro.Tier) {
		b := micro.For(tier)
		r := rand.New(rand.NewPCG(5, 6))
		for _, size := range [][2]int{{4, 2}, {6, 4}, {6, 3}, {8, 6}} {
			tile, out := size[0], size[1]
			for flags := uint32(0); flags < 32; flags += 2 {
				for rows := 1; rows <= out; rows++ {
					for cols := 1; cols <= out; cols++ {
						n := 1 + r.IntN(40)
						checkPixels(t, b, tile, out, rows, cols, n, flags, r.IntN(2) == 0)
					}
				}
			}
		}
	})
}

func checkPixels(t *testing.T, b *micro.Bundle, tile, out, rows, cols, n int, flags uint32, atEnd bool) {
	t.Helper()
	row, plane := cols*n+3, whole(n)+16
	end := (rows-1)*row + cols*n
	a := micro.PixelsArgs{
		M: kerneltest.Guarded(t, tile*tile*plane-16, atEnd), Y: kerneltest.Guarded(t, end, atEnd),
		Scale: kerneltest.Guarded(t, n, atEnd), Bias: kerneltest.Guarded(t, n, atEnd), Residual: kerneltest.Guarded(t, end, atEnd),
		YRow: row, YCol: n, Plane: plane, N: n, Rows: rows, Cols: cols, Flags: flags,
	}
	for i, s := range [][]float32{a.M, a.Scale, a.Bias, a.Residual} {
		kerneltest.FillInts(s, uint64(i+n), 4)
	}
	plain := make([]float32, (out-1)*out*n+out*n)
	b.WinogradOutput(tile, out, &micro.PixelsArgs{M: a.M, Y: plain, YRow: out * n, YCol: n, Plane: plane, N: n, Rows: out, Cols: out})
	want := make([]float32, end)
	for i := range rows {
		for j := range cols {
			for c := range n {
				v, at := plain[(i*out+j)*n+c], i*row+j*n+c
				if flags&micro.FlagScale != 0 {
					v *= a.Scale[c]
				}
				if flags&micro.FlagBias != 0 {
					v += a.Bias[c]
				}
				if flags&micro.FlagResidual != 0 {
					v += a.Residual[at]
				}
				if flags&micro.FlagReLU != 0 && v < 0 {
					v = 0
				}
				want[at] = v
			}
		}
	}
	b.WinogradOutput(tile, out, &a)
	kerneltest.Equal(t, fmt.Sprintf("%d to %d, %dx%d pixels of %d channels, flags %b", tile, out, rows, cols, n, flags), a.Y, want)
}

func TestWinogradOfNoSize(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T, tier micro.Tier) {
		b := micro.For(tier)
		for name, f := range map[string]func(){
			"input":  func() { b.WinogradInput(5, &micro.PlanesArgs{}) },
			"filter": func() { b.WinogradFilter(4, 4, &micro.PlanesArgs{}) },
			"output": func() { b.WinogradOutput(6, 2, &micro.PixelsArgs{}) },
		} {
			func() {
				defer func() {
					if recover() == nil {
						t.Errorf("%s did not panic", name)
					}
				}()
				f()
			}()
		}
	})
}
