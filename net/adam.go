package net

import "github.com/simdconv/simdconv/kernels"

// Adam is the method of Kingma and Ba (ICLR 2015) in the form of Keras 3: at
// step t,
//
//	m = m + (g - m)*(1 - Beta1)
//	v = v + (g*g - v)*(1 - Beta2)
//	w = w - m * alpha / (sqrt(v) + Epsilon),  alpha = LearningRate * sqrt(1 - Beta2^t) / (1 - Beta1^t)
type Adam struct {
	LearningRate float64  // 0 means 0.001
	Schedule     Schedule // instead of LearningRate
	Beta1        float64  // 0 means 0.9
	Beta2        float64  // 0 means 0.999
	Epsilon      float64  // 0 means 1e-7
}

// Check reports a bad schedule, a negative or not finite rate or epsilon, and
// a beta outside [0, 1).
func (o Adam) Check() error {
	if err := checkRate("Adam", o.LearningRate, o.Schedule); err != nil {
		return err
	}
	if err := checkSettings("Adam", []setting{{"Beta1", o.Beta1, 1}, {"Beta2", o.Beta2, 1}}); err != nil {
		return err
	}
	return checkEpsilon("Adam", o.Epsilon)
}

// Slots is 2: m and v.
func (o Adam) Slots() int { return 2 }

// Rate implements Optimizer.
func (o Adam) Rate(step int) (float64, bool) {
	return rate(o.LearningRate, 0.001, o.Schedule, step)
}

// Update makes one step.
func (o Adam) Update(e *kernels.Engine, p *Param, slots [][]float32, rate float32, step int) {
	e.Adam(p.Data, slots[0], slots[1], p.Grad, rate,
		float32(or(o.Beta1, 0.9)), float32(or(o.Beta2, 0.999)), float32(or(o.Epsilon, 1e-7)), step)
}
