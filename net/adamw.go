package net

import (
	"math"

	"github.com/simdconv/simdconv/kernels"
)

// AdamW is Adam with decoupled weight decay (Loshchilov and Hutter, ICLR 2019)
// in the form of Keras 3: every trainable parameter, biases among them, is
// first moved towards zero,
//
//	w = w - LearningRate*WeightDecay*w
//
// and then by a step of Adam.
type AdamW struct {
	LearningRate float64  // 0 means 0.001
	Schedule     Schedule // instead of LearningRate
	WeightDecay  float64  // 0 means 0.004; Adam is AdamW without decay
	Beta1        float64  // 0 means 0.9
	Beta2        float64  // 0 means 0.999
	Epsilon      float64  // 0 means 1e-7
}

// Check reports a bad schedule, a negative or not finite rate, decay or
// epsilon, and a beta outside [0, 1).
func (o AdamW) Check() error {
	if err := checkRate("AdamW", o.LearningRate, o.Schedule); err != nil {
		return err
	}
	if err := checkSettings("AdamW", []setting{
		{"WeightDecay", o.WeightDecay, math.MaxFloat32},
		{"Beta1", o.Beta1, 1}, {"Beta2", o.Beta2, 1},
	}); err != nil {
		return err
	}
	return checkEpsilon("AdamW", o.Epsilon)
}

// Slots is 2: m and v.
func (o AdamW) Slots() int { return 2 }

// Rate implements Optimizer.
func (o AdamW) Rate(step int) (float64, bool) {
	return rate(o.LearningRate, 0.001, o.Schedule, step)
}

// Update makes one step.
func (o AdamW) Update(e *kernels.Engine, p *Param, slots [][]float32, rate float32, step int) {
	e.AdamW(p.Data, slots[0], slots[1], p.Grad, rate, float32(or(o.WeightDecay, 0.004)),
		float32(or(o.Beta1, 0.9)), float32(or(o.Beta2, 0.999)), float32(or(o.Epsilon, 1e-7)), step)
}
