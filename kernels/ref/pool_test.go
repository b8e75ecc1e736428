package ref_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/simdconv/simdconv/kernels/ref"
)

var pools = []ref.Pool{
	{N: 1, H: 1, W: 1, C: 1, R: 1, S: 1},
	{N: 2, H: 6, W: 4, C: 3, R: 2, S: 2, StrideH: 2, StrideW: 2},
	{N: 1, H: 7, W: 7, C: 2, R: 3, S: 3, StrideH: 2, StrideW: 2, Top: 1, Bottom: 1, Left: 1, Right: 1},
	{N: 1, H: 5, W: 6, C: 2, R: 3, S: 2, Top: 2, Left: 1}, // overlapping
	{N: 1, H: 7, W: 5, C: 1, R: 2, S: 2, StrideH: 3, StrideW: 1, DilationH: 2, DilationW: 3, Right: 2},
	{N: 2, H: 4, W: 3, C: 5, R: 4, S: 3}, // global
	{N: 0, H: 4, W: 3, C: 5, R: 4, S: 3}, // no image
	{N: 1, H: 1, W: 1, C: 1, R: 2, S: 1, DilationH: 2, Top: 1, Bottom: 1},
}

func forEachPool(t *testing.T, f func(t *testing.T, p ref.Pool)) {
	for _, p := range pools {
		t.Run(fmt.Sprintf("%+v", p), func(t *testing.T) { f(t, p) })
	}
}

func TestMaxPoolGradient(t *testing.T) {
	forEachPool(t, func(t *testing.T, p ref.Pool) {
		x, dy := normal(1, p.XLen()), normal(2, p.YLen())
		dx, y, argmax := stale(len(x)), stale(len(dy)), make([]uint8, len(dy))
		ref.MaxPoolForward(p, y, argmax, x)
		ref.MaxPoolBackward(p, dx, dy, argmax)
		checkGradient(t, "dx", func() float64 {
			ref.MaxPoolForward(p, y, nil, x)
			sum := 0.0
			for i, v := range y {
				if !math.IsInf(v, -1) {
					sum += v * dy[i]
				}
			}
			return sum
		}, x, dx)
	})
}

func TestAvgPoolGradient(t *testing.T) {
	forEachPool(t, func(t *testing.T, p ref.Pool) {
		for _, p.CountPadding = range []bool{false, true} {
			x, dy := normal(1, p.XLen()), normal(2, p.YLen())
			dx, y := stale(len(x)), stale(len(dy))
			ref.AvgPoolBackward(p, dx, dy)
			checkGradient(t, "dx", func() float64 {
				ref.AvgPoolForward(p, y, x)
				return dot(dy, y)
			}, x, dx)
		}
	})
}

// TestAvgPoolIsConvolution compares with the depthwise convolution by a window
// of equal weights.
func TestAvgPoolIsConvolution(t *testing.T) {
	forEachPool(t, func(t *testing.T, p ref.Pool) {
		p.CountPadding = true
		c := ref.Conv{N: p.N, H: p.H, W: p.W, C: p.C, K: p.C, R: p.R, S: p.S, Groups: p.C,
			StrideH: p.StrideH, StrideW: p.StrideW, DilationH: p.DilationH, DilationW: p.DilationW,
			Top: p.Top, Bottom: p.Bottom, Left: p.Left, Right: p.Right}
		x, y, want := integers(1, p.XLen()), stale(p.YLen()), stale(p.YLen())
		ref.AvgPoolForward(p, y, x)
		ref.ConvForward(c, want, x, slices.Repeat([]float64{1}, c.WLen()))
		for i := range want {
			want[i] /= float64(p.R * p.S)
		}
		checkEqual(t, "y", y, want)
	})
}

func TestAvgPoolCounts(t *testing.T) {
	p := ref.Pool{N: 1, H: 2, W: 2, C: 1, R: 2, S: 2, StrideH: 1, StrideW: 1, Top: 1, Left: 1}
	y := stale(4)
	ref.AvgPoolForward(p, y, []float64{4, 8, 12, 16})
	checkEqual(t, "y over the image", y, []float64{4, 6, 8, 10})
	p.CountPadding = true
	ref.AvgPoolForward(p, y, []float64{4, 8, 12, 16})
	checkEqual(t, "y over the padding too", y, []float64{1, 3, 4, 10})
}

func TestMaxPoolChoice(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		name   string
		x      []float64 // 2 x 2
		y      float64
		argmax uint8
	}{
		{"last", []float64{1, 2, 3, 4}, 4, 3},
		{"first of equals", []float64{1, 7, 7, 7}, 7, 1},
		{"zeros of both signs", []float64{math.Copysign(0, -1), 0, 0, 0}, 0, 0},
		{"negative", []float64{-4, -3, -2, -5}, -2, 2},
		{"NaN wins", []float64{1, inf, nan, 5}, nan, 2},
		{"first NaN", []float64{nan, 9, nan, 5}, nan, 0},
		{"only -Inf", []float64{-inf, -inf, -inf, -inf}, -inf, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			y, argmax := stale(1), []uint8{99}
			ref.MaxPoolForward(ref.Pool{N: 1, H: 2, W: 2, C: 1, R: 2, S: 2}, y, argmax, c.x)
			checkEqual(t, "y", y, []float64{c.y})
			if argmax[0] != c.argmax {
				t.Errorf("argmax = %d, want %d", argmax[0], c.argmax)
			}
		})
	}
}

// TestPoolPaddingContributesNothing has negative pixels, which a border of
// zeros would beat, and -Inf, which it would hide.
func TestPoolPaddingContributesNothing(t *testing.T) {
	p := ref.Pool{N: 1, H: 1, W: 2, C: 1, R: 3, S: 3, StrideH: 3, StrideW: 3, Top: 1, Bottom: 1, Left: 2, Right: 2}
	y, argmax := stale(2), make([]uint8, 2)
	ref.MaxPoolForward(p, y, argmax, []float64{math.Inf(-1), -2})
	checkEqual(t, "y", y, []float64{math.Inf(-1), -2})
	if argmax[0] != 5 || argmax[1] != 3 {
		t.Errorf("argmax = %v, want [5 3]", argmax)
	}
}

// TestPoolEmptyWindow covers a dilated window whose taps straddle the image.
func TestPoolEmptyWindow(t *testing.T) {
	p := ref.Pool{N: 1, H: 1, W: 1, C: 1, R: 2, S: 1, DilationH: 2, Top: 1, Bottom: 1}
	x, y, dx, argmax := []float64{5}, stale(1), stale(1), []uint8{99}
	ref.MaxPoolForward(p, y, argmax, x)
	checkEqual(t, "maximum", y, []float64{math.Inf(-1)})
	ref.MaxPoolBackward(p, dx, []float64{3}, argmax)
	checkEqual(t, "dx of the maximum", dx, []float64{0})
	ref.AvgPoolForward(p, y, x)
	checkEqual(t, "average", y, []float64{0})
	ref.AvgPoolBackward(p, dx, []float64{3})
	checkEqual(t, "dx of the average", dx, []float64{0})
}

func TestMaxPoolWindowLimit(t *testing.T) {
	p := ref.Pool{N: 1, H: 1, W: 257, C: 1, R: 1, S: 257}
	x, y := make([]float64, 257), make([]float64, 1)
	x[256] = 1
	ref.MaxPoolForward(p, y, nil, x)
	checkEqual(t, "y", y, []float64{1})
	checkPanics(t, "ref: window too large for argmax", func() { ref.MaxPoolForward(p, y, make([]uint8, 1), x) })
}
