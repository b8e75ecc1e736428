package conv_test

import (
	"testing"

	"github.com/simdconv/simdconv/conv"
	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/geometry"
)

// FuzzConv compares every tier and algorithm with the definition, on integers
// between guard pages, for every small shape that Check accepts.
func FuzzConv(f *testing.F) {
	// N, C, K, H, W, R, S, strides, dilations, four paddings, groups.
	f.Add([]byte{1, 1, 1, 5, 5, 3, 3, 1, 1, 1, 1, 0, 0, 0, 0, 1}, false)
	f.Add([]byte{2, 3, 33, 7, 15, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1}, true)
	f.Add([]byte{1, 129, 2, 4, 4, 3, 3, 2, 2, 1, 1, 1, 0, 1, 0, 1}, true)
	f.Add([]byte{1, 6, 4, 9, 8, 4, 2, 3, 1, 2, 3, 5, 0, 2, 7, 2}, false)
	f.Add([]byte{3, 7, 17, 6, 6, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1}, true)
	f.Add([]byte{0, 2, 2, 3, 3, 2, 2, 1, 1, 1, 1, 0, 0, 0, 0, 1}, false)
	f.Add([]byte{1, 1, 1, 1, 1, 5, 5, 4, 4, 3, 3, 7, 7, 7, 7, 5}, true)
	f.Fuzz(func(t *testing.T, b []byte, atEnd bool) {
		if len(b) < 16 {
			t.Skip("too few bytes for a shape")
		}
		dim := func(i, limit int) int { return int(b[i]) % limit }
		groups := 1 + dim(15, 5)
		s, err := conv.Shape{
			N: dim(0, 4), C: groups * dim(1, 140), K: groups * dim(2, 70), Groups: groups,
			Window: geometry.Window{
				H: dim(3, 20), W: dim(4, 20), R: dim(5, 6), S: dim(6, 6),
				StrideH: dim(7, 5), StrideW: dim(8, 5), DilationH: dim(9, 4), DilationW: dim(10, 4),
				Padding: geometry.Padding{Top: dim(11, 8), Bottom: dim(12, 8), Left: dim(13, 8), Right: dim(14, 8)},
			},
		}.Check()
		if err != nil {
			t.Skip(err)
		}
		if s.FLOP() > 2e6 {
			t.Skip("too much for plain loops")
		}
		c := newExactCase(s.String(), s, guards(t, atEnd))
		for tier := kernels.TierGeneric; tier <= kernels.TierAVX512; tier++ {
			if _, err := (kernels.Options{Tier: tier}).Resolve(); err == nil {
				c.check(t, kernels.Options{Tier: tier, Threads: 2}, guards(t, atEnd))
			}
		}
	})
}
