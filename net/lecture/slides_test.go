package main

import (
	"slices"
	"strings"
	"testing"
)

// The slides' numbers.
func TestSlides(t *testing.T) {
	want := [][]float32{
		{4, 3, 4, 2, 4, 3, 2, 3, 4},
		{200, 0, 0, 200},
		{0, 30, 50, 0},
		{20, 0, 60, 20},
		{220, 20, 20, 220},
		{10, 40, 60, 10},
		{40, 20, 80, 40},
		{10, 20, 10, 10, 20, 10, 20, 10, 10, 20, 10, 20, 10, 10, 20, 10},
		{0, 0, 0, 0},
		{10, 0, 0, 10},
		{2.5, 0, 0, 2.5},
		{-25},
	}
	if len(slides) != len(want) {
		t.Fatalf("%d slides, want %d", len(slides), len(want))
	}
	for i, s := range slides {
		y, _, err := s.calculate()
		if err != nil {
			t.Fatal(err)
		}
		if len(want[i]) == 1 {
			y = y[:1] // the slide has no more
		}
		if !slices.Equal(y, want[i]) {
			t.Errorf("%s: %v, want %v", s.title, y, want[i])
		}
	}
	out, _ := lecture(t, 0, "slides")
	for _, part := range []string{
		"  L = 3, P = 1, F = 2, S = 3: O = (3 + 2*1 - 2)/3 + 1 = 2\n",
		"   10  0  0  *   10  0  =   220  20\n    0 10  0       0 10       20 220\n    0  0 10\n",
	} {
		if !strings.Contains(out, part) {
			t.Errorf("no %q in\n%s", part, out)
		}
	}
	if _, errs := lecture(t, exitUsage, "slides", "x"); !strings.Contains(errs, `unexpected argument "x"`) {
		t.Error(errs)
	}
}
