package pool

import (
	"fmt"

	"github.com/simdconv/simdconv/kernels/geometry"
)

// A side is one axis of the window with its two directions tabulated: output
// to taps for Forward, input to outputs for Backward.
type side struct {
	geometry.Axis
	windows []window // by output
	covers  []cover  // by input pixel

	outStep, tapStep int // of every cover
}

// A window is the part of one output's window that lies in the image.
type window struct {
	lo, hi int // taps
	count  int // taps that an average counts
}

// A cover lists the n outputs whose windows touch one input pixel: output out
// by its tap tap, and from each to the next outStep outputs on, tapStep taps
// back.
type cover struct {
	out, tap, n int
}

// newSide returns the tables of a. The names are those of its paddings.
func newSide(a geometry.Axis, countPadding bool, before, after string) (side, error) {
	if a.Before >= a.Span() {
		return side{}, fmt.Errorf("pool: %s padding is %d, want less than the window's span of %d", before, a.Before, a.Span())
	}
	if a.After >= a.Span() {
		return side{}, fmt.Errorf("pool: %s padding is %d, want less than the window's span of %d", after, a.After, a.Span())
	}
	g := gcd(a.Stride, a.Dilation)
	s := side{
		Axis:    a,
		windows: make([]window, a.Out()),
		covers:  make([]cover, a.L),
		outStep: a.Dilation / g,
		tapStep: a.Stride / g,
	}
	for o := range s.windows {
		lo, hi := a.Taps(o)
		if lo >= hi {
			return side{}, fmt.Errorf("pool: a window of %d taps with dilation %d steps over all %d pixels between padding %d (%s) and %d (%s)",
				a.F, a.Dilation, a.L, a.Before, before, a.After, after)
		}
		w := window{lo, hi, hi - lo}
		if countPadding {
			w.count = a.F
		}
		s.windows[o] = w
		for f := lo; f < hi; f++ {
			c := &s.covers[a.In(o, f)]
			if c.n == 0 {
				c.out, c.tap = o, f
			}
			c.n++
		}
	}
	return s, nil
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
