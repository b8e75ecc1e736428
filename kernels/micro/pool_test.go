package micro_test

import (
	"fmt"
	"testing"

	"github.com/simdconv/simdconv/kernels/kerneltest"
	"github.com/simdconv/simdconv/kernels/micro"
)

// TestPoolGather compares the kernels that gather with plain Go, with operands
// that end or start at pages that must not be touched.
func TestPoolGather(t *testing.T) {
	const pixels = 3
	kerneltest.EachTier(t, func(t *testing.T, tier micro.Tier) {
		for _, c := range []int{1, 7, 8, 9, 15, 16, 17, 31, 40, 63, 65, 79} {
			for variant := range 8 {
				atEnd, rows, cols := variant%2 == 0, 1+variant/2%2, 1+variant/4
				wide := pixels + cols - 1
				x, arg := kerneltest.Guarded(t, rows*wide*c, atEnd), kerneltest.GuardedBytes(t, rows*wide*c, atEnd)
				y, want := kerneltest.Guarded(t, 2*pixels*c, atEnd), make([]float32, 2*pixels*c)
				kerneltest.FillUniform(x, uint64(c))
				for i := range arg {
					arg[i] = uint8(i % 9)
				}
				for _, op := range []micro.PoolOp{micro.OpMaxBackward, micro.OpSum} {
					for _, pair := range []bool{false, true} {
						a := micro.PoolArgs{
							Y: want, X: x, Arg: arg, YStep: c, XStep: c, RowStep: wide * c, ColStep: c,
							Pixels: pixels, C: c, Rows: rows, Cols: cols, Tap: 4 + rows, TapCol: -2, TapRow: 1,
						}
						run := op
						if pair {
							run, a.YStep = micro.PairOp(op, rows, cols), 2*c
						}
						kerneltest.FillUniform(y, 7)
						copy(want, y)
						b := a
						b.Y = y
						micro.For(micro.Generic).Pool(run, &a)
						micro.For(tier).Pool(run, &b)
						kerneltest.Equal(t, fmt.Sprintf("op=%d c=%d %dx%d", run, c, rows, cols), y, want)
					}
				}
			}
		}
	})
}
