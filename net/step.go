package net

import (
	"errors"
	"fmt"
	"math"
	"unsafe"
)

// TrainStep makes one step of training on the samples x, one after another,
// with one label each: forward, backward, and one update of every parameter.
// It returns the mean loss before the update, the weighted sum over all
// outputs, and how many samples the first output had right.
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
	if err := m.checkLabels(labels); err != nil {
		return 0, 0, err
	}
	rate := m.LearningRate()
	if err := checkRange("training", "the learning rate", rate, 0, math.MaxFloat32); err != nil {
		return 0, 0, err
	}
	if err := m.checkTrainable(); err != nil {
		return 0, 0, err
	}
	p, err := m.training(n)
	if err != nil {
		return 0, 0, err
	}
	defer p.release()
	number := uint64(m.steps) + 1
	if err := p.run(nil, x, number, 0); err != nil {
		return 0, 0, err
	}
	sum, correct := m.score(p.dout, p.out, labels)
	if err := p.runBackward(m.e, number); err != nil {
		return 0, 0, err
	}
	m.steps++
	for i, q := range m.params {
		if q.Trainable {
			m.opt.Update(m.e, q, m.slots[i], float32(rate), m.steps)
			q.Changed()
		}
	}
	return sum / float64(n), correct, nil
}

// checkTrainable reports a parameter that training is not planned for.
func (m *Model) checkTrainable() error {
	for i, p := range m.params {
		if p.Trainable != (m.slots[i] != nil) {
			return fmt.Errorf("net: %s: Trainable is %v, but was not when the model was compiled: call Compile again", p.Name, p.Trainable)
		}
	}
	return nil
}

// Predict writes the model's output for the samples x to dst, which must not
// overlap x. Any number of samples is taken, in batches of the compiled size
// and a last partial one.
func (m *Model) Predict(dst, x []float32) error {
	if m.e == nil {
		return errNotCompiled
	}
	in, out := m.nodes[0].Out, m.nodes[m.outputs[0]].Out
	if err := checkPredict(dst, x, in, out); err != nil {
		return err
	}
	n := len(x) / in.Len()
	for lo := 0; lo < n; lo += m.options.Batch {
		hi := min(lo+m.options.Batch, n)
		if err := m.infer(&m.infers, m.main, dst[lo*out.Len():hi*out.Len()], x[lo*in.Len():hi*in.Len()], hi-lo, 0); err != nil {
			return err
		}
	}
	return nil
}

func checkPredict(dst, x []float32, in, out Shape) error {
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
	return nil
}

// Evaluate returns the mean loss, the weighted sum over all outputs, and the
// share of samples that the first output has right.
func (m *Model) Evaluate(d *Dataset) (loss, accuracy float64, err error) {
	a, err := m.evaluate(d)
	if err != nil {
		return 0, 0, err
	}
	return a.loss(), a.accuracy(), nil
}

// evaluate returns a tally that is valid until the next one.
func (m *Model) evaluate(d *Dataset) (tally, error) {
	if m.e == nil {
		return tally{}, errNotCompiled
	}
	if m.loss == nil {
		return tally{}, errNoLoss
	}
	if err := m.checkData(d); err != nil {
		return tally{}, err
	}
	if m.scored == nil {
		m.scored = make([]float32, m.options.Batch*m.total)
	}
	infers, nodes := &m.infers, m.main
	if len(m.heads) > 1 {
		infers, nodes = &m.evals, m.core
	}
	clear(m.evaluated)
	a := tally{heads: m.evaluated}
	score := func(x []float32, labels []uint8) error {
		y := m.scored[:len(labels)*m.total]
		if err := m.infer(infers, nodes, y, x, len(labels), len(nodes)-len(m.core)); err != nil {
			return err
		}
		sum, right := m.score(nil, y, labels)
		a.add(&m.trainer, len(labels), sum, right)
		return nil
	}
	if d.Sample == nil && d.X != nil {
		for lo := 0; lo < d.Len(); lo += m.options.Batch { // without a copy
			hi := min(lo+m.options.Batch, d.Len())
			if err := score(d.X[lo*d.Size:hi*d.Size], d.Y[lo:hi]); err != nil {
				return tally{}, err
			}
		}
	} else if err := m.feed(&m.tests, d, m.natural(d.Len()), 0, score); err != nil {
		return tally{}, err
	}
	return a, nil
}

// checkData reports a data set that does not fit the model and its loss.
func (m *Model) checkData(d *Dataset) error {
	if err := d.check(m.nodes[0].Out); err != nil {
		return err
	}
	return m.checkLabels(d.Y)
}

func (m *Model) checkLabels(labels []uint8) error {
	for _, h := range m.heads {
		if err := m.loss.CheckLabels(labels, h.out); err != nil {
			return err
		}
	}
	return nil
}

// infer runs one batch of nodes without the last skip steps.
func (m *Model) infer(ps *programs, nodes []*Node, dst, x []float32, n, skip int) error {
	p, err := m.inference(ps, nodes, n)
	if err != nil {
		return err
	}
	defer p.release()
	return p.run(dst, x, 0, skip)
}

func overlap(a, b []float32) bool {
	if len(a) == 0 || len(b) == 0 {
		return false
	}
	a0, b0 := uintptr(unsafe.Pointer(&a[0])), uintptr(unsafe.Pointer(&b[0]))
	return a0 < b0+4*uintptr(len(b)) && b0 < a0+4*uintptr(len(a))
}
