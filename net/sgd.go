package net

import (
	"math"

	"github.com/simdconv/simdconv/kernels"
)

// SGD is gradient descent, with momentum if it is not zero. As Keras 3:
//
//	v = Momentum*v - LearningRate*g
//	w = w + v                                  or, with Nesterov,
//	w = w + Momentum*v - LearningRate*g
type SGD struct {
	LearningRate float64 // 0 means 0.01
	Momentum     float64 // in [0, 1)
	Nesterov     bool    // nothing without momentum
}

// Check reports a negative or not finite rate and a momentum outside [0, 1).
func (o SGD) Check() error {
	if err := checkRange("SGD", "LearningRate", o.LearningRate, 0, math.MaxFloat32); err != nil {
		return err
	}
	return checkRange("SGD", "Momentum", o.Momentum, 0, 1)
}

// Slots is 1, the velocity v, or 0 without momentum.
func (o SGD) Slots() int {
	if o.Momentum == 0 {
		return 0
	}
	return 1
}

// Update makes one step.
func (o SGD) Update(e *kernels.Engine, p *Param, slots [][]float32, step int) {
	rate, momentum := float32(or(o.LearningRate, 0.01)), float32(o.Momentum)
	switch {
	case len(slots) == 0:
		e.SGD(p.Data, nil, p.Grad, rate, 0)
	case o.Nesterov:
		e.Nesterov(p.Data, slots[0], p.Grad, rate, momentum)
	default:
		e.SGD(p.Data, slots[0], p.Grad, rate, momentum)
	}
}
