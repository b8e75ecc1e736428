package net

import (
	"fmt"
	"math"

	"github.com/simdconv/simdconv/kernels"
)

// An Optimizer updates parameters from their gradients. It is a plain
// configuration: what it remembers of a parameter is kept by the model.
type Optimizer interface {
	// Check reports a bad setting.
	Check() error
	// Slots is the number of arrays of a parameter's size to remember, all
	// zero before the first step.
	Slots() int
	// Rate returns the learning rate of step number step, from 1, and whether
	// a Schedule says so: it then cannot be set.
	Rate(step int) (rate float64, scheduled bool)
	// Update makes step number step in one pass over p.
	Update(e *kernels.Engine, p *Param, slots [][]float32, rate float32, step int)
}

// rate returns the learning rate of an optimizer's settings.
func rate(value, def float64, s Schedule, step int) (r float64, scheduled bool) {
	if s != nil {
		return s.Rate(step - 1), true
	}
	return or(value, def), false
}

// checkRate checks the learning rate of an optimizer's settings.
func checkRate(optimizer string, value float64, s Schedule) error {
	if s == nil {
		return checkRange(optimizer, "LearningRate", value, 0, math.MaxFloat32)
	}
	if value != 0 {
		return fmt.Errorf("net: %s: both LearningRate = %v and a Schedule, want one of them", optimizer, value)
	}
	return s.Check()
}

// or returns v, or Keras's default where v is zero.
func or(v, def float64) float64 {
	if v == 0 {
		return def
	}
	return v
}

// A setting is a number that must be at least 0 and below a limit.
type setting struct {
	what         string
	value, below float64
}

func checkSettings(optimizer string, settings []setting) error {
	for _, s := range settings {
		if err := checkRange(optimizer, s.what, s.value, 0, s.below); err != nil {
			return err
		}
	}
	return nil
}

// checkRange reports a setting outside [lo, hi), where it is as float32, and NaN.
func checkRange(optimizer, what string, v, lo, hi float64) error {
	if !(v >= lo && float32(v) < float32(hi)) {
		return fmt.Errorf("net: %s: %s = %v, want at least %v and below %v in float32", optimizer, what, v, lo, hi)
	}
	return nil
}

// checkEpsilon reports an epsilon that would be 0 as float32 too: gradients of 0
// are divided by it.
func checkEpsilon(optimizer string, v float64) error {
	if v > 0 && float32(v) == 0 {
		return fmt.Errorf("net: %s: Epsilon = %v, want it positive in float32, or 0 for 1e-7", optimizer, v)
	}
	return checkRange(optimizer, "Epsilon", v, 0, math.MaxFloat32)
}
