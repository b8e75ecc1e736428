package net

import (
	"fmt"
	"testing"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/geometry"
	"github.com/simdconv/simdconv/kernels/kerneltest"
	"github.com/simdconv/simdconv/kernels/ref"
)

func TestMaxPool2D(t *testing.T) {
	for _, c := range []struct {
		layer        MaxPool2D
		size, stride int // with defaults filled in
		in, out      Shape
	}{
		{MaxPool2D{}, 2, 2, Shape{6, 5, 3}, Shape{3, 2, 3}},
		{MaxPool2D{PoolSize: 3, Strides: 2, Padding: Same}, 3, 2, Shape{7, 8, 20}, Shape{4, 4, 20}},
		{MaxPool2D{PoolSize: 2, Strides: 3}, 2, 3, Shape{5, 5, 1}, Shape{2, 2, 1}},
		{MaxPool2D{PoolSize: 3, Strides: 1}, 3, 1, Shape{5, 4, 2}, Shape{3, 2, 2}},
	} {
		t.Run(fmt.Sprintf("%+v", c.layer), func(t *testing.T) {
			allOptions(t, func(t *testing.T, o kernels.Options) [][]float32 {
				r := trial{layer: c.layer, in: c.in, batch: 2, options: o}
				r.run(t)
				if !r.out.Equal(c.out) {
					t.Fatalf("output shape %v, want %v", r.out, c.out)
				}
				w := geometry.Window{H: c.in[0], W: c.in[1], R: c.size, S: c.size, StrideH: c.stride, StrideW: c.stride}
				if c.layer.Padding == Same {
					w = w.Same()
				}
				p := ref.Pool{
					N: r.batch, H: w.H, W: w.W, C: c.in[2], R: c.size, S: c.size, StrideH: c.stride, StrideW: c.stride,
					Top: w.Top, Bottom: w.Bottom, Left: w.Left, Right: w.Right,
				}
				y, dx, argmax := make([]float64, len(r.y)), make([]float64, len(r.x)), make([]uint8, len(r.y))
				ref.MaxPoolForward(p, y, argmax, double(r.x))
				ref.MaxPoolBackward(p, dx, double(r.dy), argmax)
				kerneltest.Close(t, "y", r.y, y, 0)
				kerneltest.Close(t, "dx", r.dx, dx, bound)
				return [][]float32{r.y, r.dx}
			})
		})
	}
}
