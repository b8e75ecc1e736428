package net

import (
	"errors"
	"math"
)

// LearningRate returns the learning rate of the next step: what was last set,
// or what the optimizer says. It is 0 for a model without one.
func (m *Model) LearningRate() float64 {
	if m.opt == nil {
		return 0
	}
	if m.rateSet {
		return m.rate
	}
	r, _ := m.opt.Rate(m.steps + 1)
	return r
}

// SetLearningRate sets the learning rate of the steps to come. A rate that a
// Schedule determines cannot be set. Compile goes back to the optimizer's.
func (m *Model) SetLearningRate(r float64) error {
	if m.opt == nil {
		return errNoTraining
	}
	if _, scheduled := m.opt.Rate(m.steps + 1); scheduled {
		return errors.New("net: the learning rate follows the optimizer's Schedule and cannot be set")
	}
	if err := checkRange("SetLearningRate", "rate", r, 0, math.MaxFloat32); err != nil {
		return err
	}
	m.rate, m.rateSet = r, true
	return nil
}
