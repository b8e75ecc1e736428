package micro_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/simdconv/simdconv/kernels/kerneltest"
	"github.com/simdconv/simdconv/kernels/micro"
)

// TestVector compares every element-wise kernel that rounds like plain Go with
// it, between pages that must not be touched.
func TestVector(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T, tier micro.Tier) {
		for _, n := range []int{1, 3, 7, 8, 9, 15, 16, 17, 31, 33, 63, 64, 65, 79} {
			for _, atEnd := range []bool{false, true} {
				var got, want [5][]float32
				for i := range got {
					got[i], want[i] = kerneltest.Guarded(t, n, atEnd), make([]float32, n)
				}
				for op := micro.OpFill; op < micro.OpExp; op++ {
					for i := range got {
						kerneltest.FillUniform(got[i], uint64(i))
						copy(want[i], got[i])
					}
					s0 := float32(0.3)
					if op == micro.OpSigmoidBackward || op == micro.OpTanhBackward {
						s0 = 1 // their formulas' only number
					}
					run := func(tier micro.Tier, x *[5][]float32) {
						micro.For(tier).Vector(op, &micro.VectorArgs{
							X0: x[0], X1: x[1], X2: x[2], X3: x[3], X4: x[4], N: n,
							S0: s0, S1: 0.7, S2: 0.6, S3: 2, S4: 0.4,
						})
					}
					run(tier, &got)
					run(micro.Generic, &want)
					for i := range got {
						kerneltest.Equal(t, fmt.Sprintf("op=%d n=%d X%d", op, n, i), got[i], want[i])
					}
				}
			}
		}
	})
}

// TestWindow compares sums of neighbours with plain Go, bit by bit: exactly two
// elements on either side are read.
func TestWindow(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T, tier micro.Tier) {
		for _, n := range []int{1, 3, 7, 8, 9, 15, 16, 17, 31, 33, 63, 64, 65, 79} {
			for _, atEnd := range []bool{false, true} {
				x, y := kerneltest.Guarded(t, n+4, atEnd), kerneltest.Guarded(t, n+4, atEnd)
				kerneltest.FillUniform(x, uint64(n))
				x[n/2] = float32(math.Copysign(0, -1))
				want := make([]float32, n+4)
				a := micro.VectorArgs{X0: want, X1: x, Off: 2, N: n, S0: 2, S1: 0.3}
				micro.For(micro.Generic).Vector(micro.OpWindow, &a)
				a.X0 = y
				micro.For(tier).Vector(micro.OpWindow, &a)
				kerneltest.Equal(t, fmt.Sprintf("n=%d", n), y, want)
			}
		}
	})
}
