package net

import (
	"errors"
	"fmt"
	"slices"
)

// EarlyStopping ends Fit when Monitor has not improved by more than MinDelta
// for Patience epochs in a row, as Keras's callback of that name does. Use one
// for one Fit at a time; it begins anew with each.
type EarlyStopping struct {
	Monitor  Metric // the zero value is ValidationLoss
	Patience int    // 0 ends Fit with the first epoch, but for the very first, that is not better
	MinDelta float64

	// RestoreBest gives the model, whenever Fit ends without an error, the
	// weights of the best epoch. A copy of them is kept.
	RestoreBest bool

	model   *Model
	epoch   int // of the best value; 0 for none
	best    float64
	wait    int // epochs since
	weights map[string][]float32
}

// Best returns the epoch, from 1, with the best value and the value; 0 before
// there is one.
func (s *EarlyStopping) Best() (epoch int, value float64) { return s.epoch, s.best }

// OnBegin implements RunCallback.
func (s *EarlyStopping) OnBegin(m *Model) error {
	if err := s.Monitor.check("EarlyStopping"); err != nil {
		return err
	}
	if s.Patience < 0 {
		return fmt.Errorf("net: EarlyStopping: Patience = %d, want at least 0", s.Patience)
	}
	if !(s.MinDelta >= 0) {
		return fmt.Errorf("net: EarlyStopping: MinDelta = %v, want at least 0", s.MinDelta)
	}
	s.model, s.epoch, s.best, s.wait, s.weights = m, 0, s.Monitor.worst(), 0, nil
	return nil
}

// OnBatch does nothing.
func (s *EarlyStopping) OnBatch(Progress) error { return nil }

// OnEpoch implements Callback.
func (s *EarlyStopping) OnEpoch(p Progress) error {
	v, err := s.Monitor.of(p, "EarlyStopping")
	if err != nil {
		return err
	}
	s.wait++
	if s.Monitor.improves(v, s.best, s.MinDelta) {
		s.epoch, s.best, s.wait = p.Epoch, v, 0
		s.keep()
		return nil
	}
	if s.weights == nil { // as Keras, where nothing ever improves
		s.keep()
	}
	if s.wait >= s.Patience && p.Epoch > 1 {
		return ErrStop
	}
	return nil
}

// keep copies the weights.
func (s *EarlyStopping) keep() {
	if !s.RestoreBest {
		return
	}
	if s.weights == nil {
		s.weights = make(map[string][]float32, len(s.model.params))
	}
	for _, p := range s.model.params {
		s.weights[p.Name] = append(s.weights[p.Name][:0], p.Data...)
	}
}

// OnEnd implements RunCallback.
func (s *EarlyStopping) OnEnd() error {
	for _, p := range s.model.params {
		if w := s.weights[p.Name]; w != nil {
			if err := p.Set(w); err != nil {
				return err
			}
		}
	}
	return nil
}

// State implements StatefulCallback.
func (s *EarlyStopping) State() State {
	return State{map[string]float64{"epoch": float64(s.epoch), "best": s.best, "wait": float64(s.wait)}, s.weights}
}

// SetState implements StatefulCallback.
func (s *EarlyStopping) SetState(v State) error {
	n := reader{numbers: v.Numbers}
	epoch, wait, best := n.count("epoch"), n.count("wait"), n.number("best")
	if n.err != nil {
		return fmt.Errorf("EarlyStopping: %w", n.err)
	}
	if s.RestoreBest && v.Weights == nil && epoch > 0 {
		return errors.New("EarlyStopping: RestoreBest is set, but no weights were kept")
	}
	s.epoch, s.wait, s.best = epoch, wait, best
	if s.weights = nil; s.RestoreBest && v.Weights != nil {
		s.weights = make(map[string][]float32, len(v.Weights))
		for name, w := range v.Weights {
			s.weights[name] = slices.Clone(w)
		}
	}
	return nil
}
