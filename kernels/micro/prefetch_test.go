package micro_test

import (
	"testing"

	"github.com/simdconv/simdconv/kernels/kerneltest"
	"github.com/simdconv/simdconv/kernels/micro"
)

// TestPrefetch asks for rows within guard pages and beyond: a kernel that touched
// them would end the program.
func TestPrefetch(t *testing.T) {
	x := kerneltest.Guarded(t, 40, true)
	kerneltest.EachTier(t, func(t *testing.T, tier micro.Tier) {
		for _, n := range []int{1, 15, 16, 17, 40, 1000} {
			for _, off := range []int{0, 3, 40, -5000} {
				micro.For(tier).Prefetch(&micro.PrefetchArgs{X: x, Off: off, LD: 50, Rows: 3, N: n})
			}
		}
	})
}
