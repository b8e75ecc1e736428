package ref_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/simdconv/simdconv/kernels/ref"
)

var convs = []ref.Conv{
	{N: 1, H: 1, W: 1, C: 1, K: 1, R: 1, S: 1},
	{N: 2, H: 5, W: 4, C: 3, K: 2, R: 3, S: 3},
	{N: 2, H: 5, W: 4, C: 3, K: 2, R: 3, S: 3, Top: 1, Bottom: 1, Left: 1, Right: 1},
	{N: 1, H: 6, W: 7, C: 2, K: 3, R: 3, S: 2, StrideH: 2, StrideW: 3, Bottom: 1, Left: 1},
	{N: 1, H: 7, W: 6, C: 2, K: 2, R: 3, S: 2, DilationH: 2, DilationW: 3, Top: 2, Right: 3},
	{N: 1, H: 7, W: 8, C: 1, K: 2, R: 2, S: 3, StrideH: 3, StrideW: 2, DilationH: 3, DilationW: 2, Top: 1, Left: 2, Right: 1},
	{N: 1, H: 5, W: 5, C: 4, K: 6, R: 3, S: 3, StrideW: 2, Top: 1, Bottom: 1, Left: 1, Groups: 2},
	{N: 2, H: 4, W: 5, C: 3, K: 3, R: 3, S: 3, Top: 1, Bottom: 1, Left: 1, Right: 1, Groups: 3},
	{N: 1, H: 4, W: 4, C: 2, K: 4, R: 2, S: 2, DilationH: 2, Groups: 2},
	{N: 1, H: 2, W: 3, C: 2, K: 2, R: 2, S: 2, Top: 3, Bottom: 2, Left: 4, Right: 2},    // windows wholly in the padding
	{N: 1, H: 9, W: 9, C: 1, K: 1, R: 2, S: 2, StrideH: 4, StrideW: 5},                  // pixels that no window touches
	{N: 1, H: 1, W: 2, C: 2, K: 3, R: 5, S: 5, Top: 2, Bottom: 2, Left: 2, Right: 2},    // window larger than the image
	{N: 0, H: 3, W: 3, C: 2, K: 2, R: 3, S: 3},                                          // no image
	{N: 3, H: 3, W: 3, C: 5, K: 4, R: 1, S: 1, StrideH: 2, StrideW: 2, Top: 0, Left: 1}, // pointwise
}

func forEachConv(t *testing.T, f func(t *testing.T, c ref.Conv)) {
	for _, c := range convs {
		t.Run(fmt.Sprintf("%+v", c), func(t *testing.T) { f(t, c) })
	}
}

// convPadded is the definition turned inside out: it copies the image into one
// with a border of zeros, spreads the window over its dilated taps, and cuts
// out one piece of image per output. Strides, dilations and Groups may be 0.
func convPadded(c ref.Conv, x, w []float64) []float64 {
	strideH, strideW := max(c.StrideH, 1), max(c.StrideW, 1)
	dilationH, dilationW, groups := max(c.DilationH, 1), max(c.DilationW, 1), max(c.Groups, 1)
	height, width := c.Top+c.H+c.Bottom, c.Left+c.W+c.Right
	spanH, spanW := (c.R-1)*dilationH+1, (c.S-1)*dilationW+1
	var y []float64
	for n := range c.N {
		padded := make(map[[3]int]float64)
		for i := range c.H * c.W * c.C {
			row, col, ch := i/(c.W*c.C), i/c.C%c.W, i%c.C
			padded[[3]int{row + c.Top, col + c.Left, ch}] = x[n*c.H*c.W*c.C+i]
		}
		for row := 0; row+spanH <= height; row += strideH {
			for col := 0; col+spanW <= width; col += strideW {
				for k := range c.K {
					part := k / (c.K / groups) * (c.C / groups)
					sum := 0.0
					for i := range spanH {
						for j := range spanW {
							if i%dilationH != 0 || j%dilationW != 0 {
								continue
							}
							tap := i/dilationH*c.S + j/dilationW
							for ch := range c.C / groups {
								sum += padded[[3]int{row + i, col + j, part + ch}] * w[(tap*(c.C/groups)+ch)*c.K+k]
							}
						}
					}
					y = append(y, sum)
				}
			}
		}
	}
	return y
}

func TestConvForward(t *testing.T) {
	forEachConv(t, func(t *testing.T, c ref.Conv) {
		x, w, y := integers(1, c.XLen()), integers(2, c.WLen()), stale(c.YLen())
		ref.ConvForward(c, y, x, w)
		checkEqual(t, "y", y, convPadded(c, x, w))
	})
}

func TestConvGradients(t *testing.T) {
	forEachConv(t, func(t *testing.T, c ref.Conv) {
		x, w, dy := normal(1, c.XLen()), normal(2, c.WLen()), normal(3, c.YLen())
		dx, dw, y := stale(len(x)), stale(len(w)), stale(len(dy))
		ref.ConvBackwardData(c, dx, dy, w)
		ref.ConvBackwardWeights(c, dw, dy, x)
		loss := func() float64 {
			ref.ConvForward(c, y, x, w)
			return dot(dy, y)
		}
		checkGradient(t, "dx", loss, x, dx)
		checkGradient(t, "dw", loss, w, dw)
	})
}

