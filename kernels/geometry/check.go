package geometry

import (
	"fmt"
	"math/bits"
)

// MaxElements is the largest number of elements an array may have: 1<<40 where
// int has 64 bits, and 1<<28 where it has 32, so that the size in bytes of an
// array of float32 fits int too.
const MaxElements = 1 << (28 + 12*(bits.UintSize/64))

// Volume returns the product of dims, 1 for no dims. It returns an error that
// names the dims if one is negative or the product is above [MaxElements].
func Volume(dims ...int) (int, error) {
	empty := false
	for _, d := range dims {
		if d < 0 {
			return 0, fmt.Errorf("geometry: negative dimension %d in %v", d, dims)
		}
		empty = empty || d == 0
	}
	if empty {
		return 0, nil
	}
	n := 1
	for _, d := range dims {
		if d > MaxElements/n {
			return 0, fmt.Errorf("geometry: %v has more than %d elements", dims, MaxElements)
		}
		n *= d
	}
	return n, nil
}

// Check returns w with defaults filled in, or an error that names the value at
// fault and what was expected. It is an error if
//
//   - the input or the window has a side below 1,
//   - a stride, dilation or padding is negative,
//   - the window is larger than the padded input, so that there is no output,
//   - a size, or the padded input, is above [MaxElements].
//
// Padding may exceed the window. The methods of a window that passed Check and
// of its axes do not overflow for outputs and taps in range.
func (w Window) Check() (Window, error) {
	w = w.defaults()
	for _, f := range []struct {
		name  string
		value int
		least int
	}{
		{"input height H", w.H, 1},
		{"input width W", w.W, 1},
		{"window height R", w.R, 1},
		{"window width S", w.S, 1},
		{"vertical stride", w.StrideH, 1},
		{"horizontal stride", w.StrideW, 1},
		{"vertical dilation", w.DilationH, 1},
		{"horizontal dilation", w.DilationW, 1},
		{"top padding", w.Top, 0},
		{"bottom padding", w.Bottom, 0},
		{"left padding", w.Left, 0},
		{"right padding", w.Right, 0},
	} {
		if f.value < f.least || f.value > MaxElements {
			return w, fmt.Errorf("geometry: %s is %d, want %d to %d", f.name, f.value, f.least, MaxElements)
		}
	}
	if err := w.Rows().check("vertical"); err != nil {
		return w, err
	}
	if err := w.Cols().check("horizontal"); err != nil {
		return w, err
	}
	// The window and the output are no larger than the padded input.
	if _, err := Volume(w.H+w.Top+w.Bottom, w.W+w.Left+w.Right); err != nil {
		return w, fmt.Errorf("%w in the padded input", err)
	}
	return w, nil
}

// check reports a window that does not fit into the padded input. The fields
// of a are in range, so sums of three of them do not overflow; Span might.
func (a Axis) check(name string) error {
	padded := a.L + a.Before + a.After
	if padded > MaxElements {
		return fmt.Errorf("geometry: %s input %d with padding %d and %d is %d, want at most %d",
			name, a.L, a.Before, a.After, padded, MaxElements)
	}
	if a.F-1 > (padded-1)/a.Dilation {
		return fmt.Errorf("geometry: %s window of %d taps with dilation %d is larger than the padded input of %d+%d+%d",
			name, a.F, a.Dilation, a.Before, a.L, a.After)
	}
	return nil
}
