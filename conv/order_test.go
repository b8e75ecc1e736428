package conv_test

import (
	"testing"

	"github.com/simdconv/simdconv/conv"
	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/kerneltest"
)

// fma adds x*y to sum as a tier does: fused, or with the product rounded first.
// The product is exact in float64, and on the data of these tests rounding the
// sum twice is rounding it once.
func fma(tier kernels.Tier, x, y, sum float32) float32 {
	if tier == kernels.TierGeneric {
		return float32(x*y) + sum
	}
	return float32(float64(x)*float64(y) + float64(sum))
}

// blocks calls f with the channels of a group, block by block.
func blocks(channels int, f func(first, last int)) {
	for c := 0; c < channels; c += 128 {
		f(c, min(c+128, channels))
	}
}

// inOrder computes the passes in the order that the package documents: forward
// over (channel block, r, s, c), backward data over (block of K, r, s, k),
// backward weights over the pixels of the batch.
func inOrder(tier kernels.Tier, in inputs) outputs[float32] {
	s := in.shape
	oh, ow := s.Out()
	cg, kg := s.C/s.Groups, s.K/s.Groups
	out := outputs[float32]{y: make([]float32, len(in.dy)), dx: make([]float32, len(in.x)), dw: make([]float32, len(in.w))}
	rows, cols := s.Rows(), s.Cols()
	// taps calls f with the places in y, x and w of every product of two pixels.
	taps := func(f func(y, x, w int)) {
		for r := range s.R {
			for q := range s.S {
				for n := range s.N {
					for p := range oh {
						for o := range ow {
							h, v := rows.In(p, r), cols.In(o, q)
							if h >= 0 && h < s.H && v >= 0 && v < s.W {
								f(((n*oh+p)*ow+o)*s.K, ((n*s.H+h)*s.W+v)*s.C, (r*s.S+q)*cg*s.K)
							}
						}
					}
				}
			}
		}
	}
	blocks(cg, func(first, last int) {
		taps(func(y, x, w int) {
			for k := range s.K {
				for c := first; c < last; c++ {
					out.y[y+k] = fma(tier, in.x[x+k/kg*cg+c], in.w[w+c*s.K+k], out.y[y+k])
				}
			}
		})
	})
	blocks(kg, func(first, last int) {
		taps(func(y, x, w int) {
			for c := range s.C {
				for k := c/cg*kg + first; k < c/cg*kg+last; k++ {
					out.dx[x+c] = fma(tier, in.dy[y+k], in.w[w+c%cg*s.K+k], out.dx[x+c])
				}
			}
		})
	})
	taps(func(y, x, w int) {
		for c := range cg {
			for k := range s.K {
				out.dw[w+c*s.K+k] = fma(tier, in.x[x+k/kg*cg+c], in.dy[y+k], out.dw[w+c*s.K+k])
			}
		}
	})
	return out
}

// TestReductionOrder holds the bits of direct to the documented order, which
// is what makes them the same everywhere.
func TestReductionOrder(t *testing.T) {
	for _, s := range []conv.Shape{
		{N: 2, C: 150, K: 5, Window: window(6, 3, 1, 1)},
		{N: 1, C: 5, K: 150, Window: window(7, 3, 2, 2)},
		{N: 2, C: 262, K: 6, Groups: 2, Window: window(4, 2, 1, 0)},
		{N: 3, C: 300, K: 7, Window: window(3, 1, 1, 0)},
		{N: 1, C: 1, K: 3, Window: window(90, 3, 1, 1)},
	} {
		s, err := s.Check()
		must(t, err)
		in := newInputs(s, stale, kerneltest.FillUniform)
		kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
			got := newLayer(t, s, kernels.Options{Tier: tier}, conv.Direct).run(t, in, stale, conv.Epilogue{})
			equal(t, s.String(), got, inOrder(tier, in))
		})
	}
}
