package micro_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/simdconv/simdconv/kernels/kerneltest"
	"github.com/simdconv/simdconv/kernels/micro"
)

// TestStream compares streaming stores with others, between pages that must not
// be touched: the results begin on a line or end with a page.
func TestStream(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T, tier micro.Tier) {
		b := micro.For(tier)
		for _, c := range []int{64, 80, 96, 131} {
			for _, atEnd := range []bool{false, true} {
				alloc := func(n int) []float32 { return kerneltest.Guarded(t, n, atEnd) }
				streamVector(t, b, alloc, c)
				streamChannels(t, b, alloc, c)
				streamPool(t, b, alloc, c)
				streamFilter(t, b, alloc, c)
				streamPixels(t, b, alloc, c)
				streamDropout(t, b, alloc, c/16)
			}
		}
		for rows := 1; rows <= b.MR; rows++ {
			streamTile(t, b, rows)
		}
	})
}

func streamVector(t *testing.T, b *micro.Bundle, alloc func(n int) []float32, n int) {
	x, y, got, want := alloc(n), alloc(n), alloc(n), make([]float32, n)
	kerneltest.FillUniform(x, 1)
	kerneltest.FillUniform(y, 2)
	for op := micro.OpFill; op <= micro.OpShare; op++ {
		if micro.OpPowerTerms <= op && op <= micro.OpRMSpropCenteredMomentum {
			continue
		}
		a := micro.VectorArgs{X0: want, X1: x, X2: y, N: n, S0: 1, S1: 0.3}
		b.Vector(op, &a)
		clear(got)
		if op == micro.OpScale || op == micro.OpAxpy {
			clear(want)
			b.Vector(op, &a)
		}
		a.X0, a.Stream = got, 1
		b.Vector(op, &a)
		kerneltest.Equal(t, fmt.Sprintf("vector op=%d n=%d", op, n), got, want)
	}
}

func streamChannels(t *testing.T, b *micro.Bundle, alloc func(n int) []float32, cols int) {
	const rows = 3
	bits := func(n int) []uint8 { return make([]uint8, n) }
	for _, ld := range []int{cols, cols + 3, cols + 16} {
		got := channelOperands(rows, cols, ld, alloc, bits)
		want := channelOperands(rows, cols, ld, alloc, bits)
		for op := micro.OpAddBias; op <= micro.OpPropagateMaskAdd; op++ {
			fillChannels(got, rows, cols)
			fillChannels(want, rows, cols)
			got.Stream = 1
			b.Channels(op, got)
			b.Channels(op, want)
			label := fmt.Sprintf("channel op=%d cols=%d ld=%d", op, cols, ld)
			kerneltest.Equal(t, label, got.Y, want.Y)
			kerneltest.Equal(t, label+" Z", got.Z, want.Z)
			if !bytes.Equal(got.Mask, want.Mask) {
				t.Errorf("%s: masks differ", label)
			}
		}
	}
}

func streamPool(t *testing.T, b *micro.Bundle, alloc func(n int) []float32, c int) {
	const pixels, wide = 3, 2*3 + 1
	x, got, want := alloc(2*wide*c), alloc(2*pixels*c), make([]float32, 2*pixels*c)
	kerneltest.FillUniform(x, 3)
	for op := micro.OpMax; op <= micro.OpSumPair2x2; op++ {
		a := micro.PoolArgs{
			Y: want, X: x, YStep: c, XStep: c, RowStep: wide * c, ColStep: c,
			Pixels: pixels, C: c, Rows: 2, Cols: 2, Tap: 4, TapCol: -1, TapRow: 1, Count: 3,
		}
		n := pixels * c
		if op >= micro.OpMaxBackwardPair1x1 {
			pair := int(op-micro.OpMaxBackwardPair1x1) % 4
			a.Rows, a.Cols, a.YStep, n = 1+pair/2, 1+pair%2, 2*c, 2*pixels*c
		}
		args := func() []uint8 {
			arg := make([]uint8, len(x))
			for i := range arg {
				arg[i] = uint8(i % 6)
			}
			return arg
		}
		clear(got)
		clear(want)
		stream := a
		a.Arg, stream.Arg = args(), args()
		b.Pool(op, &a)
		stream.Y, stream.Stream = got, 1
		b.Pool(op, &stream)
		label := fmt.Sprintf("pool op=%d c=%d", op, c)
		kerneltest.Equal(t, label, got[:n], want[:n])
		if !bytes.Equal(stream.Arg, a.Arg) {
			t.Errorf("%s: taps differ", label)
		}
	}
}

