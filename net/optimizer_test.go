package net

import (
	"math"
	"testing"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/kerneltest"
	"github.com/simdconv/simdconv/kernels/ref"
)

// Ten steps of each optimizer, with Keras's defaults and without, against the
// formulas in float64.
func TestOptimizers(t *testing.T) {
	for _, c := range []struct {
		name string
		opt  Optimizer
		step func(w, m, v, g []float64, step int)
	}{
		{"SGD", SGD{}, func(w, m, v, g []float64, _ int) { ref.SGD(w, nil, g, 0.01, 0) }},
		{"momentum", SGD{LearningRate: 0.1, Momentum: 0.9}, func(w, m, v, g []float64, _ int) { ref.SGD(w, v, g, 0.1, 0.9) }},
		{"Nesterov", SGD{LearningRate: 0.1, Momentum: 0.9, Nesterov: true}, func(w, m, v, g []float64, _ int) { ref.Nesterov(w, v, g, 0.1, 0.9) }},
		{"Nesterov without momentum", SGD{Nesterov: true}, func(w, m, v, g []float64, _ int) { ref.SGD(w, nil, g, 0.01, 0) }},
		{"RMSprop", RMSprop{}, func(w, m, v, g []float64, _ int) { ref.RMSprop(w, v, nil, nil, g, 0.001, 0.9, 0, 1e-7) }},
		{"RMSprop with momentum", RMSprop{LearningRate: 0.02, Rho: 0.8, Momentum: 0.5, Epsilon: 1e-3}, func(w, m, v, g []float64, _ int) {
			ref.RMSprop(w, v, m, nil, g, 0.02, 0.8, 0.5, 1e-3)
		}},
		{"RMSprop centered", RMSprop{Epsilon: 1e-3, Centered: true}, func(w, m, v, g []float64, _ int) {
			ref.RMSprop(w, v, nil, m, g, 0.001, 0.9, 0, 1e-3)
		}},
		{"AdamW", AdamW{}, func(w, m, v, g []float64, step int) {
			ref.AdamW(w, m, v, g, 0.001, 0.004, 0.9, 0.999, 1e-7, step)
		}},
		{"AdamW with settings", AdamW{LearningRate: 0.02, WeightDecay: 0.5, Beta1: 0.8, Beta2: 0.99, Epsilon: 1e-3}, func(w, m, v, g []float64, step int) {
			ref.AdamW(w, m, v, g, 0.02, 0.5, 0.8, 0.99, 1e-3, step)
		}},
		{"Adam", Adam{}, func(w, m, v, g []float64, step int) { ref.Adam(w, m, v, g, 0.001, 0.9, 0.999, 1e-7, step) }},
		{"Adam with settings", Adam{LearningRate: 0.02, Beta1: 0.8, Beta2: 0.99, Epsilon: 1e-3}, func(w, m, v, g []float64, step int) {
			ref.Adam(w, m, v, g, 0.02, 0.8, 0.99, 1e-3, step)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			allOptions(t, func(t *testing.T, o kernels.Options) [][]float32 {
				e, err := kernels.New(o)
				if err != nil {
					t.Fatal(err)
				}
				p := NewParam("p", Shape{7, 41}, Zeros{})
				p.Grad = make([]float32, len(p.Data))
				kerneltest.FillUniform(p.Data, 1)
				start := double(p.Data)
				w, m, v := double(p.Data), make([]float64, len(p.Data)), make([]float64, len(p.Data))
				slots := newSlots(p, c.opt.Slots())
				for step := 1; step <= 10; step++ {
					kerneltest.FillUniform(p.Grad, uint64(step))
					rate, _ := c.opt.Rate(step)
					c.opt.Update(e, p, slots, float32(rate), step)
					c.step(w, m, v, double(p.Grad), step)
				}
				moved := make([]float32, len(w))
				for i := range w {
					moved[i] = float32(float64(p.Data[i]) - start[i])
					w[i] -= start[i]
				}
				kerneltest.Close(t, "ten steps", moved, w, 2e-4)
				return [][]float32{p.Data}
			})
		})
	}
}

func TestOptimizerCheck(t *testing.T) {
	for _, o := range []Optimizer{
		SGD{LearningRate: -1}, SGD{LearningRate: math.Inf(1)}, SGD{LearningRate: math.NaN()}, SGD{Momentum: 1}, SGD{Momentum: -0.1},
		Adam{LearningRate: -1}, Adam{Beta1: 1}, Adam{Beta2: 1.5}, Adam{Beta1: -0.5}, Adam{Epsilon: -1}, Adam{Epsilon: math.NaN()},
		RMSprop{LearningRate: -1}, RMSprop{Rho: 1}, RMSprop{Momentum: 1}, RMSprop{Epsilon: -1}, RMSprop{Rho: math.NaN()},
		AdamW{LearningRate: -1}, AdamW{WeightDecay: -0.1}, AdamW{WeightDecay: math.Inf(1)}, AdamW{Beta1: 1}, AdamW{Beta2: -1}, AdamW{Epsilon: -1},
		// 1 and 0 in float32, where updates would divide 0 by 0
		Adam{Beta1: 1 - 1e-9}, Adam{Epsilon: 1e-60}, AdamW{Beta2: 1 - 1e-9}, AdamW{Epsilon: 1e-60}, RMSprop{Rho: 1 - 1e-9}, RMSprop{Epsilon: 1e-60},
	} {
		if err := o.Check(); err == nil {
			t.Errorf("%T%+v: no error", o, o)
		}
	}
	for _, o := range []Optimizer{SGD{}, SGD{LearningRate: 1, Momentum: 0.99}, Adam{}, Adam{Beta1: 0.5, Beta2: 0.5, Epsilon: 1}, RMSprop{}, RMSprop{Rho: 0.5, Momentum: 0.9, Centered: true}, AdamW{}, AdamW{WeightDecay: 2}} {
		if err := o.Check(); err != nil {
			t.Errorf("%T%+v: %v", o, o, err)
		}
	}
}

// With momentum and centered, RMSprop keeps three arrays, each its own.
func TestRMSpropSlots(t *testing.T) {
	o := RMSprop{LearningRate: 0.02, Momentum: 0.5, Epsilon: 1e-2, Centered: true}
	e, err := kernels.New(kernels.Options{})
	if err != nil {
		t.Fatal(err)
	}
	p := NewParam("p", Shape{33}, Zeros{})
	p.Grad = make([]float32, 33)
	slots := newSlots(p, o.Slots())
	w, v, m, a := make([]float64, 33), make([]float64, 33), make([]float64, 33), make([]float64, 33)
	for step := 1; step <= 5; step++ {
		kerneltest.FillUniform(p.Grad, uint64(step))
		o.Update(e, p, slots, 0.02, step)
		ref.RMSprop(w, v, m, a, double(p.Grad), 0.02, 0.9, 0.5, 1e-2)
	}
	for i, want := range [][]float64{w, v, m, a} {
		kerneltest.Close(t, []string{"w", "v", "m", "a"}[i], [][]float32{p.Data, slots[0], slots[1], slots[2]}[i], want, 1e-6)
	}
}
