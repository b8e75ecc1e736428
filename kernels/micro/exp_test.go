package micro_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/simdconv/simdconv/kernels/kerneltest"
	"github.com/simdconv/simdconv/kernels/micro"
)

// TestExpStore compares exponentials of differences to maxima of every size with
// float64, and their sums with those of plain Go, bit by bit. The lanes beside a
// tail hold zeros, whose exponential is no number if the maximum is -500.
func TestExpStore(t *testing.T) {
	const longest = 16*20 + 13
	var first []float32
	kerneltest.EachTier(t, func(t *testing.T, tier micro.Tier) {
		var all []float32
		worst := 0.0
		x, y := kerneltest.Guarded(t, longest, true), kerneltest.Guarded(t, longest, true)
		for _, m := range []float32{0, 1e-30, 1e-3, 0.1, 1, -1, 3.7, -33.337, 100.123, 345.6789, -500, 511.99997, -511.99997, 512, -512, 513.7, -600.1, 1e4, -1e4, 1 << 23, math.MaxFloat32, -math.MaxFloat32} {
			for n := longest - 35; n <= longest; n++ {
				x, y := x[longest-n:], y[longest-n:]
				for i := range x {
					x[i] = m - float32(i*n%107) - float32(i)*float32(n)/8192
				}
				x[1], x[n-1], x[n-2] = float32(math.Inf(-1)), m, -math.MaxFloat32
				var sums, want, again [16]float32
				a := micro.ExpArgs(m)
				a.X0, a.X1, a.X4, a.N = y, x, sums[:], n
				micro.For(tier).Vector(micro.OpExpStore, &a)
				for i, v := range x {
					exact := math.Exp(float64(v)-float64(m)) * micro.ExpScale
					_, exp := math.Frexp(exact)
					d := math.Abs(float64(y[i])-exact) / math.Ldexp(1, exp-24)
					if exact < micro.ExpScale*0x1p-150 {
						d = max(0, float64(y[i])/(micro.ExpScale*0x1p-150)-1) // no float32 is that small
					}
					if worst = max(worst, d); !(d <= 1) {
						t.Fatalf("exp(%v - %v) = %v * 2^-65, want %v: off by %v", v, m, y[i], exact, d)
					}
					want[i%16] += y[i]
				}
				name := fmt.Sprintf("m=%v n=%d", m, n)
				if y[n-1] != micro.ExpScale {
					t.Errorf("%s: the maximum's is %v", name, y[n-1])
				}
				kerneltest.Equal(t, name+" sums", sums[:], want[:])
				a.X0, a.X4 = nil, again[:]
				micro.For(tier).Vector(micro.OpExpSum, &a)
				kerneltest.Equal(t, name+" sums alone", again[:], want[:])
				all = append(all, y...)
			}
		}
		t.Logf("%.3f units in the last place", worst)
		switch {
		case tier == micro.Generic:
		case first == nil:
			first = all
		default:
			kerneltest.Equal(t, "AVX-512 and AVX2", all, first)
		}
	})
}

// TestSoftmax compares rows between guard pages, bit by bit, with the kernels for
// a maximum, exponentials and shares.
func TestSoftmax(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	kerneltest.EachTier(t, func(t *testing.T, tier micro.Tier) {
		b := micro.For(tier)
		for _, n := range []int{1, 2, 7, 8, 9, 15, 16, 17, 24, 31, 33, 40, 63, 64, 65, 79, 300} {
			for variant, m := range []float32{0, -3.7, 511.99997, -600.1, math.MaxFloat32, inf, nan, -inf} {
				rows, atEnd := 1+variant%3, variant%2 == 0
				x, y := kerneltest.Guarded(t, rows*n, atEnd), kerneltest.Guarded(t, rows*n, atEnd)
				want := make([]float32, rows*n)
				for i := range x {
					x[i] = m - float32(i*n%107)/3
				}
				if variant == 1 {
					x[rows*n/2] = math.Float32frombits(0x7f800001 + uint32(n)*0x1003) // among numbers
				}
				for r := range rows {
					row, w := x[r*n:][:n], want[r*n:][:n]
					var lanes [16]float32
					b.Vector(micro.OpLargest, &micro.VectorArgs{X0: row, X4: lanes[:], N: n})
					top := lanes[0]
					for _, v := range lanes {
						top = max(top, v)
					}
					a := micro.ExpArgs(top)
					clear(lanes[:])
					a.X0, a.X1, a.X4, a.N = w, row, lanes[:], n
					b.Vector(micro.OpExpStore, &a)
					a = micro.ShareArgs(micro.Fold(&lanes) + (top - top))
					a.X0, a.X1, a.N = w, w, n
					b.Vector(micro.OpShare, &a)
				}
				b.Vector(micro.OpSoftmax, &micro.VectorArgs{X0: y, X1: x, X4: make([]float32, rows*micro.SoftmaxNumbers), N: n, Rows: rows})
				kerneltest.Equal(t, fmt.Sprintf("%d rows of %d up to %v", rows, n, m), y, want)
				b.Vector(micro.OpSoftmax, &micro.VectorArgs{X0: x, X1: x, X4: make([]float32, rows*micro.SoftmaxNumbers), N: n, Rows: rows})
				kerneltest.Equal(t, fmt.Sprintf("%d rows of %d up to %v in place", rows, n, m), x, want)
			}
		}
	})
}
