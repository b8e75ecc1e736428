package net

import "github.com/simdconv/simdconv/kernels"

// RMSprop divides the gradient by a moving root mean square of it (Tieleman
// and Hinton, Coursera 2012, lecture 6.5), in the form of Keras 3:
//
//	v = Rho*v + (1-Rho)*g*g
//	d = LearningRate * g / sqrt(v + Epsilon)
//	w = w - d                                  or, with momentum,
//	m = Momentum*m + d,  w = w - m
//
// Centered takes a = Rho*a + (1-Rho)*g too, and v - a*a instead of v in d.
type RMSprop struct {
	LearningRate float64  // 0 means 0.001
	Schedule     Schedule // instead of LearningRate
	Rho          float64  // in [0, 1); 0 means 0.9
	Momentum     float64  // in [0, 1)
	Epsilon      float64  // 0 means 1e-7
	Centered     bool
}

// Check reports a bad schedule, a negative or not finite rate or epsilon, and
// a rho or momentum outside [0, 1).
func (o RMSprop) Check() error {
	if err := checkRate("RMSprop", o.LearningRate, o.Schedule); err != nil {
		return err
	}
	if err := checkSettings("RMSprop", []setting{{"Rho", o.Rho, 1}, {"Momentum", o.Momentum, 1}}); err != nil {
		return err
	}
	return checkEpsilon("RMSprop", o.Epsilon)
}

// Slots is 1 for v, and one more each for m with momentum and for a if centered.
func (o RMSprop) Slots() int {
	n := 1
	if o.Momentum != 0 {
		n++
	}
	if o.Centered {
		n++
	}
	return n
}

// Rate implements Optimizer.
func (o RMSprop) Rate(step int) (float64, bool) {
	return rate(o.LearningRate, 0.001, o.Schedule, step)
}

// Update makes one step.
func (o RMSprop) Update(e *kernels.Engine, p *Param, slots [][]float32, rate float32, step int) {
	v, rest := slots[0], slots[1:]
	var m, a []float32
	if o.Momentum != 0 {
		m, rest = rest[0], rest[1:]
	}
	if o.Centered {
		a = rest[0]
	}
	e.RMSprop(p.Data, v, m, a, p.Grad, rate,
		float32(or(o.Rho, 0.9)), float32(o.Momentum), float32(or(o.Epsilon, 1e-7)))
}
