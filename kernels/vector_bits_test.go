package kernels_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/kerneltest"
)

// TestVectorTiersBits compares every tier with plain Go, bit by bit, special
// values among the operands. Transcendental functions differ by what they state.
func TestVectorTiersBits(t *testing.T) {
	generic := newEngine(t, kernels.TierGeneric, 1)
	kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
		e := newEngine(t, tier, 1)
		for _, c := range vectorCases {
			if c.name == "Exp" || c.name == "Sigmoid" || c.name == "Tanh" {
				continue
			}
			for _, n := range []int{7, 16, 50, 33333} {
				want := c.vectorOperands(n, plainAllocator)
				for i := range want {
					for k, v := range edges {
						want[i][(5*i+k)%n] = v
					}
				}
				got := cloneAll(want)
				c.run(generic, want)
				c.run(e, got)
				for i := range c.results {
					kerneltest.Equal(t, fmt.Sprintf("%s n=%d operand %d", c.name, n, i), got[i], want[i])
				}
			}
		}
	})
}

// TestFinite puts each special value everywhere, at the edges of what may be
// read.
func TestFinite(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
		e := newEngine(t, tier, 1)
		for _, n := range []int{0, 1, 7, 8, 9, 31, 70, 200} {
			for _, atEnd := range []bool{false, true} {
				x := kerneltest.Guarded(t, n, atEnd)
				for i := range x {
					x[i] = -math.MaxFloat32
				}
				if !e.Finite(x) {
					t.Errorf("n=%d: the largest finite numbers are not finite", n)
				}
				for i := range x {
					for _, v := range edges {
						x[i] = v
						if want := v-v == 0; e.Finite(x) != want {
							t.Errorf("n=%d: %v at %d is finite: %v", n, v, i, !want)
						}
					}
					x[i] = 1
				}
			}
		}
		x := make([]float32, 100000)
		if x[99999] = float32(math.NaN()); e.Finite(x) || !e.Finite(x[:99999]) {
			t.Error("a NaN after many zeros")
		}
		if a := kerneltest.Allocs(func() { e.Finite(x) }); a > 0 {
			t.Errorf("%d allocations", a)
		}
	})
}
