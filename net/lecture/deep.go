package main

import (
	"math"

	"github.com/simdconv/simdconv/net"
)

// A deepNetwork is the lecture's ResNet-34 with a meter at every unit, or what
// is left of it without shortcuts, without normalisation, or both.
type deepNetwork struct {
	name                 string
	shortcuts, normalise bool
	idle                 bool // every unit begins as one that adds nothing: the last gamma is zero

	meters []*meter // before the first unit, and after each
}

// build returns the model for images of the given size.
func (d *deepNetwork) build(height, width, channels int) (*net.Model, error) {
	g := net.NewGraph()
	conv := func(x net.Value, filters, size, strides int, gamma net.Initializer) net.Value {
		x = g.Apply(net.Conv2D{Filters: filters, KernelSize: size, Strides: strides, Padding: net.Same, NoBias: true}, x)
		if d.normalise {
			x = g.Apply(net.BatchNormalization{GammaInitializer: gamma}, x)
		}
		return x
	}
	measure := func(x net.Value) net.Value {
		d.meters = append(d.meters, new(meter))
		return g.Apply(d.meters[len(d.meters)-1], x)
	}
	var last net.Initializer
	if d.idle {
		last = net.Zeros{}
	}
	x := g.Apply(net.ReLU, conv(g.Input(height, width, channels), 64, 7, 2, nil))
	x = measure(g.Apply(net.MaxPool2D{PoolSize: 3, Strides: 2, Padding: net.Same}, x))
	previous := 64
	for _, filters := range []int{64, 64, 64, 128, 128, 128, 128, 256, 256, 256, 256, 256, 256, 512, 512, 512} {
		strides := 1
		if filters != previous {
			strides = 2
		}
		previous = filters
		z := g.Apply(net.ReLU, conv(x, filters, 3, strides, nil))
		z = conv(z, filters, 3, 1, last)
		if d.shortcuts {
			if strides == 2 {
				x = conv(x, filters, 1, strides, nil)
			}
			z = g.Apply(net.Add{}, z, x)
		}
		x = measure(g.Apply(net.ReLU, z))
	}
	return g.Model(g.Apply(net.Dense{Units: classes, Activation: net.Softmax}, g.Apply(net.GlobalAvgPool2D{}, x)))
}

// relative returns the gradient at every unit's input, from the image on, as a
// share of that behind the last unit.
func (d *deepNetwork) relative() []float64 {
	var norms []float64
	for _, m := range d.meters {
		norms = append(norms, m.norm/d.meters[len(d.meters)-1].norm)
	}
	return norms
}

// A meter is a layer that passes everything on and notes the Euclidean norm of
// the gradient that comes back.
type meter struct{ norm float64 }

// Build adds the meter.
func (l *meter) Build(b *net.Builder, in ...net.Value) (net.Value, error) {
	name, err := b.Name("meter", "")
	if err != nil {
		return net.Value{}, err
	}
	return b.Add(net.Node{Name: name, Op: l, Out: in[0].Shape()}, in...)
}

// Plan implements net.Op.
func (l *meter) Plan(net.Context) (net.Runner, error) { return l, nil }

// Forward copies.
func (l *meter) Forward(a *net.Args) error {
	copy(a.Y, a.X[0])
	return nil
}

// Backward copies what it measures.
func (l *meter) Backward(a *net.Args) error {
	var squares float64
	for _, v := range a.DY {
		squares += float64(v) * float64(v)
	}
	l.norm = math.Sqrt(squares)
	copy(a.DX[0], a.DY)
	return nil
}
