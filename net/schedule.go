package net

import (
	"fmt"
	"math"
)

// A Schedule is a learning rate that follows the steps of training. A
// constant one is the LearningRate of an optimizer.
type Schedule interface {
	// Check reports a bad setting.
	Check() error
	// Rate returns the learning rate of the step before which done were made.
	Rate(done int) float64
}

// PiecewiseConstantDecay changes the rate at boundaries, as Keras's does:
//
//	Values[i] while done <= Boundaries[i], and the last value after that
type PiecewiseConstantDecay struct {
	Boundaries []int // numbers of steps, ascending
	Values     []float64
}

// Check reports boundaries that do not ascend and anything but one value more
// than boundaries.
func (s PiecewiseConstantDecay) Check() error {
	if len(s.Values) != len(s.Boundaries)+1 {
		return fmt.Errorf("net: PiecewiseConstantDecay: %d values for %d boundaries, want one more", len(s.Values), len(s.Boundaries))
	}
	for i, b := range s.Boundaries {
		if b < 0 || i > 0 && b <= s.Boundaries[i-1] {
			return fmt.Errorf("net: PiecewiseConstantDecay: boundaries %v, want them at least 0 and ascending", s.Boundaries)
		}
	}
	for _, v := range s.Values {
		if err := checkRange("PiecewiseConstantDecay", "a value", v, 0, math.MaxFloat32); err != nil {
			return err
		}
	}
	return nil
}

// Rate implements Schedule.
func (s PiecewiseConstantDecay) Rate(done int) float64 {
	for i, b := range s.Boundaries {
		if done <= b {
			return s.Values[i]
		}
	}
	return s.Values[len(s.Values)-1]
}

// ExponentialDecay is LearningRate * DecayRate^(done/DecaySteps), the exponent
// rounded down with Staircase.
type ExponentialDecay struct {
	LearningRate float64 // of the first step
	DecaySteps   int
	DecayRate    float64 // above 0
	Staircase    bool
}

// Check reports a negative or not finite rate, and less than one step.
func (s ExponentialDecay) Check() error {
	if s.DecaySteps < 1 {
		return fmt.Errorf("net: ExponentialDecay: DecaySteps = %d, want at least 1", s.DecaySteps)
	}
	if !(s.DecayRate > 0 && s.DecayRate < math.MaxFloat32) {
		return fmt.Errorf("net: ExponentialDecay: DecayRate = %v, want it positive and finite", s.DecayRate)
	}
	return checkRange("ExponentialDecay", "LearningRate", s.LearningRate, 0, math.MaxFloat32)
}

// Rate implements Schedule.
func (s ExponentialDecay) Rate(done int) float64 {
	p := float64(done) / float64(s.DecaySteps)
	if s.Staircase {
		p = math.Floor(p)
	}
	return s.LearningRate * math.Pow(s.DecayRate, p)
}

// CosineDecay falls along half a cosine (Loshchilov and Hutter, "SGDR:
// Stochastic gradient descent with warm restarts", ICLR 2017) from r to
// Alpha*r in DecaySteps and stays there:
//
//	r * ((1-Alpha) * (1 + cos(pi * min(done/DecaySteps, 1)))/2 + Alpha)
//
// With WarmupSteps it first rises in a straight line from LearningRate to
// WarmupTarget in so many steps, from where the cosine begins: r is
// WarmupTarget then, and otherwise LearningRate.
type CosineDecay struct {
	LearningRate float64 // of the first step
	DecaySteps   int
	Alpha        float64 // least rate as a share of r, at most 1
	WarmupSteps  int
	WarmupTarget float64 // nothing without WarmupSteps
}

// Check reports a negative or not finite rate, an Alpha outside [0, 1] and a
// bad number of steps.
func (s CosineDecay) Check() error {
	if s.DecaySteps < 1 {
		return fmt.Errorf("net: CosineDecay: DecaySteps = %d, want at least 1", s.DecaySteps)
	}
	if s.WarmupSteps < 0 {
		return fmt.Errorf("net: CosineDecay: WarmupSteps = %d, want at least 0", s.WarmupSteps)
	}
	if !(s.Alpha >= 0 && s.Alpha <= 1) {
		return fmt.Errorf("net: CosineDecay: Alpha = %v, want 0 to 1", s.Alpha)
	}
	return checkSettings("CosineDecay", []setting{
		{"LearningRate", s.LearningRate, math.MaxFloat32}, {"WarmupTarget", s.WarmupTarget, math.MaxFloat32},
	})
}

// Rate implements Schedule.
func (s CosineDecay) Rate(done int) float64 {
	r := s.LearningRate
	if s.WarmupSteps > 0 {
		if done < s.WarmupSteps {
			return r + (s.WarmupTarget-r)*float64(done)/float64(s.WarmupSteps)
		}
		r = s.WarmupTarget
		done -= s.WarmupSteps
	}
	part := min(float64(done)/float64(s.DecaySteps), 1)
	return r * ((1-s.Alpha)*(1+math.Cos(math.Pi*part))/2 + s.Alpha)
}
