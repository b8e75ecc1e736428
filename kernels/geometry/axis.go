package geometry

// An Axis is one side of a sliding window: an input of L pixels between Before
// and After padded ones, and a window of F taps that are Dilation pixels apart
// and moves by Stride pixels.
//
// Stride and Dilation must be at least 1 and the other fields at least 0, as
// they are in an axis of a window that passed [Window.Check].
type Axis struct {
	L, F             int
	Stride, Dilation int
	Before, After    int
}

// Span returns the number of pixels from the first tap to the last, both
// counted: F' = (F-1)*Dilation + 1.
func (a Axis) Span() int {
	return (a.F-1)*a.Dilation + 1
}

// Out returns the number of window positions,
//
//	(L + Before + After - Span()) / Stride + 1
//
// rounded down, or 0 if the window does not fit into the padded input.
func (a Axis) Out() int {
	room := a.L + a.Before + a.After - a.Span()
	if room < 0 {
		return 0
	}
	return room/a.Stride + 1
}

// In returns the input pixel that tap f of output o touches,
//
//	o*Stride + f*Dilation - Before
//
// A result outside [0, L) means padding.
func (a Axis) In(o, f int) int {
	return o*a.Stride + f*a.Dilation - a.Before
}

// Taps returns the taps of output o that touch the input: f in [lo, hi) if and
// only if In(o, f) is in [0, L). Always 0 <= lo <= hi <= F; lo == hi if the
// window lies wholly in the padding.
func (a Axis) Taps(o int) (lo, hi int) {
	return a.inside(-a.In(o, 0), a.Dilation, a.F)
}

// Outputs returns the outputs whose tap f touches the input: o in [lo, hi) if
// and only if In(o, f) is in [0, L). Always 0 <= lo <= hi <= Out(); lo == hi if
// the tap never leaves the padding.
func (a Axis) Outputs(f int) (lo, hi int) {
	return a.inside(-a.In(0, f), a.Stride, a.Out())
}

// inside returns the j in [0, n) for which j*step - offset is in [0, L).
func (a Axis) inside(offset, step, n int) (lo, hi int) {
	return min(ceilDiv(offset, step), n), min(ceilDiv(a.L+offset, step), n)
}

// ceilDiv returns x/y rounded up, or 0 for negative x. It has no intermediate
// sum that could overflow.
func ceilDiv(x, y int) int {
	if x <= 0 {
		return 0
	}
	return (x-1)/y + 1
}
