package net

import "github.com/simdconv/simdconv/kernels"

// SGD is gradient descent, with momentum if it is not zero. As Keras 3:
//
//	v = Momentum*v - LearningRate*g
//	w = w + v                                  or, with Nesterov,
//	w = w + Momentum*v - LearningRate*g
type SGD struct {
	LearningRate float64  // 0 means 0.01
	Schedule     Schedule // instead of LearningRate
	Momentum     float64  // in [0, 1)
	Nesterov     bool     // nothing without momentum
}

// Check reports a bad schedule, a negative or not finite rate, and a momentum outside [0, 1).
func (o SGD) Check() error {
	if err := checkRate("SGD", o.LearningRate, o.Schedule); err != nil {
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

// Rate implements Optimizer.
func (o SGD) Rate(step int) (float64, bool) {
	return rate(o.LearningRate, 0.01, o.Schedule, step)
}

// Update makes one step.
func (o SGD) Update(e *kernels.Engine, p *Param, slots [][]float32, rate float32, step int) {
	momentum := float32(o.Momentum)
	switch {
	case len(slots) == 0:
		e.SGD(p.Data, nil, p.Grad, rate, 0)
	case o.Nesterov:
		e.Nesterov(p.Data, slots[0], p.Grad, rate, momentum)
	default:
		e.SGD(p.Data, slots[0], p.Grad, rate, momentum)
	}
}
