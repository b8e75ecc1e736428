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
	sum     []run // and for Average, where taps do not matter

	// Pixels two by two where the stride is 2, if n is not 0, and runs of the others.
	pair pairs
	rest []run
}

// A run is pixels one step apart whose windows are alike: of out, taps lo to
// hi-1; of in, covers by as many outputs and the same taps.
type run struct {
	first, n int
	window       // Forward
	cover        // Backward: of the first pixel
	step     int // Backward: between the first outputs of neighbours, 0 or 1
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

// newSide returns the tables of a. The names are those of its paddings, of which
// the last beyond pixels are never counted.
func newSide(a geometry.Axis, countPadding bool, beyond int, before, after string) (side, error) {
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
			w.count = min(a.F, (a.L+a.After-beyond-a.In(o, 0)+a.Dilation-1)/a.Dilation)
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
	none := pairs{}
	s.max, s.sum = s.covered(none, false), s.covered(none, true)
	if p := s.paired(); p.n > 0 {
		s.pair, s.rest = p, s.covered(p, false)
	}
}

// covered divides the input pixels that are not in p into runs of pixels a
// stride apart, which are covered by outputs 1 apart or, where the window is all
// there is, by the same.
func (s *side) covered(p pairs, sum bool) (runs []run) {
	for phase := range min(s.Stride, s.L) {
		start := len(runs)
		for i := phase; i < s.L; i += s.Stride {
			if p.first <= i && i < p.first+2*p.n {
				start = len(runs)
				continue
			}
			r := run{first: i, n: 1, cover: s.covers[i]}
			if n := len(runs); n > start && runs[n-1].extend(r, sum) {
				continue
			}
			runs = append(runs, r)
		}
	}
	return runs
}

// extend makes pixel next part of a run if it continues it.
func (r *run) extend(next run, sum bool) bool {
	step := next.out - r.out - r.step*(r.n-1)
	switch {
	case r.cover.n != next.cover.n:
		return false
	case r.cover.n == 0:
	case !sum && r.tap != next.tap,
		step < 0 || step > 1,
		r.n > 1 && step != r.step:
		return false
	default:
		r.step = step
	}
	r.n++
	return true
}

// pairs are n times two neighbouring pixels: cover is that of the first, 1 or 2
// outputs, the second's is the last of these, by the next tap, and from pair to
// pair outputs move by 1.
type pairs struct {
	first, n int
	cover
}

// paired returns the most pairs in a row.
func (s *side) paired() (most pairs) {
	if s.Stride != 2 || s.Dilation != 1 {
		return pairs{}
	}
	for first := range min(4, s.L) {
		p := pairs{first: first, cover: s.covers[first]}
		if p.cover.n < 1 || p.cover.n > 2 {
			continue
		}
		last := p.cover.n - 1
		for i := first; i+1 < s.L; i += 2 {
			a := cover{p.out + p.n, p.tap, p.cover.n}
			b := cover{a.out + last*s.outStep, a.tap - last*s.tapStep + 1, 1}
			if s.covers[i] != a || s.covers[i+1] != b {
				break
			}
			p.n++
		}
		if p.n > most.n {
			most = p
		}
	}
	return most
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
