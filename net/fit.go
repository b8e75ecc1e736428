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
}

// A Callback is told how training goes on. The error that it returns ends Fit;
// ErrStop ends it without one.
type Callback interface {
	OnBatch(Progress) error
	OnEpoch(Progress) error
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

	// Set in OnEpoch if there is validation data.
	Validated                          bool
	ValidationLoss, ValidationAccuracy float64
}

// Fit trains on d, or on what ValidationSplit leaves of it, batch by batch, for
// a number of epochs and returns the Progress at the end of each. Samples are shuffled anew for every epoch by
// the seed and the number of the epoch since Compile; the last batch may be
// partial. All data are checked before anything is changed.
func (m *Model) Fit(d *Dataset, o FitOptions) ([]Progress, error) {
	if m.e == nil {
		return nil, errNotCompiled
	}
	if m.opt == nil {
		return nil, errNoTraining
	}
	if o.Epochs < 0 {
		return nil, fmt.Errorf("net: Epochs = %d, want at least 1, or 0 for 1", o.Epochs)
	}
	in, out := m.nodes[0].Out, m.core[len(m.core)-1].Out
	if err := d.check(in, out, m.loss); err != nil {
		return nil, err
	}
	var err error
	if d, o.Validation, err = o.split(d); err != nil {
		return nil, err
	}
	if v := o.Validation; v != nil {
		if err := v.check(in, out, m.loss); err != nil {
			return nil, fmt.Errorf("validation: %w", err)
		}
	}
	m.stage()
	history := make([]Progress, 0, max(o.Epochs, 1))
	for epoch := range cap(history) {
		p := Progress{Epoch: epoch + 1, Epochs: cap(history)}
		done, err := m.epoch(d, o, &p)
		if done {
			history = append(history, p)
		}
		if errors.Is(err, ErrStop) {
			return history, nil
		}
		if err != nil {
			return history, err
		}
	}
	return history, nil
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

// epoch goes through d once; done says that it came to the end, whatever a
// callback then made of it.
func (m *Model) epoch(d *Dataset, o FitOptions, p *Progress) (done bool, err error) {
	m.shuffle(d.Len(), !o.NoShuffle)
	p.Batches = (d.Len() + m.options.Batch - 1) / m.options.Batch
	sum, right := 0.0, 0
	for lo := 0; lo < d.Len(); lo += m.options.Batch {
		n := min(m.options.Batch, d.Len()-lo)
		x, y := m.batchX[:n*d.Size], m.batchY[:n]
		d.gather(x, y, m.order[lo:lo+n])
		loss, correct, err := m.TrainStep(x, y)
		if err != nil {
			return false, err
		}
		sum += loss * float64(n)
		right += correct
		p.Batch++
		p.Samples += n
		p.Loss, p.Accuracy = sum/float64(p.Samples), float64(right)/float64(p.Samples)
		for _, c := range o.Callbacks {
			if err := c.OnBatch(*p); err != nil {
				return false, err
			}
		}
	}
	if o.Validation != nil {
		if p.ValidationLoss, p.ValidationAccuracy, err = m.Evaluate(o.Validation); err != nil {
			return false, err
		}
		p.Validated = true
	}
	for _, c := range o.Callbacks {
		if err := c.OnEpoch(*p); err != nil {
			return true, err
		}
	}
	return true, nil
}

// shuffle sets the order of an epoch.
func (m *Model) shuffle(n int, shuffled bool) {
	if cap(m.order) < n {
		m.order = make([]int, n)
	}
	m.order = m.order[:n]
	if shuffled {
		random.Key{Seed: m.options.Seed, Stream: Stream("shuffle"), Step: m.epochs}.Perm(m.order)
	} else {
		for i := range m.order {
			m.order[i] = i
		}
	}
	m.epochs++
}
