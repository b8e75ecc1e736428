package geometry

// Padding is the number of padded pixels on each of the four sides.
type Padding struct {
	Top, Bottom, Left, Right int
}

// A Window is an R x S window that slides over an H x W input. The zero value
// of a stride or dilation means 1.
//
// Windows are plain values: methods return changed copies, and all of them may
// be called concurrently.
type Window struct {
	H, W                 int // input
	R, S                 int // window
	StrideH, StrideW     int // 0 means 1
	DilationH, DilationW int // 0 means 1
	Padding
}

// Rows returns the vertical axis of w.
func (w Window) Rows() Axis {
	w = w.defaults()
	return Axis{L: w.H, F: w.R, Stride: w.StrideH, Dilation: w.DilationH, Before: w.Top, After: w.Bottom}
}

// Cols returns the horizontal axis of w.
func (w Window) Cols() Axis {
	w = w.defaults()
	return Axis{L: w.W, F: w.S, Stride: w.StrideW, Dilation: w.DilationW, Before: w.Left, After: w.Right}
}

// Out returns the height and width of the output of a window that passed
// [Window.Check]. Both are at least 1.
func (w Window) Out() (oh, ow int) {
	return w.Rows().Out(), w.Cols().Out()
}

// Valid returns w without padding and with defaults filled in: the window
// stays inside the input, as with Keras's padding="valid".
func (w Window) Valid() Window {
	w.Padding = Padding{}
	return w.defaults()
}

// Same returns w with the padding of Keras's padding="same" and with defaults
// filled in. The output then has ceil(L/stride) positions along each axis. The
// padding of an axis is
//
//	total = max((ceil(L/stride)-1)*stride + F' - L, 0)
//
// of which total/2, rounded down, stands before the input: an odd pixel goes
// after it. Note that this is not the symmetric padding F'/2 of other
// frameworks when the stride is above 1.
func (w Window) Same() Window {
	w = w.defaults()
	w.Top, w.Bottom = w.Rows().same()
	w.Left, w.Right = w.Cols().same()
	return w
}

// same returns the "same" padding of a, or none if a field is out of range,
// which Check reports.
func (a Axis) same() (before, after int) {
	if a.L < 1 || a.F < 1 || a.Stride < 1 || a.Dilation < 1 {
		return 0, 0
	}
	total := max((ceilDiv(a.L, a.Stride)-1)*a.Stride+a.Span()-a.L, 0)
	return total / 2, total - total/2
}

// defaults returns w with strides and dilations of 0 replaced by 1.
func (w Window) defaults() Window {
	for _, p := range []*int{&w.StrideH, &w.StrideW, &w.DilationH, &w.DilationW} {
		if *p == 0 {
			*p = 1
		}
	}
	return w
}
