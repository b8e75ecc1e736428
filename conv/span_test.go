package conv

import (
	"slices"
	"testing"

	"github.com/simdconv/simdconv/kernels/geometry"
)

// eachAxis calls f with every axis of small parameters that has an output.
func eachAxis(f func(a geometry.Axis)) {
	for l := 1; l <= 6; l++ {
		for taps := 1; taps <= 4; taps++ {
			for stride := 1; stride <= 4; stride++ {
				for dilation := 1; dilation <= 3; dilation++ {
					for before := range 5 {
						for after := range 5 {
							a := geometry.Axis{L: l, F: taps, Stride: stride, Dilation: dilation, Before: before, After: after}
							if a.Out() > 0 {
								f(a)
							}
						}
					}
				}
			}
		}
	}
}

// A read is one tap of one output and the position it reads.
type read struct{ f, at int }

// reads returns for each of n outputs what the spans say it reads, and fails
// unless every output is in exactly one span.
func reads(t *testing.T, a geometry.Axis, spans []span, n int) [][]read {
	t.Helper()
	all, seen := make([][]read, n), make([]int, n)
	for _, s := range spans {
		if s.count < 1 {
			t.Fatalf("%+v: span %+v is empty", a, s)
		}
		for i := range s.count {
			o := s.first + i*s.stride
			if o < 0 || o >= n {
				t.Fatalf("%+v: span %+v has output %d of %d", a, s, o, n)
			}
			seen[o]++
			for _, tap := range s.taps {
				all[o] = append(all[o], read{tap.f, s.in + i*s.step + tap.off})
			}
		}
	}
	for o, times := range seen {
		if times != 1 {
			t.Fatalf("%+v: output %d is in %d spans", a, o, times)
		}
	}
	return all
}

func TestForwardSpans(t *testing.T) {
	eachAxis(func(a geometry.Axis) {
		spans := forwardSpans(a)
		for o, got := range reads(t, a, spans, a.Out()) {
			var want []read
			lo, hi := a.Taps(o)
			for f := lo; f < hi; f++ {
				want = append(want, read{f, a.In(o, f)})
			}
			if !slices.Equal(got, want) {
				t.Fatalf("%+v: output %d reads %v, want %v", a, o, got, want)
			}
		}
	})
}

// TestBackwardSpans checks that a pixel of dx reads the outputs it went into,
// by the taps that took it there.
func TestBackwardSpans(t *testing.T) {
	eachAxis(func(a geometry.Axis) {
		want := make([][]read, a.L)
		for f := range a.F {
			for o := range a.Out() {
				if h := a.In(o, f); h >= 0 && h < a.L {
					want[h] = append(want[h], read{f, o})
				}
			}
		}
		for h, got := range reads(t, a, backwardSpans(a), a.L) {
			if !slices.Equal(got, want[h]) {
				t.Fatalf("%+v: pixel %d reads %v, want %v", a, h, got, want[h])
			}
		}
	})
}

// TestSpansAreFew checks that neighbours which use the same taps share a span:
// a padded 3-tap filter has three.
func TestSpansAreFew(t *testing.T) {
	a := geometry.Axis{L: 56, F: 3, Stride: 1, Dilation: 1, Before: 1, After: 1}
	for name, spans := range map[string][]span{"forward": forwardSpans(a), "backward": backwardSpans(a)} {
		var counts []int
		for _, s := range spans {
			counts = append(counts, s.count)
		}
		if !slices.Equal(counts, []int{1, 54, 1}) {
			t.Errorf("%s: spans of %v outputs, want 1, 54 and 1", name, counts)
		}
	}
	a.Before, a.After = 0, 0
	if n := len(forwardSpans(a)); n != 1 {
		t.Errorf("%d spans without padding, want 1", n)
	}
}

func TestCeilDiv(t *testing.T) {
	for _, c := range []struct{ x, y, want int }{
		{0, 3, 0}, {1, 3, 1}, {3, 3, 1}, {4, 3, 2}, {-1, 3, 0}, {-3, 3, -1}, {-4, 3, -1}, {7, 1, 7},
	} {
		if got := ceilDiv(c.x, c.y); got != c.want {
			t.Errorf("ceilDiv(%d, %d) = %d, want %d", c.x, c.y, got, c.want)
		}
	}
}
