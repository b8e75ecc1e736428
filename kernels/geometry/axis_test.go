package geometry_test

import (
	"testing"

	"github.com/simdconv/simdconv/kernels/geometry"
)

// forEachAxis calls f with every axis of small parameters, those whose window
// does not fit included.
func forEachAxis(f func(geometry.Axis)) {
	for l := range 7 {
		for taps := 1; taps <= 4; taps++ {
			for stride := 1; stride <= 5; stride++ {
				for dilation := 1; dilation <= 3; dilation++ {
					for before := range 6 {
						for after := range 6 {
							f(geometry.Axis{L: l, F: taps, Stride: stride, Dilation: dilation, Before: before, After: after})
						}
					}
				}
			}
		}
	}
}

// positions counts the places of the window by sliding it.
func positions(a geometry.Axis) (n int) {
	for start := 0; ; start += a.Stride {
		last := start
		for range a.F - 1 {
			last += a.Dilation
		}
		if last >= a.Before+a.L+a.After {
			return n
		}
		n++
	}
}

func TestAxisAgainstSliding(t *testing.T) {
	forEachAxis(func(a geometry.Axis) {
		if got, want := a.Out(), positions(a); got != want {
			t.Fatalf("%+v: Out() = %d, want %d", a, got, want)
		}
	})
}

// checkRange fails unless [lo, hi) is within [0, n) and holds the j for which
// inside(j) and no others.
func checkRange(t *testing.T, a geometry.Axis, what string, j0, lo, hi, n int, inside func(j int) bool) {
	t.Helper()
	if lo < 0 || lo > hi || hi > n {
		t.Fatalf("%+v: %s(%d) = %d, %d, want a range within 0, %d", a, what, j0, lo, hi, n)
	}
	for j := range n {
		if got := lo <= j && j < hi; got != inside(j) {
			t.Fatalf("%+v: %s(%d) = %d, %d, but inside(%d) = %v", a, what, j0, lo, hi, j, inside(j))
		}
	}
}

func TestTapsAndOutputsAgainstIn(t *testing.T) {
	forEachAxis(func(a geometry.Axis) {
		inside := func(o, f int) bool {
			i := -a.Before // of output 0, tap 0
			for range o {
				i += a.Stride
			}
			for range f {
				i += a.Dilation
			}
			if got := a.In(o, f); got != i {
				t.Fatalf("%+v: In(%d, %d) = %d, want %d", a, o, f, got, i)
			}
			return 0 <= i && i < a.L
		}
		for o := range a.Out() {
			lo, hi := a.Taps(o)
			checkRange(t, a, "Taps", o, lo, hi, a.F, func(f int) bool { return inside(o, f) })
		}
		for f := range a.F {
			lo, hi := a.Outputs(f)
			checkRange(t, a, "Outputs", f, lo, hi, a.Out(), func(o int) bool { return inside(o, f) })
		}
	})
}

// TestLectureFormula checks the lecture's O = (L + 2P - F)/S + 1 on its own
// examples and on all small sizes it divides evenly.
func TestLectureFormula(t *testing.T) {
	for _, c := range []struct{ l, f, p, s, want int }{
		{5, 3, 0, 1, 3}, // the X filter on the 5x5 image
		{3, 2, 0, 1, 2}, // the diagonal filters
		{3, 2, 1, 1, 4}, // with zero padding
		{3, 2, 1, 3, 2}, // with stride 3
		{28, 7, 3, 1, 28},
		{28, 2, 0, 2, 14},
		{7, 2, 0, 2, 3}, // rounded down
		{224, 7, 3, 2, 112},
	} {
		a := geometry.Axis{L: c.l, F: c.f, Stride: c.s, Dilation: 1, Before: c.p, After: c.p}
		if got := a.Out(); got != c.want {
			t.Errorf("L=%d F=%d P=%d S=%d: O = %d, want %d", c.l, c.f, c.p, c.s, got, c.want)
		}
	}
	checked := 0
	forEachAxis(func(a geometry.Axis) {
		l, f, p, s := a.L, a.F, a.Before, a.Stride
		if a.After != p || a.Dilation != 1 || l+2*p < f || (l+2*p-f)%s != 0 {
			return
		}
		checked++
		if got, want := a.Out(), (l+2*p-f)/s+1; got != want {
			t.Fatalf("%+v: Out() = %d, want %d", a, got, want)
		}
	})
	if checked == 0 {
		t.Fatal("no axis checked")
	}
}

func TestSpan(t *testing.T) {
	for _, c := range []struct{ f, dilation, want int }{{1, 1, 1}, {1, 9, 1}, {3, 1, 3}, {3, 2, 5}, {7, 4, 25}} {
		if got := (geometry.Axis{F: c.f, Dilation: c.dilation}).Span(); got != c.want {
			t.Errorf("F=%d dilation=%d: Span() = %d, want %d", c.f, c.dilation, got, c.want)
		}
	}
}
