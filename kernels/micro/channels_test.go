package micro_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"github.com/simdconv/simdconv/kernels/kerneltest"
	"github.com/simdconv/simdconv/kernels/micro"
)

// channelOperands are operands of all kernels over rows, exactly as long as they
// may touch, but for the sums, which have room for whole vectors.
func channelOperands(rows, cols, ld int, alloc func(n int) []float32, bits func(n int) []uint8) *micro.ChannelArgs {
	matrix := (rows-1)*ld + cols
	a := &micro.ChannelArgs{
		Y: alloc(matrix), Z: alloc(matrix), X: alloc(matrix), DY: alloc(matrix),
		Mean: alloc(cols), Scale: alloc(cols), Shift: alloc(cols), Slope: alloc(cols),
		Sum: make([]float64, cols+16), Prod: make([]float64, cols+16),
		Mask: bits(rows * micro.MaskWords(cols)), MLD: micro.MaskWords(cols), LD: ld,
	}
	return a
}

// fillChannels fills the operands and sets what a call uses up.
func fillChannels(a *micro.ChannelArgs, rows, cols int) {
	for i, s := range [][]float32{a.Y, a.Z, a.X, a.DY, a.Mean, a.Scale, a.Shift, a.Slope} {
		kerneltest.FillUniform(s, uint64(i))
	}
	for i := range a.Sum {
		a.Sum[i], a.Prod[i] = float64(i), -float64(i)
	}
	for i := range a.Mask {
		a.Mask[i] = uint8(37 * i)
	}
	// Bits beyond the last column are nobody's, and a kernel may clear them.
	for r := range rows {
		row := a.Mask[r*a.MLD:][:a.MLD]
		for c := cols; c < 8*len(row); c++ {
			row[c/8] &^= 1 << (c % 8)
		}
	}
	a.Rows, a.Cols, a.Off, a.POff, a.SOff, a.MOff = rows, cols, 0, 0, 0, 0
}

// TestChannels compares every kernel over rows with plain Go, between pages that
// must not be touched.
func TestChannels(t *testing.T) {
	const rows = 3
	kerneltest.EachTier(t, func(t *testing.T, tier micro.Tier) {
		for _, cols := range []int{1, 3, 7, 8, 9, 15, 16, 17, 24, 31, 33, 40, 63, 64, 65, 79, 81} {
			for variant := range 4 {
				atEnd, ld := variant%2 == 0, cols+variant/2*3
				alloc := func(n int) []float32 { return kerneltest.Guarded(t, n, atEnd) }
				got := channelOperands(rows, cols, ld, alloc, func(n int) []uint8 { return kerneltest.GuardedBytes(t, n, atEnd) })
				want := channelOperands(rows, cols, ld, func(n int) []float32 { return make([]float32, n) }, func(n int) []uint8 { return make([]uint8, n) })
				for op := micro.OpAddBias; op <= micro.OpProductsMask; op++ {
					fillChannels(got, rows, cols)
					fillChannels(want, rows, cols)
					micro.For(tier).Channels(op, got)
					micro.For(micro.Generic).Channels(op, want)
					label := fmt.Sprintf("op=%d cols=%d ld=%d", op, cols, ld)
					for _, s := range [][2][]float32{{got.Y, want.Y}, {got.Z, want.Z}, {got.Shift, want.Shift}, {got.Mean, want.Mean}, {got.X, want.X}, {got.DY, want.DY}} {
						kerneltest.Equal(t, label, s[0], s[1])
					}
					if !slices.Equal(got.Sum[:cols], want.Sum[:cols]) || !slices.Equal(got.Prod[:cols], want.Prod[:cols]) {
						t.Errorf("%s: sums differ", label)
					}
					if !bytes.Equal(got.Mask, want.Mask) {
						t.Errorf("%s: masks differ", label)
					}
				}
			}
		}
	})
}
