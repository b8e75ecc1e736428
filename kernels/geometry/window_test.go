package geometry_test

import (
	"testing"

	"github.com/simdconv/simdconv/kernels/geometry"
)

func TestSame(t *testing.T) {
	for _, c := range []struct {
		name          string
		l, f          int
		stride, dil   int
		before, after int
		out           int
	}{
		{"3 taps", 28, 3, 1, 1, 1, 1, 28},
		{"7 taps", 28, 7, 1, 1, 3, 3, 28},
		{"even window, odd pixel after", 28, 2, 1, 1, 0, 1, 28},
		{"4 taps", 28, 4, 1, 1, 1, 2, 28},
		{"stride 2, even side", 224, 7, 2, 1, 2, 3, 112},
		{"stride 2, 3 taps, even side", 56, 3, 2, 1, 0, 1, 28},
		{"stride 2, 3 taps, odd side", 7, 3, 2, 1, 1, 1, 4},
		{"stride 2, pooling by 2, odd side", 7, 2, 2, 1, 0, 1, 4},
		{"stride 2, pooling by 2, even side", 14, 2, 2, 1, 0, 0, 7},
		{"1x1, stride 2", 56, 1, 2, 1, 0, 0, 28},
		{"stride above window", 10, 2, 5, 1, 0, 0, 2},
		{"dilation 2", 28, 3, 1, 2, 2, 2, 28},
		{"dilation 3, even window", 9, 2, 1, 3, 1, 2, 9},
		{"window above input", 1, 5, 1, 1, 2, 2, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := geometry.Window{
				H: c.l, W: 1, R: c.f, S: 1, StrideH: c.stride, DilationH: c.dil,
				Padding: geometry.Padding{Top: 9, Left: 9}, // to be replaced
			}.Same()
			if want := (geometry.Padding{Top: c.before, Bottom: c.after}); w.Padding != want {
				t.Errorf("padding %+v, want %+v", w.Padding, want)
			}
			if oh, ow := w.Out(); oh != c.out || ow != 1 {
				t.Errorf("Out() = %d, %d, want %d, 1", oh, ow, c.out)
			}
			// The same numbers lying down.
			v := geometry.Window{H: 1, W: c.l, R: 1, S: c.f, StrideW: c.stride, DilationW: c.dil}.Same()
			if want := (geometry.Padding{Left: c.before, Right: c.after}); v.Padding != want {
				t.Errorf("horizontal padding %+v, want %+v", v.Padding, want)
			}
		})
	}
}

// TestSameAgainstTensorFlow compares with the formula as TensorFlow's guide
// writes it, by the remainder instead of by the number of outputs.
func TestSameAgainstTensorFlow(t *testing.T) {
	for l := 1; l < 20; l++ {
		for f := 1; f < 8; f++ {
			for stride := 1; stride < 6; stride++ {
				for dilation := 1; dilation < 4; dilation++ {
					span := 1
					for range f - 1 {
						span += dilation
					}
					total := span - l%stride
					if l%stride == 0 {
						total = span - stride
					}
					total = max(total, 0)

					a := geometry.Window{H: l, W: 1, R: f, S: 1, StrideH: stride, DilationH: dilation}.Same().Rows()
					if a.Before+a.After != total || a.After-a.Before != total%2 {
						t.Fatalf("L=%d F=%d stride=%d dilation=%d: padding %d, %d, want %d in all, the odd one after",
							l, f, stride, dilation, a.Before, a.After, total)
					}
					if want := (l + stride - 1) / stride; a.Out() != want {
						t.Fatalf("L=%d F=%d stride=%d dilation=%d: Out() = %d, want %d", l, f, stride, dilation, a.Out(), want)
					}
				}
			}
		}
	}
}

func TestValid(t *testing.T) {
	w := geometry.Window{H: 5, W: 6, R: 3, S: 2, StrideW: 2, Padding: geometry.Padding{Top: 1, Bottom: 2, Left: 3, Right: 4}}.Valid()
	want := geometry.Window{H: 5, W: 6, R: 3, S: 2, StrideH: 1, StrideW: 2, DilationH: 1, DilationW: 1}
	if w != want {
		t.Errorf("Valid() = %+v, want %+v", w, want)
	}
}

func TestAxesOfWindow(t *testing.T) {
	w := geometry.Window{H: 10, W: 20, R: 3, S: 4, StrideH: 2, DilationW: 5, Padding: geometry.Padding{Top: 1, Bottom: 2, Left: 3, Right: 4}}
	if got, want := w.Rows(), (geometry.Axis{L: 10, F: 3, Stride: 2, Dilation: 1, Before: 1, After: 2}); got != want {
		t.Errorf("Rows() = %+v, want %+v", got, want)
	}
	if got, want := w.Cols(), (geometry.Axis{L: 20, F: 4, Stride: 1, Dilation: 5, Before: 3, After: 4}); got != want {
		t.Errorf("Cols() = %+v, want %+v", got, want)
	}
	if oh, ow := w.Out(); oh != 6 || ow != 12 {
		t.Errorf("Out() = %d, %d, want 6, 12", oh, ow)
	}
}
