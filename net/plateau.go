package net

import (
	"fmt"
	"math"
)

// ReduceLROnPlateau multiplies the learning rate by Factor when Monitor has
// not improved by more than MinDelta for Patience epochs in a row, as Keras's
// callback of that name does. After that it waits Cooldown epochs before it
// counts again. The optimizer must not have a Schedule. Use one for one Fit at
// a time; it begins anew with each.
type ReduceLROnPlateau struct {
	Monitor  Metric  // the zero value is ValidationLoss
	Factor   float64 // in (0, 1); 0 means 0.1
	Patience int     // 0 means 10
	MinDelta float64 // 0 means 1e-4
	Cooldown int
	MinRate  float64 // the rate does not go below

	model          *Model
	best           float64
	wait, cooldown int
}

// OnBegin implements RunCallback.
func (s *ReduceLROnPlateau) OnBegin(m *Model) error {
	const who = "ReduceLROnPlateau"
	if err := s.Monitor.check(who); err != nil {
		return err
	}
	if s.Patience < 0 || s.Cooldown < 0 {
		return fmt.Errorf("net: %s: Patience = %d, Cooldown = %d, want at least 0", who, s.Patience, s.Cooldown)
	}
	if err := checkSettings(who, []setting{
		{"Factor", s.Factor, 1}, {"MinDelta", s.MinDelta, math.MaxFloat32}, {"MinRate", s.MinRate, math.MaxFloat32},
	}); err != nil {
		return err
	}
	if _, scheduled := m.opt.Rate(1); scheduled {
		return fmt.Errorf("net: %s: the optimizer has a Schedule, want a constant learning rate", who)
	}
	s.model, s.best, s.wait, s.cooldown = m, s.Monitor.worst(), 0, 0
	return nil
}

// OnBatch does nothing.
func (s *ReduceLROnPlateau) OnBatch(Progress) error { return nil }

// OnEpoch implements Callback.
func (s *ReduceLROnPlateau) OnEpoch(p Progress) error {
	v, err := s.Monitor.of(p, "ReduceLROnPlateau")
	if err != nil {
		return err
	}
	if s.cooldown > 0 {
		s.cooldown--
		s.wait = 0
	}
	if s.Monitor.improves(v, s.best, or(s.MinDelta, 1e-4)) {
		s.best, s.wait = v, 0
		return nil
	}
	if s.cooldown > 0 {
		return nil
	}
	s.wait++
	patience := s.Patience
	if patience == 0 {
		patience = 10
	}
	rate := s.model.LearningRate()
	if s.wait < patience || rate <= s.MinRate {
		return nil
	}
	s.wait, s.cooldown = 0, s.Cooldown
	return s.model.SetLearningRate(max(rate*or(s.Factor, 0.1), s.MinRate))
}

// OnEnd does nothing: the rate stays as it is.
func (s *ReduceLROnPlateau) OnEnd() error { return nil }

// State implements StatefulCallback.
func (s *ReduceLROnPlateau) State() State {
	return State{Numbers: map[string]float64{"best": s.best, "wait": float64(s.wait), "cooldown": float64(s.cooldown)}}
}

// SetState implements StatefulCallback.
func (s *ReduceLROnPlateau) SetState(v State) error {
	n := reader{numbers: v.Numbers}
	wait, cooldown, best := n.count("wait"), n.count("cooldown"), n.number("best")
	if n.err != nil {
		return fmt.Errorf("ReduceLROnPlateau: %w", n.err)
	}
	s.wait, s.cooldown, s.best = wait, cooldown, best
	return nil
}