// TestConvFloat32 checks that float32 rounds like a plain loop in the order r,
// s, c.
func TestConvFloat32(t *testing.T) {
	c := ref.Conv{N: 1, H: 3, W: 3, C: 2, K: 1, R: 3, S: 3}
	x, w, y := make([]float32, 18), make([]float32, 18), make([]float32, 1)
	var want float32
	for i, v := range normal(1, 18) {
		x[i], w[i] = float32(v), float32(1/v)
	}
	for i := range x {
		want += x[i] * w[i]
	}
	ref.ConvForward(c, y, x, w)
	checkEqual(t, "y", y, []float32{want})
}

// TestConvPaddingContributesNothing gives the taps that lie in the padding of
// the only output an infinite weight, which times zero would be NaN.
func TestConvPaddingContributesNothing(t *testing.T) {
	inf := math.Inf(1)
	c := ref.Conv{N: 1, H: 1, W: 1, C: 1, K: 1, R: 3, S: 3, Top: 1, Bottom: 1, Left: 1, Right: 1}
	x, w := []float64{2}, []float64{inf, inf, inf, inf, 5, inf, inf, inf, inf}
	y, dx, dw := stale(1), stale(1), stale(9)
	ref.ConvForward(c, y, x, w)
	checkEqual(t, "y", y, []float64{10})
	ref.ConvBackwardData(c, dx, []float64{3}, w)
	checkEqual(t, "dx", dx, []float64{15})
	ref.ConvBackwardWeights(c, dw, []float64{inf}, x)
	checkEqual(t, "dw", dw, []float64{0, 0, 0, 0, inf, 0, 0, 0, 0})
}

func TestConvSpecialValuesPropagate(t *testing.T) {
	c := ref.Conv{N: 1, H: 1, W: 3, C: 1, K: 1, R: 1, S: 2}
	y := stale(2)
	ref.ConvForward(c, y, []float64{1, 1, math.NaN()}, []float64{2, 0})
	checkEqual(t, "y", y, []float64{2, math.NaN()})
	ref.ConvForward(c, y, []float64{1, math.Inf(1), 1}, []float64{2, 0})
	checkEqual(t, "y", y, []float64{math.NaN(), math.Inf(1)})
}

func TestConvOut(t *testing.T) {
	c := ref.Conv{H: 224, W: 5, R: 7, S: 3, StrideH: 2, DilationW: 2, Top: 2, Bottom: 3}
	if oh, ow := c.Out(); oh != 112 || ow != 1 {
		t.Errorf("Out() = %d, %d, want 112, 1", oh, ow)
	}
	c = ref.Conv{H: 2, W: 2, R: 3, S: 3}
	if oh, ow := c.Out(); oh != 0 || ow != 0 {
		t.Errorf("Out() of a window that does not fit = %d, %d, want 0, 0", oh, ow)
	}
}

func TestConvPanics(t *testing.T) {
	c := ref.Conv{N: 1, H: 2, W: 2, C: 2, K: 2, R: 2, S: 2}
	x, w, y := make([]float64, 8), make([]float64, 16), make([]float64, 2)
	checkPanics(t, "ref: length of x is 7, want 8", func() { ref.ConvForward(c, y, x[:7], w) })
	checkPanics(t, "ref: length of w is 15, want 16", func() { ref.ConvBackwardData(c, x, y, w[:15]) })
	checkPanics(t, "ref: length of y is 1, want 2", func() { ref.ConvBackwardWeights(c, w, y[:1], x) })
	c.Groups = 3
	checkPanics(t, "ref: groups do not divide the channels", func() { ref.ConvForward(c, y, x, w) })
}

func TestBiasBackward(t *testing.T) {
	db := stale(3)
	ref.BiasBackward(db, []float64{1, 2, 3, 10, 20, 30})
	checkEqual(t, "db", db, []float64{11, 22, 33})
	checkPanics(t, "ref: length of dy is 4, want a multiple of 3", func() { ref.BiasBackward(db, make([]float64, 4)) })
}

func TestEpilogue(t *testing.T) {
	y := func() []float64 { return []float64{1, -2, -3, 4} }
	scale, bias, residual := []float64{10, 100}, []float64{1, 2}, []float64{-20, 0, 0, -500}
	for _, c := range []struct {
		name                  string
		scale, bias, residual []float64
		relu                  bool
		want                  []float64
	}{
		{"nothing", nil, nil, nil, false, []float64{1, -2, -3, 4}},
		{"scale", scale, nil, nil, false, []float64{10, -200, -30, 400}},
		{"bias", nil, bias, nil, false, []float64{2, 0, -2, 6}},
		{"residual", nil, nil, residual, false, []float64{-19, -2, -3, -496}},
		{"relu", nil, nil, nil, true, []float64{1, 0, 0, 4}},
		{"all", scale, bias, residual, false, []float64{-9, -198, -29, -98}},
		{"all and relu", []float64{-10, 100}, bias, residual, true, []float64{0, 0, 31, 0}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := y()
			ref.Epilogue(got, c.scale, c.bias, c.residual, c.relu)
			checkEqual(t, "y", got, c.want)
		})
	}
}
