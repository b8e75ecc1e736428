package net

import (
	"errors"
	"fmt"

	"github.com/simdconv/simdconv/kernels/random"
)

// FitOptions say how Fit goes through the data.
type FitOptions struct {
	Epochs     int      // 0 means 1
	Validation *Dataset // evaluated after each epoch; may be nil

	// ValidationSplit is the share of the data, from its end and before any
	// shuffling, that is kept from training and evaluated after each epoch.
	ValidationSplit float64

	NoShuffle bool // Keras's shuffle=False
	Callbacks []Callback

	// Checkpoint is the file that SaveCheckpoint writes after each epoch, once
	// all callbacks know of it; empty for none. With CheckpointSteps it also
	// does after so many steps of an epoch.
	Checkpoint      string
	CheckpointSteps int
}

// Fit trains on d, or on what ValidationSplit leaves of it, batch by batch, for
// a number of epochs and returns the Progress at the end of each. Samples are
// shuffled anew for every epoch by the seed and the number of the epoch since
// Compile; the last batch may be partial. All data are checked before anything
// is changed.
//
// After LoadCheckpoint, Fit goes on where the checkpoint was made: what it had
// done counts towards Epochs and is returned too, and callbacks have the state
// they had. With the same data and options all that follows has the bits that
// it would have had without the interruption.
func (m *Model) Fit(d *Dataset, o FitOptions) ([]Progress, error) {
	if m.e == nil {
		return nil, errNotCompiled
	}
	if m.opt == nil {
		return nil, errNoTraining
	}
	if m.running() {
		return nil, errRunning
	}
	if o.Epochs < 0 {
		return nil, fmt.Errorf("net: Epochs = %d, want at least 1, or 0 for 1", o.Epochs)
	}
	if o.CheckpointSteps < 0 || o.CheckpointSteps > 0 && o.Checkpoint == "" {
		return nil, fmt.Errorf("net: CheckpointSteps = %d with Checkpoint = %q, want at least 0 steps, and a file", o.CheckpointSteps, o.Checkpoint)
	}
	if err := m.checkData(d); err != nil {
		return nil, err
	}
	var err error
	if d, o.Validation, err = o.split(d); err != nil {
		return nil, err
	}
	if v := o.Validation; v != nil {
		if err := m.checkData(v); err != nil {
			return nil, fmt.Errorf("validation: %w", err)
		}
	}
	if o.Epochs == 0 {
		o.Epochs = 1
	}
	f, err := m.beginRun(d, &o)
	if err != nil {
		return nil, err
	}
	f.busy = true
	defer func() { f.busy = false }()
	if err := f.train(d); err != nil && !errors.Is(err, ErrStop) {
		return f.history, err
	}
	f.active = false
	for _, c := range o.Callbacks {
		if c, ok := c.(RunCallback); ok {
			if err := c.OnEnd(); err != nil {
				return f.history, err
			}
		}
	}
	return f.history, nil
}

// split returns the data to train on and to validate with. As in Keras, the
// first floor(n * (1 - ValidationSplit)) samples are trained on.
func (o *FitOptions) split(d *Dataset) (train, validation *Dataset, err error) {
	share := o.ValidationSplit
	if share == 0 {
		return d, o.Validation, nil
	}
	if o.Validation != nil {
		return nil, nil, errors.New("net: both Validation and ValidationSplit, want one of them")
	}
	if !(share > 0 && share < 1) {
		return nil, nil, fmt.Errorf("net: ValidationSplit = %v, want at least 0 and below 1", share)
	}
	n := d.Len()
	at := int(float64(n) * (1 - share))
	if at == 0 || at == n {
		return nil, nil, fmt.Errorf("net: ValidationSplit = %v of %d samples leaves %d to train on and %d to validate with, want some of both", share, n, at, n-at)
	}
	return d.Slice(0, at), d.Slice(at, n), nil
}

// A run is one Fit on its way, or as a checkpoint has it.
type run struct {
	m       *Model
	options *FitOptions
	history []Progress

	busy    bool // inside Fit
	active  bool // the run has not come to its end
	stopped bool // a callback has ended it

	open  bool // an epoch is begun and its callbacks have not been told of its end
	at    Progress
	tally tally // of its samples
}

// beginRun returns the run to train for: the one of the checkpoint that was
// loaded last, or a new one.
func (m *Model) beginRun(d *Dataset, o *FitOptions) (*run, error) {
	f := &run{m: m}
	states := m.states
	if m.resume {
		f = m.run
		if err := f.fits(d.Len(), m.options.Batch); err != nil {
			return nil, err
		}
	}
	f.options = o
	owners, err := ownersOf(states, o.Callbacks)
	if err != nil {
		return nil, err
	}
	last, resume := m.run, m.resume
	m.run, m.resume, m.states = f, false, nil
	if err := f.begin(states, owners); err != nil {
		m.run, m.resume, m.states = last, resume, states // for another try
		return nil, err
	}
	f.active = true
	return f, nil
}

