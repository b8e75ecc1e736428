package conv

import (
	"slices"

	"github.com/simdconv/simdconv/kernels/geometry"
)

// A span is a run of outputs along one axis that all use the same taps: the
// outputs first, first+stride, ..., count of them. The i-th one reads input
// in + i*step + off for each tap.
type span struct {
	first, stride, count int
	in, step             int
	taps                 []tap
}

// A tap is a position in the filter and its offset in the input.
type tap struct {
	f, off int
}

// forwardSpans cuts the outputs of an axis into spans. A 3-tap filter with one
// padded pixel on each side has three: the first output, the last one, and all
// those between.
func forwardSpans(a geometry.Axis) []span {
	taps := make([]tap, a.F)
	for f := range taps {
		taps[f] = tap{f, f*a.Dilation - a.Before}
	}
	return cut(span{first: 0, stride: 1, count: a.Out(), step: a.Stride, taps: taps}, a.L)
}

// backwardSpans cuts the pixels of dx along an axis into spans that read dy.
// With stride S there are S combs of pixels, each a convolution of stride 1
// over the taps that can have read it, so that no zero is inserted anywhere:
//
//	stride 2:   h = 0 2 4 ...  taps 0 2 ... of dy
//	            h = 1 3 5 ...  taps 1 3 ... of dy
func backwardSpans(a geometry.Axis) (all []span) {
	for first := range min(a.Stride, a.L) {
		comb := span{first: first, stride: a.Stride, count: ceilDiv(a.L-first, a.Stride), step: 1}
		for f := range a.F {
			// Output o read pixel h by tap f where o*Stride = h + Before - f*Dilation.
			if at := first + a.Before - f*a.Dilation; at%a.Stride == 0 {
				comb.taps = append(comb.taps, tap{f, at / a.Stride})
			}
		}
		all = append(all, cut(comb, a.Out())...)
	}
	return all
}

// cut splits a comb of outputs where a tap enters or leaves an input of length
// in, and keeps in each part the taps that are inside.
func cut(comb span, in int) (parts []span) {
	bounds := func(t tap) (lo, hi int) {
		lo = min(max(ceilDiv(-t.off, comb.step), 0), comb.count)
		hi = min(max(ceilDiv(in-t.off, comb.step), lo), comb.count)
		return lo, hi
	}
	cuts := []int{0, comb.count}
	for _, t := range comb.taps {
		lo, hi := bounds(t)
		cuts = append(cuts, lo, hi)
	}
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	for i := range len(cuts) - 1 {
		from, to := cuts[i], cuts[i+1]
		part := span{first: comb.first + from*comb.stride, stride: comb.stride, count: to - from, in: from * comb.step, step: comb.step}
		part.taps = within(comb.taps, func(t tap) bool {
			lo, hi := bounds(t)
			return lo <= from && to <= hi
		})
		parts = append(parts, part)
	}
	return parts
}

// within returns the taps that are inside, which follow each other: offsets rise
// or fall from tap to tap.
func within(taps []tap, inside func(tap) bool) []tap {
	first := slices.IndexFunc(taps, inside)
	if first < 0 {
		return nil
	}
	taps = taps[first:]
	for i, t := range taps {
		if !inside(t) {
			return taps[:i]
		}
	}
	return taps
}

// ceilDiv is x/y rounded up, for y > 0.
func ceilDiv(x, y int) int {
	q := x / y
	if x%y > 0 {
		q++
	}
	return q
}
