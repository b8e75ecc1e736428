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

	forward []run // of outputs
	max     []run // of input pixels, for Max
	average []run // and for Average, where taps do not matter
}

// A run is pixels one step apart whose windows are alike: of out, taps lo to
// hi-1; of in, covers by as many outputs and the same taps.
type run struct {
	first, n int
	window        // Forward
	cover         // Backward: of the first pixel
	step     int  // Backward: between the first outputs of neighbours, 0 or 1
	uniform  bool // Backward: the outputs' averages count the same number of taps
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
	s.findRuns()
	return s, nil
}

// findRuns divides both directions into as few runs as possible.
func (s *side) findRuns() {
	for o, w := range s.windows {
		if n := len(s.forward); n > 0 && s.forward[n-1].window == w {
			s.forward[n-1].n++
			continue
		}
		s.forward = append(s.forward, run{first: o, n: 1, window: w})
	}
	s.max, s.average = s.covered(false), s.covered(true)
}

// covered divides the input pixels into runs of pixels a stride apart, which are
// covered by outputs 1 apart or, where the window is all there is, by the same.
func (s *side) covered(average bool) (runs []run) {
	for phase := range min(s.Stride, s.L) {
		start := len(runs)
		for i := phase; i < s.L; i += s.Stride {
			c, count, uniform := s.covers[i], 0, true
			for k := range c.n {
				n := s.windows[c.out+k*s.outStep].count
				uniform = uniform && (k == 0 || n == count)
				count = n
			}
			r := run{first: i, n: 1, window: window{count: count}, cover: c, uniform: uniform}
			if n := len(runs); n > start && runs[n-1].extend(r, average) {
				continue
			}
			runs = append(runs, r)
		}
	}
	return runs
}

// extend makes pixel next part of a run if it continues it.
func (r *run) extend(next run, average bool) bool {
	step := next.out - r.out - r.step*(r.n-1)
	switch {
	case r.cover.n != next.cover.n:
		return false
	case r.cover.n == 0:
	case average && !(r.uniform && next.uniform && r.count == next.count),
		!average && r.tap != next.tap,
		step < 0 || step > 1,
		r.n > 1 && step != r.step:
		return false
	default:
		r.step = step
	}
	r.n++
	return true
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