// begin tells the callbacks, and gives them the states they had.
func (f *run) begin(states []state, owners []StatefulCallback) error {
	f.busy = true // for OnBegin, too
	defer func() { f.busy = false }()
	for _, c := range f.options.Callbacks {
		if c, ok := c.(RunCallback); ok {
			if err := c.OnBegin(f.m); err != nil {
				return err
			}
		}
	}
	return setStates(states, owners)
}

// History returns the Progress of the epochs that the last Fit has done, or
// of the run that was loaded since.
func (m *Model) History() []Progress {
	if m.run == nil {
		return nil
	}
	return append([]Progress(nil), m.run.history...)
}

// running reports whether a callback calls.
func (m *Model) running() bool { return m.run != nil && m.run.busy }

// train goes through the epochs that are left.
func (f *run) train(d *Dataset) error {
	for !f.stopped && (f.open || len(f.history) < f.options.Epochs) {
		err := f.epoch(d)
		if !f.open {
			f.history = append(f.history, f.at)
		}
		if errors.Is(err, ErrStop) {
			f.stopped = true
		} else if err != nil {
			return err
		}
		if err := f.checkpoint(); err != nil {
			return err
		}
	}
	return nil
}

func (f *run) checkpoint() error {
	if f.options.Checkpoint == "" {
		return nil
	}
	return f.m.SaveCheckpoint(f.options.Checkpoint)
}

// epoch goes through d once, or through what is left of it. Afterwards the
// epoch is still open if it did not come to its end; once the callbacks are
// told, it has.
func (f *run) epoch(d *Dataset) error {
	m, p := f.m, &f.at
	batch := m.options.Batch
	if !f.open {
		m.epochs++
		*p = Progress{Epoch: len(f.history) + 1, Batches: (d.Len() + batch - 1) / batch, Outputs: m.outputMetrics()}
		f.open, f.tally = true, m.newTally()
	}
	p.Epochs = max(f.options.Epochs, p.Epoch) // a checkpoint may be within a later one
	for _, c := range f.options.Callbacks {
		if c, ok := c.(EpochCallback); ok {
			if err := c.OnEpochBegin(*p); err != nil {
				return err
			}
		}
	}
	m.shuffle(d.Len(), !f.options.NoShuffle)
	err := m.feed(&m.batches, d, m.order, p.Samples, f.step)
	if err != nil {
		return err
	}
	if v := f.options.Validation; v != nil {
		a, err := m.evaluate(v)
		if err != nil {
			return err
		}
		p.Validated, p.ValidationLoss, p.ValidationAccuracy = true, a.loss(), a.accuracy()
		for k := range p.Outputs {
			p.Outputs[k].ValidationLoss, p.Outputs[k].ValidationAccuracy = a.means(k)
		}
	}
	f.open = false
	for _, c := range f.options.Callbacks {
		if err := c.OnEpoch(*p); err != nil {
			return err
		}
	}
	return nil
}

// step learns one batch.
func (f *run) step(x []float32, y []uint8) error {
	m, p := f.m, &f.at
	p.LearningRate = m.LearningRate()
	loss, correct, err := m.TrainStep(x, y)
	if err != nil {
		return err
	}
	f.tally.add(&m.trainer, len(y), loss*float64(len(y)), correct)
	p.Batch++
	p.Samples = f.tally.samples
	p.Loss, p.Accuracy = f.tally.loss(), f.tally.accuracy()
	for k := range p.Outputs {
		p.Outputs[k].Loss, p.Outputs[k].Accuracy = f.tally.means(k)
	}
	for _, c := range f.options.Callbacks {
		if err := c.OnBatch(*p); err != nil {
			return err
		}
	}
	if n := f.options.CheckpointSteps; n > 0 && p.Batch%n == 0 {
		return f.checkpoint()
	}
	return nil
}

// shuffle sets the order of the epoch that was begun last.
func (m *Model) shuffle(n int, shuffled bool) {
	if cap(m.order) < n {
		m.order = make([]int, n)
	}
	m.order = m.order[:n]
	if shuffled {
		random.Key{Seed: m.options.Seed, Stream: Stream("shuffle"), Step: m.epochs - 1}.Perm(m.order)
	} else {
		for i := range m.order {
			m.order[i] = i
		}
	}
}
