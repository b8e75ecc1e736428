package kernels_test

import (
	"math"
	"testing"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/kerneltest"
	"github.com/simdconv/simdconv/kernels/ref"
)

func TestNrm2(t *testing.T) {
	generic := newEngine(t, kernels.TierGeneric, 1)
	kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
		e := newEngine(t, tier, 1)
		for _, n := range []int{0, 1, 7, 8, 15, 16, 17, 31, 33, 250, 4096, 70001} {
			for _, atEnd := range []bool{false, true} {
				x := kerneltest.Guarded(t, n, atEnd)
				kerneltest.FillInts(x, uint64(n), 8)
				if got, want := e.Nrm2(x), float32(ref.Nrm2(widen(x))); got != want {
					t.Errorf("n=%d: norm of integers is %v, want %v", n, got, want)
				}
				kerneltest.FillUniform(x, uint64(n))
				got, want := e.Nrm2(x), ref.Nrm2(widen(x))
				if d := math.Abs(float64(got) - want); d > spacing(want) {
					t.Errorf("n=%d: norm is %v, want %v", n, got, want)
				}
				if got != generic.Nrm2(x) {
					t.Errorf("n=%d: norm is %v, want the generic tier's %v", n, got, generic.Nrm2(x))
				}
			}
		}
		nan, inf := float32(math.NaN()), float32(math.Inf(1))
		for _, c := range []struct{ a, b, want float32 }{
			{3e30, 4e30, 5e30}, {3e-40, 4e-40, 5e-40}, {math.MaxFloat32, math.MaxFloat32, inf}, {-inf, 1, inf}, {inf, nan, nan},
		} {
			x := make([]float32, 40)
			x[3], x[38] = c.a, c.b
			got := e.Nrm2(x)
			if d := math.Abs(float64(got - c.want)); got != c.want && !(d <= spacing(float64(c.want))) && !(got != got && c.want != c.want) {
				t.Errorf("norm of %v and %v is %v, want %v", c.a, c.b, got, c.want)
			}
		}
		x := make([]float32, 100000)
		if a := kerneltest.Allocs(func() { e.Nrm2(x) }); a > 0 {
			t.Errorf("%d allocations", a)
		}
	})
}
