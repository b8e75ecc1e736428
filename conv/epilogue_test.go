package conv_test

import (
	"fmt"
	"testing"

	"github.com/simdconv/simdconv/conv"
	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/geometry"
	"github.com/simdconv/simdconv/kernels/kerneltest"
	"github.com/simdconv/simdconv/kernels/ref"
)

func window(side, filter, stride, padding int) geometry.Window {
	return geometry.Window{H: side, W: side, R: filter, S: filter, StrideH: stride, StrideW: stride,
		Padding: geometry.Padding{Top: padding, Bottom: padding, Left: padding, Right: padding}}
}

// TestEpilogue compares all 16 combinations of scale, bias, residual and ReLU
// with the definition, on shapes with several regions, panels, groups and calls.
func TestEpilogue(t *testing.T) {
	for _, s := range []conv.Shape{
		{N: 2, C: 5, K: 37, Window: window(7, 3, 1, 1)},
		{N: 1, C: 9, K: 70, Window: window(5, 1, 1, 0)},
		{N: 1, C: 4, K: 6, Window: window(9, 5, 2, 6)},
		{N: 2, C: 6, K: 39, Groups: 3, Window: window(4, 3, 1, 1)},
		{N: 1, C: 1400, K: 3, Window: window(2, 3, 1, 1)},
	} {
		s, err := s.Check()
		must(t, err)
		in := newInputs(s, stale, fillInts)
		sum := make([]float32, s.YLen())
		ref.ConvForward(reference(s), sum, in.x, in.w)
		scale, bias, residual := make([]float32, s.K), make([]float32, s.K), make([]float32, s.YLen())
		fillInts(scale, 4)
		fillInts(bias, 5)
		fillInts(residual, 6)
		kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
			for _, a := range exactAlgorithms(s) {
				l := newLayer(t, s, kernels.Options{Tier: tier}, a)
				for parts := range 16 {
					ep := conv.Epilogue{LDR: 1} // ignored
					if parts&1 != 0 {
						ep.Scale = scale
					}
					if parts&2 != 0 {
						ep.Bias = bias
					}
					if parts&4 != 0 {
						ep.Residual = residual
					}
					if parts&8 != 0 {
						ep.Act = kernels.ActReLU
					}
					want := append([]float32(nil), sum...)
					ref.Epilogue(want, ep.Scale, ep.Bias, ep.Residual, ep.Act == kernels.ActReLU)
					kerneltest.Equal(t, fmt.Sprintf("%v by %v, parts %04b", s, a, parts), l.runForward(t, in, stale, ep), want)
				}
			}
		})
	}
}
