package geometry_test

import (
	"math"
	"strings"
	"testing"

	"github.com/simdconv/simdconv/kernels/geometry"
)

func TestCheckFillsDefaults(t *testing.T) {
	got, err := geometry.Window{H: 5, W: 6, R: 3, S: 2, Padding: geometry.Padding{Top: 7}}.Check()
	want := geometry.Window{H: 5, W: 6, R: 3, S: 2, StrideH: 1, StrideW: 1, DilationH: 1, DilationW: 1, Padding: geometry.Padding{Top: 7}}
	if err != nil || got != want {
		t.Errorf("Check() = %+v, %v, want %+v", got, err, want)
	}
}

func TestCheckErrors(t *testing.T) {
	const huge = math.MaxInt
	for _, c := range []struct {
		name   string
		change func(w *geometry.Window)
		want   []string // parts of the message
	}{
		{"no input height", func(w *geometry.Window) { w.H = 0 }, []string{"input height H is 0", "want 1"}},
		{"negative input width", func(w *geometry.Window) { w.W = -7 }, []string{"input width W is -7", "want 1"}},
		{"no window height", func(w *geometry.Window) { w.R = 0 }, []string{"window height R is 0"}},
		{"negative window width", func(w *geometry.Window) { w.S = -2 }, []string{"window width S is -2"}},
		{"negative stride", func(w *geometry.Window) { w.StrideH = -1 }, []string{"vertical stride is -1"}},
		{"negative dilation", func(w *geometry.Window) { w.DilationW = -3 }, []string{"horizontal dilation is -3"}},
		{"negative padding", func(w *geometry.Window) { w.Bottom = -4 }, []string{"bottom padding is -4", "want 0"}},
		{"window above input", func(w *geometry.Window) { w.R = 9 }, []string{"vertical window of 9 taps", "0+8+0"}},
		{"window above padded input", func(w *geometry.Window) { w.S, w.Left, w.Right = 12, 1, 2 }, []string{"horizontal window of 12 taps", "1+8+2"}},
		{"dilated window above input", func(w *geometry.Window) { w.DilationH = 4 }, []string{"3 taps with dilation 4", "0+8+0"}},
		{"overflow of the input", func(w *geometry.Window) { w.H = huge }, []string{"input height H is", "want 1 to"}},
		{"overflow of the padding", func(w *geometry.Window) { w.Left = huge }, []string{"left padding is", "want 0 to"}},
		{"overflow of the stride", func(w *geometry.Window) { w.StrideW = huge }, []string{"horizontal stride is"}},
		{"overflow of the padded input", func(w *geometry.Window) { w.Top, w.Bottom = geometry.MaxElements, geometry.MaxElements }, []string{"vertical input 8", "want at most"}},
		{"overflow of the span", func(w *geometry.Window) { w.R, w.DilationH = geometry.MaxElements, geometry.MaxElements }, []string{"vertical window"}},
		{"overflow of the area", func(w *geometry.Window) { w.H, w.W = geometry.MaxElements/2, 3 }, []string{"more than", "padded input"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := geometry.Window{H: 8, W: 8, R: 3, S: 3}
			c.change(&w)
			_, err := w.Check()
			if err == nil {
				t.Fatalf("%+v: no error", w)
			}
			for _, part := range append(c.want, "geometry: ") {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("error %q does not say %q", err, part)
				}
			}
			// Same replaces the padding, and must leave everything else to Check.
			if same := w.Same(); w.H < 1 || w.StrideH < 0 || w.DilationW < 0 || w.S < 1 {
				if _, err := same.Check(); err == nil {
					t.Errorf("%+v: no error after Same", same)
				}
			}
		})
	}
}

func TestCheckAccepts(t *testing.T) {
	for _, w := range []geometry.Window{
		{H: 1, W: 1, R: 1, S: 1},
		{H: 1, W: 1, R: 3, S: 3, Padding: geometry.Padding{Top: 2, Right: 2}},
		{H: 4, W: 4, R: 2, S: 2, Padding: geometry.Padding{Top: 5, Bottom: 5, Left: 5, Right: 5}},
		{H: 4, W: 4, R: 2, S: 2, StrideH: 100, StrideW: geometry.MaxElements},
		{H: geometry.MaxElements, W: 1, R: 1, S: 1},
		{H: geometry.MaxElements / 2, W: 1, R: geometry.MaxElements / 2, S: 1},
	} {
		w, err := w.Check()
		if err != nil {
			t.Error(err)
			continue
		}
		if oh, ow := w.Out(); oh < 1 || ow < 1 {
			t.Errorf("%+v: Out() = %d, %d", w, oh, ow)
		}
	}
}

