package micro_test

import (
	"math"
	"testing"

	"github.com/simdconv/simdconv/kernels/kerneltest"
	"github.com/simdconv/simdconv/kernels/micro"
)

// TestShare compares quotients of all exponents with those of float64.
func TestShare(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T, tier micro.Tier) {
		x, y := make([]float32, 149*16), make([]float32, 149*16)
		kerneltest.FillUniform(x, 5)
		for i, v := range x {
			x[i] = float32(math.Ldexp(1+math.Abs(float64(v)), -(i+1)/16))
		}
		x[0] = 0
		divisors := make([]float32, 64)
		kerneltest.FillUniform(divisors, 6)
		for i, v := range divisors {
			s := float32(math.Ldexp(1+math.Abs(float64(v)), i%24))
			a := micro.ShareArgs(s)
			a.X0, a.X1, a.N = y, x, len(x)
			micro.For(tier).Vector(micro.OpShare, &a)
			for k, got := range y {
				want := float64(x[k]) / float64(s)
				bound := 0.5000001
				if want < 0x1p-100 {
					bound = 1
				}
				_, exp := math.Frexp(want)
				if e := math.Abs(float64(got)-want) / math.Ldexp(1, max(exp-24, -149)); !(e <= bound) {
					t.Fatalf("%v/%v = %v, want %v: %.7f units in the last place, at most %v", x[k], s, got, want, e, bound)
				}
			}
		}
		nan := float32(math.NaN())
		a := micro.ShareArgs(nan)
		a.X0, a.X1, a.N = y, x, len(x)
		micro.For(tier).Vector(micro.OpShare, &a)
		for k, got := range y {
			if got == got {
				t.Fatalf("%v/NaN = %v, want NaN", x[k], got)
			}
		}
	})
}
