package models_test

import (
	"testing"

	"github.com/simdconv/simdconv/kernels/geometry"
	"github.com/simdconv/simdconv/kernels/kerneltest"
	"github.com/simdconv/simdconv/net"
	"github.com/simdconv/simdconv/net/models"
)

// The slide: a convolution is a fully connected layer most of whose weights
// are zero and whose others are shared. The matrix that a kernel makes, in a
// Dense layer, gives what the convolution gives, bit by bit on integers, and
// the gradient of each weight is the sum over the places that share it.
func TestConvolutionIsDense(t *testing.T) {
	const n = 4
	for _, l := range []net.Conv2D{
		{Filters: 3, KernelSize: 2},
		{Filters: 2, KernelSize: 3, Padding: net.Same},
		{Filters: 4, KernelSize: 3, Strides: 2, Padding: net.Same},
		{Filters: 2, KernelSize: 2, Dilation: 2},
	} {
		w := geometry.Window{
			H: 5, W: 6, R: l.KernelSize, S: l.KernelSize, StrideH: l.Strides, StrideW: l.Strides,
			DilationH: l.Dilation, DilationW: l.Dilation,
		}
		if l.Padding == net.Same {
			w = w.Same()
		}
		w, err := w.Check()
		if err != nil {
			t.Fatal(err)
		}
		const c = 2
		oh, ow := w.Out()
		in, out := w.H*w.W*c, oh*ow*l.Filters
		conv := logits(t, n, net.Input(w.H, w.W, c), l, net.Flatten{})
		dense := logits(t, n, net.Input(w.H, w.W, c), net.Flatten{}, net.Dense{Units: out})

		kernel, bias := conv.Params()[0], conv.Params()[1]
		kerneltest.FillInts(kernel.Data, 1, 4)
		kerneltest.FillInts(bias.Data, 2, 4)
		kernel.Changed()
		bias.Changed()
		matrix, vector := dense.Params()[0], dense.Params()[1]
		clear(matrix.Data)
		// shared calls f with each weight of the matrix that is not zero and
		// the weight of the kernel that it is.
		shared := func(f func(at, weight int)) {
			rows, cols := w.Rows(), w.Cols()
			for p := range oh {
				for q := range ow {
					for r := range w.R {
						for s := range w.S {
							i, j := rows.In(p, r), cols.In(q, s)
							if i < 0 || i >= w.H || j < 0 || j >= w.W {
								continue // in the padding
							}
							for ci := range c {
								for k := range l.Filters {
									x, y := (i*w.W+j)*c+ci, (p*ow+q)*l.Filters+k
									f(x*out+y, ((r*w.S+s)*c+ci)*l.Filters+k)
								}
							}
						}
					}
				}
			}
		}
		shared(func(at, weight int) { matrix.Data[at] = kernel.Data[weight] })
		for i := range vector.Data {
			vector.Data[i] = bias.Data[i%l.Filters]
		}
		matrix.Changed()
		vector.Changed()

		x := make([]float32, n*in)
		kerneltest.FillInts(x, 3, 8)
		y, want := make([]float32, n*out), make([]float32, n*out)
		predict(t, conv, want, x)
		predict(t, dense, y, x)
		kerneltest.Equal(t, "dense layer", y, want)

		kerneltest.FillUniform(x, 4)
		labels := []uint8{0, 3, 1, 2}
		step(t, conv, x, labels)
		step(t, dense, x, labels)
		sum, db := make([]float64, len(kernel.Data)), make([]float64, len(bias.Data))
		shared(func(at, weight int) { sum[weight] += float64(matrix.Grad[at]) })
		for i, g := range vector.Grad {
			db[i%l.Filters] += float64(g)
		}
		kerneltest.Close(t, "kernel gradient", kernel.Grad, sum, 2e-6)
		kerneltest.Close(t, "bias gradient", bias.Grad, db, 2e-6)
	}
}

// The slide: at worst all filters are zero, and a unit passes its input on,
// after its activation. A last normalisation without gamma and beta does so
// too, whatever the filters are.
func TestResidualUnitPassesOn(t *testing.T) {
	const n, size = 2, 5 * 4 * 3
	for _, c := range []struct {
		name       string
		activation net.Activation
		zero       []string
	}{
		{"filters are zero", net.ReLU, []string{"conv2d/kernel", "conv2d_1/kernel"}},
		{"the last filters are zero", net.ReLU, []string{"conv2d_1/kernel"}},
		{"the last gamma is zero", net.ReLU, []string{"batch_normalization_1/gamma"}},
		{"without activation", net.Linear, []string{"conv2d_1/kernel"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := logits(t, n, net.Input(5, 4, 3), models.NewResidualUnit(3, 1, c.activation), net.Flatten{})
			for _, name := range c.zero {
				p := m.Param(name)
				clear(p.Data)
				p.Changed()
			}
			x, y := make([]float32, n*size), make([]float32, n*size)
			kerneltest.FillUniform(x, 1)
			predict(t, m, y, x)
			if c.activation == net.ReLU {
				for i, v := range x {
					x[i] = max(v, 0)
				}
			}
			kerneltest.Equal(t, "y", y, x)
		})
	}
}

// The slide: dE/dx = dE/dy * (1 + ...). What lies before such a unit learns as
// if it were not there, for the gradient goes around it.
func TestResidualUnitPassesGradientOn(t *testing.T) {
	const n = 3
	first := net.Conv2D{Name: "first", Filters: 4, KernelSize: 3, Activation: net.ReLU}
	with := logits(t, n, net.Input(6, 6, 2), first, models.NewResidualUnit(4, 1, net.ReLU), net.GlobalAvgPool2D{}, net.Dense{Units: 4})
	without := logits(t, n, net.Input(6, 6, 2), first, net.GlobalAvgPool2D{}, net.Dense{Units: 4})
	for _, name := range []string{"conv2d/kernel", "conv2d_1/kernel"} {
		clear(with.Param(name).Data)
		with.Param(name).Changed()
	}
	x := make([]float32, n*6*6*2)
	kerneltest.FillUniform(x, 1)
	labels := []uint8{0, 1, 2}
	if a, b := step(t, with, x, labels), step(t, without, x, labels); a != b {
		t.Errorf("loss %v with the unit, %v without it", a, b)
	}
	for _, name := range []string{"first/kernel", "first/bias", "dense/kernel"} {
		kerneltest.Equal(t, name, with.Param(name).Grad, without.Param(name).Grad)
	}
}

// logits returns a model of the layers, ready to train.
func logits(t *testing.T, batch int, layers ...net.Layer) *net.Model {
	t.Helper()
	m, err := net.Sequential(layers...)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Compile(net.SGD{}, net.SparseCategoricalCrossentropy{FromLogits: true}, net.Options{Batch: batch, Seed: 1}); err != nil {
		t.Fatal(err)
	}
	return m
}

func predict(t *testing.T, m *net.Model, y, x []float32) {
	t.Helper()
	if err := m.Predict(y, x); err != nil {
		t.Fatal(err)
	}
}

func step(t *testing.T, m *net.Model, x []float32, labels []uint8) (loss float64) {
	t.Helper()
	loss, _, err := m.TrainStep(x, labels)
	if err != nil {
		t.Fatal(err)
	}
	return loss
}
