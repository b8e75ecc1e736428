package micro_test

import (
	"fmt"
	"math"
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

// TestPoolRows compares the kernels for rows of windows with plain Go, through
// three rows of windows, and asks whether a NaN is found where there is one, and
// only there.
func TestPoolRows(t *testing.T) {
	const pixels = 3
	const wide = 2*pixels + 1
	generic := micro.For(micro.Generic)
	kerneltest.EachTier(t, func(t *testing.T, tier micro.Tier) {
		b := micro.For(tier)
		for _, c := range []int{32, 64, 96} {
			for nan := -1; nan < wide; nan++ {
				for _, op := range []micro.PoolOp{micro.OpMax, micro.OpMaxArg, micro.OpAverage} {
					atEnd := nan%2 == 0
					x := kerneltest.Guarded(t, 3*wide*c, atEnd)
					kerneltest.FillInts(x, uint64(c), 2)
					if nan >= 0 {
						x[nan*c+(nan*7)%c] = float32(math.NaN())
					}
					var y, part [2][]float32
					var arg, taps [2][]uint8
					ops := micro.RowOpsOf(op)
					for i, run := range []*micro.Bundle{generic, b} {
						y[i], part[i] = kerneltest.Guarded(t, pixels*c, atEnd), kerneltest.Guarded(t, pixels*c, atEnd)
						if op == micro.OpMaxArg {
							arg[i], taps[i] = kerneltest.GuardedBytes(t, pixels*c, atEnd), kerneltest.GuardedBytes(t, pixels*c, atEnd)
						}
						for row, step := range []micro.PoolOp{ops.First, ops.Both, ops.Last} {
							a := micro.PoolArgs{
								Y: y[i], X: x, Arg: arg[i], Part: part[i], PartArg: taps[i], YStep: c,
								XOff: row * wide * c, XStep: 2 * c, ColStep: c, Pixels: pixels, C: c, Rows: 1 + row%2, Cols: 3,
								RowStep: wide * c, Tap: 3 * row, Count: 9, Stream: uint32(c / 64),
							}
							run.Pool(step, &a)
							if found, want := a.NaN != 0, op != micro.OpAverage && row == 0 && nan >= 0; found != want {
								t.Errorf("%v op=%d c=%d row=%d NaN in pixel %d: found %v, want %v", run.Tier, step, c, row, nan, found, want)
							}
						}
					}
					if nan >= 0 && op != micro.OpAverage {
						continue // results are of no use
					}
					label := fmt.Sprintf("op=%d c=%d NaN in %d", op, c, nan)
					kerneltest.Equal(t, label+" y", y[1], y[0])
					kerneltest.Equal(t, label+" part", part[1], part[0])
					if string(arg[0]) != string(arg[1]) {
						t.Errorf("%s: taps differ", label)
					}
				}
			}
		}
	})
}
