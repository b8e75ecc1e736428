package net

import (
	"fmt"
	"testing"

	"github.com/simdconv/simdconv/kernels/kerneltest"
)

func TestZeroPadding2D(t *testing.T) {
	in := Shape{3, 4, 2}
	const n = 2
	for _, c := range []struct {
		padding                  []int
		top, bottom, left, right int
	}{
		{nil, 1, 1, 1, 1},
		{[]int{0}, 0, 0, 0, 0},
		{[]int{3}, 3, 3, 3, 3},
		{[]int{2, 1}, 2, 2, 1, 1},
		{[]int{1, 0, 2, 3}, 1, 0, 2, 3},
	} {
		r := trial{layer: ZeroPadding2D{Padding: c.padding}, in: in, batch: n}
		r.run(t)
		h, w := c.top+in[0]+c.bottom, c.left+in[1]+c.right
		if !r.out.Equal(Shape{h, w, in[2]}) {
			t.Errorf("padding %v: output shape %v, want %dx%dx%d", c.padding, r.out, h, w, in[2])
			continue
		}
		y, dx := make([]float32, len(r.y)), make([]float32, len(r.x))
		for i := range r.x {
			image, row, at := i/r.in.Len(), i/(in[1]*in[2])%in[0], i%(in[1]*in[2])
			padded := ((image*h+c.top+row)*w+c.left)*in[2] + at
			y[padded] = r.x[i]
			dx[i] = r.dy[padded]
		}
		kerneltest.Equal(t, fmt.Sprint("y with padding ", c.padding), r.y, y)
		kerneltest.Equal(t, fmt.Sprint("dx with padding ", c.padding), r.dx, dx)
	}
}

// A convolution on an explicitly padded map is one with padding.
func TestZeroPaddingConv(t *testing.T) {
	conv := Conv2D{Filters: 3, KernelSize: 3}
	padded := mustModel(t, Input(5, 6, 2), ZeroPadding2D{}, conv)
	conv.Padding = Same
	same := mustModel(t, Input(5, 6, 2), conv)
	x := make([]float32, 5*6*2)
	kerneltest.FillInts(x, 1, 4)
	var y [2][]float32
	for i, m := range []*Model{padded, same} {
		if err := m.Compile(nil, nil, Options{Batch: 1}); err != nil {
			t.Fatal(err)
		}
		kerneltest.FillInts(m.Params()[0].Data, 2, 4)
		m.Params()[0].Changed()
		y[i] = nan(5 * 6 * 3)
		if err := m.Predict(y[i], x); err != nil {
			t.Fatal(err)
		}
	}
	kerneltest.Equal(t, "y", y[0], y[1])
}
