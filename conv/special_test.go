package conv_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/simdconv/simdconv/conv"
	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/kerneltest"
)

var (
	inf = float32(math.Inf(1))
	nan = float32(math.NaN())
)

// sumAlgorithms take every product as it is. Winograd spreads what is not
// finite over its tile.
var sumAlgorithms = []conv.Algorithm{conv.Direct, conv.Im2col}

// paddedShape reads padding on every side, wholly in the corners.
func paddedShape(t testing.TB) conv.Shape {
	t.Helper()
	s, err := conv.Shape{N: 2, C: 3, K: 18, Window: window(5, 3, 1, 3)}.Check()
	must(t, err)
	return s
}

// TestPaddingContributesNothing has weights and gradients that a padded zero
// would turn into NaN. The definition leaves padded taps out. 7 channels fit the
// narrower tile of a lower tier.
func TestPaddingContributesNothing(t *testing.T) {
	for _, k := range []int{7, 18} {
		t.Run(fmt.Sprintf("k=%d", k), func(t *testing.T) {
			s := paddedShape(t)
			s.K = k
			checkPadding(t, s)
		})
	}
}

func checkPadding(t *testing.T, s conv.Shape) {
	for _, bad := range []float32{inf, -inf, nan} {
		for _, which := range []string{"w", "dy", "x"} {
			in := newInputs(s, stale, fillInts)
			switch which {
			case "w":
				in.w[0], in.w[len(in.w)/2], in.w[len(in.w)-1] = bad, bad, bad
			case "dy":
				in.dy[0], in.dy[len(in.dy)/2], in.dy[len(in.dy)-1] = bad, bad, bad
			case "x":
				in.x[0], in.x[len(in.x)-1] = bad, bad
			}
			want := expected[float32](in)
			if finite := countFinite(want.y) + countFinite(want.dx) + countFinite(want.dw); finite == 0 {
				t.Fatal("no finite result: the test shows nothing")
			}
			kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
				for _, a := range sumAlgorithms {
					got := newLayer(t, s, kernels.Options{Tier: tier}, a).run(t, in, stale, conv.Epilogue{})
					equal(t, fmt.Sprintf("%v in %s, by %v", bad, which, a), got, want)
				}
			})
		}
	}
}

// TestSpecialBand has the second of two bands of backward weights alone hold what
// rules out zeros beside the image.
func TestSpecialBand(t *testing.T) {
	s, err := conv.Shape{N: 1, C: 3, K: 7, Window: window(64, 3, 1, 1)}.Check()
	must(t, err)
	in := newInputs(s, stale, fillInts)
	in.dy[len(in.dy)-1] = inf // its taps below and to the right are on padding
	want := expected[float32](in)
	if n := countFinite(want.dw); n == 0 || n == len(want.dw) {
		t.Fatalf("%d of %d results are finite, want some", n, len(want.dw))
	}
	kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
		got := newLayer(t, s, kernels.Options{Tier: tier}, conv.Direct).run(t, in, stale, conv.Epilogue{})
		equal(t, "dw", got, want)
	})
}

func countFinite(s []float32) (n int) {
	for _, v := range s {
		if v-v == 0 {
			n++
		}
	}
	return n
}

// TestZeroTimesInfinity has zeros in the image meet infinite weights: inside
// the image they do make NaN.
func TestZeroTimesInfinity(t *testing.T) {
	s := paddedShape(t)
	in := newInputs(s, stale, fillInts)
	clear(in.x)
	for i := range in.w {
		in.w[i] = inf
	}
	want := expected[float32](in)
	kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
		for _, a := range sumAlgorithms {
			l := newLayer(t, s, kernels.Options{Tier: tier}, a)
			kerneltest.Equal(t, a.String(), l.runForward(t, in, stale, conv.Epilogue{}), want.y)
		}
	})
	if n := countFinite(want.y); n == 0 || n == len(want.y) {
		t.Errorf("%d of %d results are finite, want some", n, len(want.y))
	}
}

// TestNaNPropagates checks that a NaN reaches every output that read it, by
// Winograd too, and passes scale, bias and ReLU.
func TestNaNPropagates(t *testing.T) {
	s, err := conv.Shape{N: 1, C: 20, K: 35, Window: window(9, 3, 1, 1)}.Check()
	must(t, err)
	in := newInputs(s, stale, func(dst []float32, seed uint64) {
		for i := range dst {
			dst[i] = 1
		}
	})
	in.x[(4*s.W+4)*s.C+7] = nan
	want := expected[float32](in)
	ep := conv.Epilogue{Scale: make([]float32, s.K), Bias: make([]float32, s.K), Act: kernels.ActReLU}
	kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
		for _, a := range algorithms(s) {
			y := newLayer(t, s, kernels.Options{Tier: tier}, a).runForward(t, in, stale, ep)
			for i, v := range want.y {
				if v != v && y[i] == y[i] {
					t.Fatalf("%v: y[%d] = %v, want NaN", a, i, y[i])
				}
			}
			if !slices.Contains(winograds, a) && countFinite(y) != countFinite(want.y) {
				t.Errorf("%v: %d finite results, want %d", a, countFinite(y), countFinite(want.y))
			}
		}
	})
}

// TestDenormals has denormal images and results. They are neither flushed to
// zero on the way in nor on the way out.
func TestDenormals(t *testing.T) {
	s := paddedShape(t)
	in := newInputs(s, stale, fillInts)
	for _, operand := range [][]float32{in.x, in.dy} {
		for i := range operand {
			operand[i] *= math.SmallestNonzeroFloat32
		}
	}
	want := expected[float32](in)
	clear(want.dw) // products of two denormals
	kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
		for _, a := range sumAlgorithms {
			got := newLayer(t, s, kernels.Options{Tier: tier}, a).run(t, in, stale, conv.Epilogue{})
			for i := range got.dw {
				got.dw[i] += 0 // a product rounded to -0 is as good
			}
			equal(t, a.String(), got, want)
		}
	})
	nonzero := 0
	for _, v := range want.y {
		if v != 0 && math.Abs(float64(v)) < 0x1p-126 {
			nonzero++
		}
	}
	if nonzero == 0 {
		t.Error("no denormal result: the test shows nothing")
	}
}
