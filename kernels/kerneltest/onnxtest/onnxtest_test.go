package onnxtest_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/simdconv/simdconv/kernels/kerneltest/onnxtest"
)

// The case is in the ONNX documentation: a 5x5 map of 0 to 24 under a filter of
// ones, padded.
func TestCases(t *testing.T) {
	cases := onnxtest.Cases(t, "Conv")
	i := slices.IndexFunc(cases, func(c *onnxtest.Case) bool { return c.Name == "basic_conv_with_padding" })
	if i < 0 {
		t.Fatal("basic_conv_with_padding is missing")
	}
	c := cases[i]
	x, w, y := c.Inputs[0], c.Inputs[1], c.Outputs[0]
	if !slices.Equal(x.Dims, []int{1, 1, 5, 5}) || !slices.Equal(w.Dims, []int{1, 1, 3, 3}) || !slices.Equal(y.Dims, []int{1, 1, 5, 5}) {
		t.Errorf("sizes %v %v %v", x.Dims, w.Dims, y.Dims)
	}
	if x.Floats[7] != 7 || w.Floats[8] != 1 || y.Floats[0] != 12 || y.Floats[24] != 84 {
		t.Errorf("x[7] = %v, w[8] = %v, y[0] = %v, y[24] = %v, want 7, 1, 12 and 84", x.Floats[7], w.Floats[8], y.Floats[0], y.Floats[24])
	}
	if got := c.Node.List("pads", 4, 0); !slices.Equal(got, []int{1, 1, 1, 1}) {
		t.Errorf("pads %v, want 1 1 1 1", got)
	}
	if got := c.Node.Int("group", 1); got != 1 {
		t.Errorf("group %d, want 1", got)
	}
}

// A convolution of 3x3 taps with stride 2 over a map of 7x7, padded on every side.
func ExampleWindow() {
	n := &onnxtest.Node{Op: "Conv", Ints: map[string][]int{"strides": {2, 2}, "pads": {1, 1, 1, 1}}}
	w, err := onnxtest.Window(n, []int{1, 3, 7, 7}, []int{3, 3})
	if err != nil {
		panic(err)
	}
	fmt.Println(w.Out())
	// Output: 4 4
}
