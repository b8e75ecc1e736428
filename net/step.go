package net

import (
	"errors"
	"fmt"
	"unsafe"
)

// TrainStep makes one step of training on the samples x, one after another,
// with one label each: forward, backward, and one update of every parameter.
// It returns the mean loss before the update and how many samples were right.
//
// The batch is len(labels): the compiled size, or any smaller one, which is
// planned when it first appears and kept (the last few sizes are). After that
// a step allocates nothing. A bad argument, a label out of range among them,
// is an error before anything is changed.
func (m *Model) TrainStep(x []float32, labels []uint8) (loss float64, correct int, err error) {
	if m.e == nil {
		return 0, 0, errNotCompiled
	}
	if m.opt == nil {
		return 0, 0, errNoTraining
	}
	n := len(labels)
	if n < 1 || n > m.options.Batch {
		return 0, 0, errBatch(n, m.options.Batch)
	}
	if in := m.nodes[0].Out; len(x) != n*in.Len() {
		return 0, 0, fmt.Errorf("net: x has %d values, want %d for %d samples of %v", len(x), n*in.Len(), n, in)
	}
	out := m.core[len(m.core)-1].Out
	if err := m.loss.CheckLabels(labels, out); err != nil {
		return 0, 0, err
	}
	p, err := m.training(n)
	if err != nil {
		return 0, 0, err
	}
	defer p.release()
	if err := p.run(nil, x, uint64(m.steps)+1, 0); err != nil {
		return 0, 0, err
	}
	sum, correct := m.loss.Eval(m.e, p.dout, p.out, labels, out)
	if err := p.runBackward(m.e); err != nil {
		return 0, 0, err
	}
	m.steps++
	for i, q := range m.params {
		if q.Trainable {
			m.opt.Update(m.e, q, m.slots[i], m.steps)
			q.Changed()
		}
	}
	return sum / float64(n), correct, nil
}

// Predict writes the model's output for the samples x to dst, which must not
// overlap x. Any number of samples is taken, in batches of the compiled size
// and a last partial one.
func (m *Model) Predict(dst, x []float32) error {
	if m.e == nil {
		return errNotCompiled
	}
	in, out := m.nodes[0].Out, m.nodes[len(m.nodes)-1].Out
	n := len(x) / in.Len()
	if len(x)%in.Len() != 0 {
		return fmt.Errorf("net: x has %d values, want a multiple of %d (%v)", len(x), in.Len(), in)
	}
	if len(dst) != n*out.Len() {
		return fmt.Errorf("net: dst has %d values, want %d for %d samples of %v", len(dst), n*out.Len(), n, out)
	}
	if overlap(dst, x) {
		return errors.New("net: dst and x overlap")
	}
	for lo := 0; lo < n; lo += m.options.Batch {
		hi := min(lo+m.options.Batch, n)
		if err := m.infer(dst[lo*out.Len():hi*out.Len()], x[lo*in.Len():hi*in.Len()], hi-lo, 0); err != nil {
			return err
		}
	}
	return nil
}

// Evaluate returns the mean loss and the share of samples that are right.
func (m *Model) Evaluate(d *Dataset) (loss, accuracy float64, err error) {
	if m.e == nil {
		return 0, 0, errNotCompiled
	}
	if m.loss == nil {
		return 0, 0, errNoLoss
	}
	out := m.core[len(m.core)-1].Out
	if err := d.check(m.nodes[0].Out, out, m.loss); err != nil {
		return 0, 0, err
	}
	m.stage()
	sum, right := 0.0, 0
	for lo := 0; lo < d.Len(); lo += m.options.Batch {
		hi := min(lo+m.options.Batch, d.Len())
		y := m.scored[:(hi-lo)*out.Len()]
		if err := m.infer(y, d.samples(m.batchX, lo, hi), hi-lo, len(m.nodes)-len(m.core)); err != nil {
			return 0, 0, err
		}
		s, c := m.loss.Eval(m.e, nil, y, d.Y[lo:hi], out)
		sum += s
		right += c
	}
	return sum / float64(d.Len()), float64(right) / float64(d.Len()), nil
}

// infer runs one batch without the last skip steps.
func (m *Model) infer(dst, x []float32, n, skip int) error {
	p, err := m.inference(m.nodes, n)
	if err != nil {
		return err
	}
	defer p.release()
	return p.run(dst, x, 0, skip)
}

// stage makes the buffers that batches of a Dataset go through.
func (m *Model) stage() {
	if m.batchX == nil {
		m.batchX = make([]float32, m.options.Batch*m.nodes[0].Out.Len())
		m.batchY = make([]uint8, m.options.Batch)
		m.scored = make([]float32, m.options.Batch*m.core[len(m.core)-1].Out.Len())
	}
}

func overlap(a, b []float32) bool {
	if len(a) == 0 || len(b) == 0 {
		return false
	}
	a0, b0 := uintptr(unsafe.Pointer(&a[0])), uintptr(unsafe.Pointer(&b[0]))
	return a0 < b0+4*uintptr(len(b)) && b0 < a0+4*uintptr(len(a))
}
