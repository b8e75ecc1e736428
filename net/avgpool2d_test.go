package net

import (
	"fmt"
	"testing"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/geometry"
	"github.com/simdconv/simdconv/kernels/kerneltest"
	"github.com/simdconv/simdconv/kernels/ref"
)

func TestAvgPool2D(t *testing.T) {
	for _, c := range []struct {
		layer   Layer
		window  geometry.Window // without the map
		same    bool
		in, out Shape
	}{
		{AvgPool2D{}, geometry.Window{R: 2, S: 2, StrideH: 2, StrideW: 2}, false, Shape{6, 5, 3}, Shape{3, 2, 3}},
		{AvgPool2D{PoolSize: 3, Strides: 2, Padding: Same}, geometry.Window{R: 3, S: 3, StrideH: 2, StrideW: 2}, true, Shape{7, 8, 20}, Shape{4, 4, 20}},
		{AvgPool2D{PoolSize: 3, Strides: 1}, geometry.Window{R: 3, S: 3, StrideH: 1, StrideW: 1}, false, Shape{5, 4, 2}, Shape{3, 2, 2}},
		{GlobalAvgPool2D{}, geometry.Window{R: 5, S: 7, StrideH: 1, StrideW: 1}, false, Shape{5, 7, 33}, Shape{33}},
		{GlobalAvgPool2D{}, geometry.Window{R: 1, S: 1, StrideH: 1, StrideW: 1}, false, Shape{1, 1, 4}, Shape{4}},
	} {
		t.Run(fmt.Sprintf("%T%+v", c.layer, c.layer), func(t *testing.T) {
			allOptions(t, func(t *testing.T, o kernels.Options) [][]float32 {
				r := trial{layer: c.layer, in: c.in, batch: 2, options: o}
				r.run(t)
				if !r.out.Equal(c.out) {
					t.Fatalf("output shape %v, want %v", r.out, c.out)
				}
				w := c.window
				w.H, w.W = c.in[0], c.in[1]
				if c.same {
					w = w.Same()
				}
				p := ref.Pool{
					N: r.batch, H: w.H, W: w.W, C: c.in[2], R: w.R, S: w.S, StrideH: w.StrideH, StrideW: w.StrideW,
					Top: w.Top, Bottom: w.Bottom, Left: w.Left, Right: w.Right,
				}
				y, dx := make([]float64, len(r.y)), make([]float64, len(r.x))
				ref.AvgPoolForward(p, y, double(r.x))
				ref.AvgPoolBackward(p, dx, double(r.dy))
				kerneltest.Close(t, "y", r.y, y, bound)
				kerneltest.Close(t, "dx", r.dx, dx, bound)
				return [][]float32{r.y, r.dx}
			})
		})
	}
}
