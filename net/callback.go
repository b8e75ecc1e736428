package net

import (
	"fmt"
	"math"
)

// A Callback is told how training goes on. The error that it returns ends Fit;
// ErrStop ends it without one.
type Callback interface {
	OnBatch(Progress) error
	OnEpoch(Progress) error
}

// A RunCallback is a Callback that Fit tells of its beginning, once everything
// was checked, and of its end, unless that is an error.
type RunCallback interface {
	Callback
	OnBegin(*Model) error
	OnEnd() error
}

// An EpochCallback is a Callback that Fit tells of the beginning of each epoch,
// and where in it a run from a checkpoint goes on.
type EpochCallback interface {
	Callback
	OnEpochBegin(Progress) error
}

// A StatefulCallback is a Callback whose state a checkpoint keeps. SetState is
// called after OnBegin.
type StatefulCallback interface {
	Callback
	State() State
	SetState(State) error
}

// A State is what a callback remembers.
type State struct {
	Numbers map[string]float64   // under names of letters
	Weights map[string][]float32 // arrays as long as the parameters they are named after; one for each of them, or nil
}

// CallbackFuncs is a Callback of functions, which may be nil.
type CallbackFuncs struct {
	Batch, Epoch func(Progress) error
}

// OnBatch calls Batch.
func (c CallbackFuncs) OnBatch(p Progress) error { return call(c.Batch, p) }

// OnEpoch calls Epoch.
func (c CallbackFuncs) OnEpoch(p Progress) error { return call(c.Epoch, p) }

func call(f func(Progress) error, p Progress) error {
	if f == nil {
		return nil
	}
	return f(p)
}

// Progress is where training stands.
type Progress struct {
	Epoch, Epochs  int // from 1
	Batch, Batches int // from 1
	Samples        int // seen in this epoch

	// Loss and Accuracy are means over the epoch's samples so far, each taken
	// before its batch was learned, as Keras shows them.
	Loss, Accuracy float64

	LearningRate float64 // of the last step

	// Set in OnEpoch if there is validation data.
	Validated                          bool
	ValidationLoss, ValidationAccuracy float64

	// Outputs are the same for each output of a model that has several, and
	// nil for others. In OnBatch they are valid until it returns.
	Outputs []OutputMetrics
}

// OutputMetrics are loss and accuracy of one of several outputs. The loss is
// without its weight, as Keras reports it.
type OutputMetrics struct {
	Name string // of the output's layer

	Loss, Accuracy                     float64
	ValidationLoss, ValidationAccuracy float64 // as those of Progress
}

// A Metric is a number of each epoch that a callback watches.
type Metric int

const (
	ValidationLoss Metric = iota
	ValidationAccuracy
	TrainingLoss
	TrainingAccuracy
)

// String returns Keras's name.
func (m Metric) String() string {
	names := [...]string{"val_loss", "val_accuracy", "loss", "accuracy"}
	if m < 0 || int(m) >= len(names) {
		return fmt.Sprintf("Metric(%d)", int(m))
	}
	return names[m]
}

func (m Metric) check(who string) error {
	if m < ValidationLoss || m > TrainingAccuracy {
		return fmt.Errorf("net: %s: Monitor = %d, want ValidationLoss to TrainingAccuracy (0 to %d)", who, int(m), int(TrainingAccuracy))
	}
	return nil
}

// of returns the metric's value after an epoch.
func (m Metric) of(p Progress, who string) (float64, error) {
	if m <= ValidationAccuracy && !p.Validated {
		return 0, fmt.Errorf("net: %s watches %v, but there is no validation data", who, m)
	}
	return [...]float64{p.ValidationLoss, p.ValidationAccuracy, p.Loss, p.Accuracy}[m], nil
}

// larger reports whether larger values are the better ones.
func (m Metric) larger() bool { return m == ValidationAccuracy || m == TrainingAccuracy }

// worst is what every value that is a number improves on.
func (m Metric) worst() float64 {
	if m.larger() {
		return math.Inf(-1)
	}
	return math.Inf(1)
}

// improves reports whether v is better than best by more than delta.
func (m Metric) improves(v, best, delta float64) bool {
	if m.larger() {
		return v > best+delta
	}
	return v < best-delta
}
