package main

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/random"
	"github.com/simdconv/simdconv/net"
)

// run trains and prints the accuracy on the test images.
//
// It computes what net's Fit does, to the bit, but makes each batch when it is
// due: 60,000 images of 224x224x3 would take 36 GB at once.
func (t *training) run(ctx context.Context, images, test *imageSet) error {
	images, validation, err := t.split(images)
	if err != nil {
		return err
	}
	tier, err := kernels.BestTier()
	if err != nil {
		return err
	}
	batch := min(t.batch, images.len())
	model, err := t.begin(batch)
	if err != nil {
		return err
	}
	held := ""
	if validation != nil {
		held = fmt.Sprintf(", %d to validate with", validation.len())
	}
	if _, err := fmt.Fprintf(t.out, "%s: %d training images%s, %d test images\n",
		t.header(model, tier), images.len(), held, test.len()); err != nil {
		return err
	}
	f := fit{training: t, model: model, images: images, validation: validation, batch: batch}
	for f.epoch < t.epochs {
		if err := f.next(ctx); err != nil {
			return f.stopped(err)
		}
	}
	s, err := measure(ctx, model, test, batch)
	if err != nil {
		return f.stopped(err)
	}
	_, err = fmt.Fprintf(t.out, "Test - accuracy: %.4f - loss: %.4f\n", s.accuracy, s.loss)
	return err
}

// A fit is a training on its way.
type fit struct {
	*training
	model              *net.Model
	images, validation *imageSet // validation may be nil
	batch              int

	epoch   int  // epochs begun
	steps   int  // of the last epoch begun
	learned bool // something since the weights were saved
	saved   bool // the weights, at least once
}

// next trains for one epoch, saves the weights and validates them.
func (f *fit) next(ctx context.Context) error {
	order := make([]int, f.images.len())
	random.Key{Seed: f.seed, Stream: net.Stream("shuffle"), Step: uint64(f.epoch)}.Perm(order)
	f.epoch++
	f.steps = 0
	if _, err := fmt.Fprintf(f.out, "Epoch %d/%d\n", f.epoch, f.epochs); err != nil {
		return err
	}
	line := newProgress(f.out, f.terminal, f.stepsPerEpoch(), f.now)
	err := f.train(ctx, order, line)
	if err == nil {
		err = f.save()
	}
	var s *score
	if err == nil && f.validation != nil {
		s, err = measure(ctx, f.model, f.validation, f.batch)
	}
	if err != nil {
		return errors.Join(err, line.abandon())
	}
	return line.close(s)
}

func (f *fit) stepsPerEpoch() int { return (f.images.len() + f.batch - 1) / f.batch }

// train makes the steps of one epoch.
func (f *fit) train(ctx context.Context, order []int, line *progress) error {
	sum, right, seen := 0.0, 0, 0
	for x, labels := range f.images.batches(f.model.InputShape(), order, f.batch) {
		if ctx.Err() != nil {
			return errInterrupted
		}
		loss, correct, err := f.model.TrainStep(x, labels)
		if err != nil {
			return err
		}
		if math.IsNaN(loss) || math.IsInf(loss, 0) {
			f.learned = false // nothing worth keeping
			return fmt.Errorf("the loss is %v in step %d of epoch %d: try a smaller -rate", loss, f.steps+1, f.epoch)
		}
		f.learned = true
		f.steps++
		seen += len(labels)
		sum += loss * float64(len(labels))
		right += correct
		if err := line.step(f.steps, sum/float64(seen), float64(right)/float64(seen)); err != nil {
			return err
		}
	}
	return nil
}

// save writes the weights, if they have changed and there is a file for them.
func (f *fit) save() error {
	if f.weights == "" || !f.learned {
		return nil
	}
	if err := f.model.SaveWeights(f.weights); err != nil {
		return err
	}
	f.learned, f.saved = false, true
	return nil
}

// stopped keeps what was learned before an interruption and says where.
func (f *fit) stopped(err error) error {
	if !errors.Is(err, errInterrupted) {
		return err
	}
	if err := f.save(); err != nil {
		return fmt.Errorf("interrupted, and the weights could not be saved: %w", err)
	}
	where := fmt.Sprintf("in epoch %d/%d after step %d/%d", f.epoch, f.epochs, f.steps, f.stepsPerEpoch())
	switch {
	case f.saved:
		return fmt.Errorf("%w %s: the weights are in %s", errInterrupted, where, f.weights)
	case f.weights != "":
		return fmt.Errorf("%w %s: nothing was learned, %s is as it was", errInterrupted, where, f.weights)
	}
	return fmt.Errorf("%w %s: without -weights nothing was kept", errInterrupted, where)
}