func streamFilter(t *testing.T, b *micro.Bundle, alloc func(n int) []float32, n int) {
	w := alloc(9 * n)
	kerneltest.FillUniform(w, 1)
	for _, tile := range []int{4, 6, 8} {
		for _, gap := range []int{0, 16, 3} {
			plane := (n+15)/16*16 + gap
			got, want := alloc(tile*tile*plane), make([]float32, tile*tile*plane)
			a := micro.PlanesArgs{X: w, V: want, XRow: 3 * n, XCol: n, Plane: plane, N: n}
			b.WinogradFilter(3, tile, &a)
			clear(got)
			a.V, a.Stream = got, 1
			b.WinogradFilter(3, tile, &a)
			kerneltest.Equal(t, fmt.Sprintf("filter tile=%d n=%d plane=%d", tile, n, plane), got, want)
		}
	}
}

func streamPixels(t *testing.T, b *micro.Bundle, alloc func(n int) []float32, n int) {
	lines := (n + 15) / 16 * 16
	for _, size := range [][2]int{{4, 2}, {6, 4}, {6, 3}, {8, 6}} {
		tile, out := size[0], size[1]
		m := alloc(tile * tile * lines)
		kerneltest.FillUniform(m, 1)
		for _, gap := range []int{0, lines - n, lines - n + 5} {
			col := n + gap
			row := out*col + gap
			end := (out-1)*(row+col) + n
			got, want, residual := alloc(end), make([]float32, end), alloc(end)
			kerneltest.FillUniform(residual, 2)
			a := micro.PixelsArgs{M: m, Y: want, Residual: residual, YRow: row, YCol: col, Plane: lines, N: n, Rows: out - out/4, Cols: out - out/3, Flags: micro.FlagResidual | micro.FlagReLU}
			b.WinogradOutput(tile, out, &a)
			clear(got)
			a.Y, a.Stream = got, 1
			b.WinogradOutput(tile, out, &a)
			kerneltest.Equal(t, fmt.Sprintf("pixels tile=%d out=%d n=%d column=%d", tile, out, n, col), got, want)
		}
	}
}

func streamDropout(t *testing.T, b *micro.Bundle, alloc func(n int) []float32, runs int) {
	n := runs * micro.DropoutRun
	x, got, want := alloc(n), alloc(n), make([]float32, n)
	kerneltest.FillUniform(x, 1)
	a := micro.DropoutArgs{Y: want, X: x, N: n, Key0: 7, Drop: 1 << 31, Scale: 2}
	if !b.Dropout(&a) {
		return // plain Go does it
	}
	a.Y, a.Stream = got, 1
	b.Dropout(&a)
	kerneltest.Equal(t, fmt.Sprintf("dropout n=%d", n), got, want)
}

// streamTile has rows of C that start on lines, or do not, and whole and other tiles.
func streamTile(t *testing.T, b *micro.Bundle, rows int) {
	const steps = 5
	x, w := make([]float32, rows*steps), make([]float32, steps*b.NR)
	kerneltest.FillUniform(x, 1)
	kerneltest.FillUniform(w, 2)
	for _, cols := range []int{b.NR, b.NR - 1} {
		for _, ldc := range []int{b.NR, b.NR + 16, b.NR + 4} {
			for _, atEnd := range []bool{false, true} {
				n := (rows-1)*ldc + cols
				got, want, residual := kerneltest.Guarded(t, n, atEnd), make([]float32, n), make([]float32, n)
				kerneltest.FillUniform(residual, 3)
				a := micro.TileArgs{
					A: x, B: w, C: want, Residual: residual, Segs: []micro.Segment{{K: steps}},
					LDA: steps, LDC: ldc, LDR: ldc, Cols: cols, Flags: micro.FlagResidual | micro.FlagReLU,
				}
				b.Rows(rows, &a)
				a.C, a.Flags = got, a.Flags|micro.FlagStream
				b.Rows(rows, &a)
				b.Fence(1)
				kerneltest.Equal(t, fmt.Sprintf("tile rows=%d cols=%d ldc=%d", rows, cols, ldc), got, want)
			}
		}
	}
}