func TestVolume(t *testing.T) {
	for _, c := range []struct {
		dims []int
		want int
	}{
		{nil, 1},
		{[]int{7}, 7},
		{[]int{2, 3, 4}, 24},
		{[]int{5, 0, 3}, 0},
		{[]int{math.MaxInt, math.MaxInt, 0}, 0},
		{[]int{geometry.MaxElements, 1}, geometry.MaxElements},
	} {
		if got, err := geometry.Volume(c.dims...); err != nil || got != c.want {
			t.Errorf("Volume(%v) = %d, %v, want %d", c.dims, got, err, c.want)
		}
	}
	for _, c := range []struct {
		dims []int
		want string
	}{
		{[]int{2, -3, 4}, "-3 in [2 -3 4]"},
		{[]int{0, -1}, "-1"},
		{[]int{geometry.MaxElements, 2}, "more than"},
		{[]int{math.MaxInt, math.MaxInt}, "more than"},
		{[]int{1 << 20, 1 << 20, 1 << 20, 1 << 20}, "more than"},
	} {
		if got, err := geometry.Volume(c.dims...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("Volume(%v) = %d, %v, want an error with %q", c.dims, got, err, c.want)
		}
	}
}

// FuzzWindow checks that whatever the numbers, Check either refuses a window
// or leaves one whose outputs, taps and pixels are consistent.
func FuzzWindow(f *testing.F) {
	f.Add(224, 224, 7, 7, 2, 2, 1, 1, 2, 3, 2, 3, false)
	f.Add(5, 1, 3, 1, 3, 1, 2, 1, 1, 0, 0, 0, true)
	f.Add(math.MaxInt, math.MinInt, 1, 1, math.MaxInt, 1, math.MaxInt, 1, 0, math.MaxInt, -1, 0, true)
	f.Fuzz(func(t *testing.T, h, w, r, s, strideH, strideW, dilationH, dilationW, top, bottom, left, right int, same bool) {
		win := geometry.Window{
			H: h, W: w, R: r, S: s,
			StrideH: strideH, StrideW: strideW, DilationH: dilationH, DilationW: dilationW,
			Padding: geometry.Padding{Top: top, Bottom: bottom, Left: left, Right: right},
		}
		if same {
			win = win.Same()
		}
		win, err := win.Check()
		if err != nil {
			return
		}
		oh, ow := win.Out()
		if _, err := geometry.Volume(oh, ow); err != nil {
			t.Fatalf("%+v: %v", win, err)
		}
		for _, a := range []geometry.Axis{win.Rows(), win.Cols()} {
			last := a.Out() - 1
			if last < 0 || a.In(last, a.F-1) >= a.L+a.After || a.In(last, a.F-1)+a.Stride < a.L+a.After {
				t.Fatalf("%+v: output %d is not the last", a, last)
			}
			for _, o := range []int{0, last / 2, last} {
				lo, hi := a.Taps(o)
				if lo < 0 || lo > hi || hi > a.F {
					t.Fatalf("%+v: Taps(%d) = %d, %d", a, o, lo, hi)
				}
				for _, f := range []int{0, lo - 1, lo, hi - 1, hi, a.F - 1} {
					if f < 0 || f >= a.F {
						continue
					}
					i := a.In(o, f)
					inside := 0 <= i && i < a.L
					if inside != (lo <= f && f < hi) {
						t.Fatalf("%+v: Taps(%d) = %d, %d, but tap %d is at %d", a, o, lo, hi, f, i)
					}
					first, end := a.Outputs(f)
					if inside != (first <= o && o < end) {
						t.Fatalf("%+v: Outputs(%d) = %d, %d, but In(%d, %d) = %d", a, f, first, end, o, f, i)
					}
				}
			}
		}
	})
}
