package kernels_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/kerneltest"
	"github.com/simdconv/simdconv/kernels/micro"
)

var layouts = [][4]int{
	{1, 1, 1, 1}, {2, 3, 1, 5}, {3, 1, 4, 4}, {1, 17, 3, 11}, {2, 64, 7, 7}, {1, 16, 16, 16}, {5, 33, 3, 3}, {64, 31, 1, 1},
	{1, 3, 40, 41}, {2, 3, 1, 7}, {1, 3, 96, 97}, {70, 19, 3, 3}, {129, 9, 1, 3}, {48, 40, 3, 3}, {1, 16, 1, 4}, {16, 1, 2, 2}, {2, 40, 5, 53}, {64, 8, 2, 2}, {2, 100, 3, 5}, {1, 40, 7, 7},
	{1, 257, 3, 5}, {2, 300, 7, 7}, {1, 272, 2, 2}, {1, 263, 1, 5}, {2, 400, 2, 7}, {1, 129, 7, 7}, {150, 3, 3, 3}, {130, 2, 5, 5}, {16, 1, 11, 11}, {20, 3, 9, 9}, {145, 9, 3, 3}, {17, 25, 1, 3}, {18, 73, 1, 2}, {2, 20, 24, 24}, {1, 37, 4, 12}, {2, 19, 16, 17},
	{0, 3, 4, 4}, {2, 0, 3, 3}, {2, 3, 0, 3}, {2, 3, 3, 0}, {0, math.MaxInt32, math.MaxInt32, math.MaxInt32}, {5, 0, math.MaxInt32, math.MaxInt32},
}

// largeLayouts have results that start on lines and go past the caches, or past L2.
var largeLayouts = [][4]int{{1024, 464, 3, 3}, {1, 48, 300, 300}, {11, 496, 7, 7}, {90, 70, 7, 7}}

// volume returns the product of four dimensions that does not overflow unless
// one of them is 0.
func volume(d [4]int) int {
	for _, v := range d {
		if v == 0 {
			return 0
		}
	}
	return d[0] * d[1] * d[2] * d[3]
}

// TestLayouts compares the converters with their definitions, between guard
// pages.
func TestLayouts(t *testing.T) {
	all := layouts
	if !testing.Short() {
		all = append(all[:len(all):len(all)], largeLayouts...)
	}
	for _, d := range all {
		size := volume(d)
		for _, atEnd := range []bool{false, true} {
			if !atEnd && micro.Stream(size) != 0 {
				continue // once is enough: whole lines start on a line at the end, too
			}
			checkLayouts(t, d, atEnd)
		}
	}
}

func checkLayouts(t *testing.T, d [4]int, atEnd bool) {
	t.Helper()
	size := volume(d)
	src, dst, back := kerneltest.Guarded(t, size, atEnd), kerneltest.Guarded(t, size, atEnd), kerneltest.Guarded(t, size, atEnd)
	for i := range src {
		src[i] = float32(i + 1)
	}
	name := fmt.Sprint(d)

	kernels.NCHWToNHWC(dst, src, d[0], d[1], d[2], d[3])
	kerneltest.Equal(t, "NHWC "+name, dst, permuted(src, d, [4]int{0, 2, 3, 1}))
	kernels.NHWCToNCHW(back, dst, d[0], d[1], d[2], d[3])
	kerneltest.Equal(t, "NCHW "+name, back, src)

	kernels.OIHWToHWIO(dst, src, d[0], d[1], d[2], d[3])
	kerneltest.Equal(t, "HWIO "+name, dst, permuted(src, d, [4]int{2, 3, 1, 0}))
	kernels.HWIOToOIHW(back, dst, d[0], d[1], d[2], d[3])
	kerneltest.Equal(t, "OIHW "+name, back, src)
}

// permuted returns src, of dimensions d, with its axes in the given order.
func permuted(src []float32, d, order [4]int) []float32 {
	dst := make([]float32, 0, len(src))
	if len(src) == 0 {
		return dst
	}
	stride := [4]int{d[1] * d[2] * d[3], d[2] * d[3], d[3], 1}
	for a := range d[order[0]] {
		for b := range d[order[1]] {
			for c := range d[order[2]] {
				for e := range d[order[3]] {
					dst = append(dst, src[a*stride[order[0]]+b*stride[order[1]]+c*stride[order[2]]+e*stride[order[3]]])
				}
			}
		}
	}
	return dst
}

func TestLayoutsPanics(t *testing.T) {
	const (
		negative = "kernels: negative dimension of a layout"
		size     = "kernels: operands do not have the layout's size"
		overlap  = "kernels: a result overlaps another operand"
	)
	buf := uniform(200, 1)
	before := clone(buf)
	for _, f := range []func(dst, src []float32, a, b, c, d int){
		kernels.NCHWToNHWC, kernels.NHWCToNCHW, kernels.OIHWToHWIO, kernels.HWIOToOIHW,
	} {
		a, b := buf[:24], buf[100:124]
		wantPanic(t, negative, func() { f(a, b, -1, 2, 3, 4) })
		wantPanic(t, negative, func() { f(a, b, 1, 2, -3, -4) })
		wantPanic(t, negative, func() { f(nil, nil, 0, 2, 3, -4) })
		wantPanic(t, size, func() { f(a[:23], b, 1, 2, 3, 4) })
		wantPanic(t, size, func() { f(a, b[:23], 1, 2, 3, 4) })
		wantPanic(t, size, func() { f(a, b, 1, 2, 3, 5) })
		wantPanic(t, size, func() { f(nil, nil, 1<<16, 1<<16, 1<<16, 1<<16) })
		wantPanic(t, size, func() { f(nil, nil, math.MaxInt, 1<<16, 1<<16, 2) })
		wantPanic(t, overlap, func() { f(a, a, 1, 2, 3, 4) })
		wantPanic(t, overlap, func() { f(a, buf[23:47], 1, 2, 3, 4) })
		if n := testing.AllocsPerRun(10, func() { f(a, b, 1, 2, 3, 4) }); n > 0 {
			t.Errorf("%v allocations", n)
		}
		copy(buf, before)
	}
}
