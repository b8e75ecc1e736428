package net

import (
	"fmt"
	"testing"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/geometry"
	"github.com/simdconv/simdconv/kernels/kerneltest"
	"github.com/simdconv/simdconv/kernels/ref"
)

// bound is the rms error that a layer may have against float64, relative to
// the result.
const bound = 2e-6

func TestConv2D(t *testing.T) {
	for _, c := range []struct {
		layer Conv2D
		in    Shape
		out   Shape
	}{
		{Conv2D{Filters: 5, KernelSize: 3, Padding: Same, Activation: ReLU}, Shape{7, 6, 3}, Shape{7, 6, 5}},
		{Conv2D{Filters: 4, KernelSize: 3}, Shape{7, 6, 3}, Shape{5, 4, 4}},
		{Conv2D{Filters: 33, KernelSize: 1, Activation: ReLU, NoBias: true}, Shape{4, 4, 2}, Shape{4, 4, 33}},
		{Conv2D{Filters: 8, KernelSize: 7, Strides: 2, Padding: Same}, Shape{12, 9, 3}, Shape{6, 5, 8}},
		{Conv2D{Filters: 6, KernelSize: 3, Dilation: 2, Padding: Same, Activation: ReLU}, Shape{8, 8, 4}, Shape{8, 8, 6}},
		{Conv2D{Filters: 6, KernelSize: 3, Groups: 2, Activation: ReLU}, Shape{6, 6, 4}, Shape{4, 4, 6}},
		{Conv2D{Filters: 4, KernelSize: 3, Groups: 4, Padding: Same}, Shape{6, 6, 4}, Shape{6, 6, 4}},
		{Conv2D{Filters: 3, KernelSize: 2, Strides: 3}, Shape{8, 8, 1}, Shape{3, 3, 3}},
	} {
		t.Run(fmt.Sprintf("%+v", c.layer), func(t *testing.T) {
			allOptions(t, func(t *testing.T, o kernels.Options) [][]float32 {
				r := trial{layer: c.layer, in: c.in, batch: 3, options: o}
				r.run(t)
				if !r.out.Equal(c.out) {
					t.Fatalf("output shape %v, want %v", r.out, c.out)
				}
				return append(checkConv(t, c.layer, &r), r.y, r.dx)
			})
		})
	}
}

// checkConv compares a trial with ref and returns the gradients.
func checkConv(t *testing.T, l Conv2D, r *trial) [][]float32 {
	d := max(l.Dilation, 1)
	w := geometry.Window{H: r.in[0], W: r.in[1], R: l.KernelSize, S: l.KernelSize, StrideH: l.Strides, StrideW: l.Strides, DilationH: d, DilationW: d}
	if l.Padding == Same {
		w = w.Same()
	}
	c := ref.Conv{
		N: r.batch, H: w.H, W: w.W, C: r.in[2], K: l.Filters, R: w.R, S: w.S, StrideH: max(l.Strides, 1), StrideW: max(l.Strides, 1),
		DilationH: d, DilationW: d, Top: w.Top, Bottom: w.Bottom, Left: w.Left, Right: w.Right, Groups: max(l.Groups, 1),
	}
	kernel := r.params[0]
	y, dy := make([]float64, len(r.y)), double(r.dy)
	ref.ConvForward(c, y, double(r.x), double(kernel.Data))
	var b []float64
	if !l.NoBias {
		b = double(r.params[1].Data)
	}
	ref.Epilogue(y, nil, b, nil, l.Activation == ReLU)
	kerneltest.Close(t, "y", r.y, y, bound)
	if l.Activation == ReLU {
		ref.ReLUBackward(dy, dy, y)
	}
	dx, dw := make([]float64, len(r.x)), make([]float64, len(kernel.Data))
	ref.ConvBackwardData(c, dx, dy, double(kernel.Data))
	ref.ConvBackwardWeights(c, dw, dy, double(r.x))
	kerneltest.Close(t, "dx", r.dx, dx, bound)
	kerneltest.Close(t, "dw", kernel.Grad, dw, bound)
	if l.NoBias {
		if len(r.params) != 1 {
			t.Errorf("%d parameters without bias, want 1", len(r.params))
		}
		return [][]float32{kernel.Grad}
	}
	db := make([]float64, l.Filters)
	ref.BiasBackward(db, dy)
	kerneltest.Close(t, "db", r.params[1].Grad, db, bound)
	return [][]float32{kernel.Grad, r.params[1].Grad}
}

// The lecture's numbers: a diagonal image, and filters without and with bias.
func TestConv2DLecture(t *testing.T) {
	image := []float32{10, 0, 0, 0, 10, 0, 0, 0, 10}
	for _, c := range []struct {
		name   string
		filter []float32
		bias   float32
		want   []float32
	}{
		{"down the diagonal", []float32{10, 0, 0, 10}, 0, []float32{200, 0, 0, 200}},
		{"up the diagonal", []float32{0, 5, 3, 0}, 0, []float32{0, 30, 50, 0}},
		{"horizontal", []float32{2, 6, 0, 0}, 0, []float32{20, 0, 60, 20}},
		{"down the diagonal, bias 20", []float32{10, 0, 0, 10}, 20, []float32{220, 20, 20, 220}},
		{"up the diagonal, bias 10", []float32{0, 5, 3, 0}, 10, []float32{10, 40, 60, 10}},
	} {
		m := mustModel(t, Input(3, 3, 1), Conv2D{Filters: 1, KernelSize: 2})
		if err := m.Compile(nil, nil, Options{Batch: 1}); err != nil {
			t.Fatal(err)
		}
		if err := m.Param("conv2d/kernel").Set(c.filter); err != nil {
			t.Fatal(err)
		}
		if err := m.Param("conv2d/bias").Set([]float32{c.bias}); err != nil {
			t.Fatal(err)
		}
		y := make([]float32, 4)
		if err := m.Predict(y, image); err != nil {
			t.Fatal(err)
		}
		kerneltest.Equal(t, c.name, y, c.want)
	}
}

// Weights whose packing failed are packed when they are next used.
func TestConv2DPacksAgain(t *testing.T) {
	m := mustModel(t, Input(2, 2, 1), Conv2D{Filters: 1, KernelSize: 2, NoBias: true})
	if err := m.Compile(nil, nil, Options{Batch: 1}); err != nil {
		t.Fatal(err)
	}
	x, y, kernel := []float32{1, 10, 100, 1000}, make([]float32, 1), m.Param("conv2d/kernel")
	for _, w := range [][]float32{{1, 2, 3, 4}, {5, 6, 7, 8}} {
		if err := kernel.Set(w); err != nil {
			t.Fatal(err)
		}
		whole := kernel.Data
		kernel.Data = whole[:1]
		if err := m.Predict(y, x); err == nil {
			t.Fatal("one weight of four was packed")
		}
		kernel.Data = whole
		if err := m.Predict(y, x); err != nil {
			t.Fatal(err)
		}
		kerneltest.Equal(t, "y", y, []float32{w[0] + 10*w[1] + 100*w[2] + 1000*w[3]})
	}
}

func mustModel(t testing.TB, layers ...Layer) *Model {
	t.Helper()
	m, err := Sequential(layers...)
	if err != nil {
		t.Fatal(err)
	}
	return m
}
