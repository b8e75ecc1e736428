package net

import (
	"fmt"

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
	// Update makes step number step, from 1, in one pass over p.
	Update(e *kernels.Engine, p *Param, slots [][]float32, step int)
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

// checkRange reports a setting outside [lo, hi), and NaN.
func checkRange(optimizer, what string, v, lo, hi float64) error {
	if !(v >= lo && v < hi) {
		return fmt.Errorf("net: %s: %s = %v, want at least %v and below %v", optimizer, what, v, lo, hi)
	}
	return nil
}
