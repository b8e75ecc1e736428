package net

import (
	"errors"
	"fmt"

	"github.com/simdconv/simdconv/kernels"
)

// A Loss compares a model's output with labels.
type Loss interface {
	// Attach checks the loss against the model's output shape and whether the
	// model ends in a softmax, and says whether the loss takes the softmax's
	// place in training and evaluation.
	Attach(out Shape, softmax bool) (fused bool, err error)
	// CheckLabels reports a label that the output cannot have.
	CheckLabels(labels []uint8, out Shape) error
	// Eval returns the sum of the loss over the samples and how many of them
	// are right, and writes the gradient of the mean loss to dy unless it is
	// nil. y has the samples one after another.
	Eval(e *kernels.Engine, dy, y []float32, labels []uint8, out Shape) (sum float64, correct int)
}

// SparseCategoricalCrossentropy is -log p[label], the mean over the batch, of
// a model whose output p are the probabilities of its classes.
//
// A softmax at the model's end is fused with it: training and evaluation work
// on the logits, loss = log(sum(exp(z))) - z[label], whose gradient is
// (softmax(z) - onehot) / batch. Without a softmax at the end, FromLogits must
// say that the output are logits.
type SparseCategoricalCrossentropy struct {
	FromLogits bool
}

// Attach implements Loss.
func (l SparseCategoricalCrossentropy) Attach(out Shape, softmax bool) (bool, error) {
	if len(out) != 1 {
		return false, fmt.Errorf("net: cross-entropy: the model's output shape is %v, want a vector [classes]", out)
	}
	if l.FromLogits && softmax {
		return false, errors.New("net: cross-entropy: FromLogits is set, but the model ends in a softmax: remove one of them")
	}
	if !l.FromLogits && !softmax {
		return false, errors.New("net: cross-entropy: the model does not end in a softmax: add one, or set FromLogits")
	}
	return softmax, nil
}

// CheckLabels implements Loss.
func (SparseCategoricalCrossentropy) CheckLabels(labels []uint8, out Shape) error {
	for i, label := range labels {
		if int(label) >= out[0] {
			return fmt.Errorf("net: label %d of sample %d is out of range, want 0 to %d", label, i, out[0]-1)
		}
	}
	return nil
}

// Eval implements Loss.
func (SparseCategoricalCrossentropy) Eval(e *kernels.Engine, dy, y []float32, labels []uint8, out Shape) (float64, int) {
	return e.CrossEntropy(dy, y, labels, out[0])
}
