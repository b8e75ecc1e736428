package pool

import (
	"fmt"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/geometry"
	"github.com/simdconv/simdconv/kernels/micro"
)

// An Op is what a window computes.
type Op int

const (
	Max     Op = iota // the largest pixel
	Average           // the mean
)

// String returns "max" or "average".
func (op Op) String() string {
	switch op {
	case Max:
		return "max"
	case Average:
		return "average"
	}
	return fmt.Sprintf("Op(%d)", int(op))
}

// A Shape is the geometry of a pooling: N images of C channels, and the window
// that slides over them.
//
//	x  N x H  x W  x C       H, W, window, stride and padding: Window
//	y  N x OH x OW x C       OH, OW = Window.Out()
//
// N may be 0.
type Shape struct {
	N, C int
	geometry.Window

	// CountPadding has Average divide by all R*S taps but those in Beyond, as if
	// the padding were zeros. Otherwise it divides by the number of taps inside the
	// image, as Keras does. Max ignores it.
	CountPadding bool

	// Beyond are rows and columns at the end of the padding that CountPadding
	// leaves out. Ceil sets it.
	Beyond struct{ Bottom, Right int }
}

// Ceil returns s with more padding at the bottom and right, so that the number
// of outputs is rounded up: a last window may hang over the padding if it starts
// inside the image or the padding before it. What it covers there counts for
// nothing. It is the ceil_mode of other libraries. Calling it again changes nothing.
func (s Shape) Ceil() Shape {
	bottom, right := beyond(s.Rows()), beyond(s.Cols())
	s.Beyond.Bottom += bottom
	s.Beyond.Right += right
	s.Bottom += bottom
	s.Right += right
	return s
}

// beyond returns how much padding a needs at its end for one more output, or 0.
func beyond(a geometry.Axis) int {
	out := a.Out()
	if out == 0 || out*a.Stride >= a.L+a.Before {
		return 0
	}
	if over := out*a.Stride + a.Span() - (a.Before + a.L + a.After); over < a.Stride {
		return over
	}
	return 0
}

// Global returns the shape whose window is the whole h x w map, as in global
// average pooling: y is n x 1 x 1 x c.
func Global(n, h, w, c int) Shape {
	return Shape{N: n, C: c, Window: geometry.Window{H: h, W: w, R: h, S: w}.Valid()}
}

// Check returns s with defaults filled in, or an error if
//
//   - N is negative or C below 1,
//   - the window is in error by [geometry.Window.Check],
//   - the padding of a side is not smaller than the window's span there, so
//     that a window could lie in the padding alone,
//   - a dilated window steps over the whole image,
//   - Beyond is negative or more than the padding,
//   - x or y has more than [geometry.MaxElements] elements.
func (s Shape) Check() (Shape, error) {
	s, _, _, err := s.check()
	return s, err
}

func (s Shape) check() (_ Shape, rows, cols side, err error) {
	if s.N < 0 {
		return s, rows, cols, fmt.Errorf("pool: N is %d, want 0 or more", s.N)
	}
	if s.C < 1 {
		return s, rows, cols, fmt.Errorf("pool: C is %d, want 1 or more", s.C)
	}
	if s.Window, err = s.Window.Check(); err != nil {
		return s, rows, cols, fmt.Errorf("pool: %w", err)
	}
	if b := s.Beyond; b.Bottom < 0 || b.Bottom > s.Bottom || b.Right < 0 || b.Right > s.Right {
		return s, rows, cols, fmt.Errorf("pool: Beyond is %d at the bottom and %d at the right, want 0 to %d and 0 to %d", b.Bottom, b.Right, s.Bottom, s.Right)
	}
	oh, ow := s.Out()
	if _, err = geometry.Volume(s.N, s.H, s.W, s.C); err != nil {
		return s, rows, cols, fmt.Errorf("pool: x: %w", err)
	}
	if _, err = geometry.Volume(s.N, oh, ow, s.C); err != nil {
		return s, rows, cols, fmt.Errorf("pool: y: %w", err)
	}
	if rows, err = newSide(s.Rows(), s.CountPadding, s.Beyond.Bottom, "top", "bottom"); err != nil {
		return s, rows, cols, err
	}
	cols, err = newSide(s.Cols(), s.CountPadding, s.Beyond.Right, "left", "right")
	return s, rows, cols, err
}

// XLen returns the number of elements of x and dx, N*H*W*C.
func (s Shape) XLen() int { return s.N * s.H * s.W * s.C }

// YLen returns the number of elements of y, dy and argmax, N*OH*OW*C.
func (s Shape) YLen() int {
	oh, ow := s.Out()
	return s.N * oh * ow * s.C
}

// A Plan is a pooling of one shape, ready to run. It is immutable and may be
// used by any number of goroutines at once, each with its own [Workspace].
type Plan struct {
	op         Op
	shape      Shape
	opts       kernels.Options
	bundle     *micro.Bundle
	rows, cols side
	xLen, yLen int

	forward, backward schedule

	shared int // run of outputs that kernels for rows compute, or -1
}

// NewPlan returns a plan for op on shape s. It returns an error if op is
// unknown, if [Shape.Check] rejects s, if a Max window has more than the 256
// taps that an argmax of one byte can name, or if o is in error by
// [kernels.Options.Resolve].
func NewPlan(op Op, s Shape, o kernels.Options) (*Plan, error) {
	if op != Max && op != Average {
		return nil, fmt.Errorf("pool: unknown operation %v, want max or average", op)
	}
	s, rows, cols, err := s.check()
	if err != nil {
		return nil, err
	}
	if op == Max && s.R*s.S > 256 {
		return nil, fmt.Errorf("pool: max window %dx%d has %d taps, want at most 256", s.R, s.S, s.R*s.S)
	}
	if o, err = o.Resolve(); err != nil {
		return nil, fmt.Errorf("pool: %w", err)
	}
	p := &Plan{op: op, shape: s, opts: o, bundle: micro.For(o.Tier), rows: rows, cols: cols, xLen: s.XLen(), yLen: s.YLen()}
	p.shared = p.sharedRun()
	taps := float64(p.yLen) * float64(s.R) * float64(s.S)
	p.forward = newSchedule(s.N*len(rows.windows), taps, o.Threads)
	p.backward = newSchedule(s.N*s.H, taps+float64(p.xLen), o.Threads)
	return p, nil
}

// Op returns the operation.
func (p *Plan) Op() Op { return p.op }

// Shape returns the shape with defaults filled in.
func (p *Plan) Shape() Shape { return p.shape }

// XLen returns the number of elements of x and dx.
func (p *Plan) XLen() int { return p.xLen }

// YLen returns the number of elements of y, dy and argmax.
func (p *Plan) YLen() int { return p.yLen }
