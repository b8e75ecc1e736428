package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/net"
)

// run trains and prints the accuracy on the test images.
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
	model, err := t.begin(batch, images.len())
	if err != nil {
		return err
	}
	held := ""
	if validation != nil {
		held = fmt.Sprintf(", %d to validate with", validation.len())
	}
	if _, err := fmt.Fprintf(t.out, "%s: %s%s, %s\n",
		t.header(model, tier), counted(images.len(), "training image"), held, counted(test.len(), "test image")); err != nil {
		return err
	}
	f := fit{training: t, ctx: ctx, model: model, batch: batch, at: net.Progress{Epoch: len(model.History()) + 1, Batches: (images.len() + batch - 1) / batch}}
	if err := f.train(images, validation); err != nil {
		return f.stopped(err)
	}
	s, err := measure(ctx, model, test, batch)
	if err != nil {
		return f.stopped(err)
	}
	_, err = fmt.Fprintf(t.out, "Test - accuracy: %.4f - loss: %.4f\n", s.accuracy, s.loss)
	return err
}

// A fit is a training on its way, and the callback that shows it and saves
// its weights.
type fit struct {
	*training
	ctx   context.Context
	model *net.Model
	batch int

	at      net.Progress
	line    *progress // nil between epochs
	learned bool      // something since the weights were saved
	saved   bool      // the weights, at least once
}

// train runs Fit. Samples are made when they are due: 60,000 images of
// 224x224x3 would take 36 GB at once.
func (f *fit) train(images, validation *imageSet) error {
	if f.ctx.Err() != nil {
		return errInterrupted
	}
	o := net.FitOptions{
		Epochs: f.epochs, Checkpoint: f.checkpoint, CheckpointSteps: f.checkpointSteps, Callbacks: []net.Callback{f},
	}
	if f.checkpoint != "" {
		o.Callbacks = append(o.Callbacks, newOrigin(f.model.InputShape(), f.batch, images, validation))
	}
	if validation != nil {
		o.Validation = validation.dataset(f.ctx, f.model.InputShape())
	}
	if f.patience > 0 {
		o.Callbacks = append(o.Callbacks, &net.EarlyStopping{Patience: f.patience, RestoreBest: true})
	}
	if f.schedule == "plateau" {
		o.Callbacks = append(o.Callbacks, &net.ReduceLROnPlateau{Patience: 2})
	}
	if f.curves != "" {
		o.Callbacks = append(o.Callbacks, &curves{path: f.curves})
	}
	if f.log != "" {
		log := &lateFile{path: f.log}
		defer log.Close()
		o.Callbacks = append(o.Callbacks, logs[extension(f.log)](log))
	}
	history, err := f.model.Fit(images.dataset(f.ctx, f.model.InputShape()), o)
	if errors.Is(err, errInterrupted) && f.checkpoint != "" {
		if err := f.model.SaveCheckpoint(f.checkpoint); err != nil {
			return fmt.Errorf("interrupted, and the checkpoint could not be saved: %w", err)
		}
	}
	if err == nil && len(history) < f.epochs {
		_, err = fmt.Fprintf(f.out, "Stopped after epoch %d/%d\n", len(history), f.epochs)
	}
	if err == nil {
		// Those of another epoch, perhaps, or of a checkpoint without one to come.
		f.learned = f.learned || f.patience > 0 || f.goesOn()
		err = f.save()
	}
	if err != nil && f.line != nil {
		err = errors.Join(err, f.line.abandon())
	}
	return err
}

// OnEpochBegin begins a line.
func (f *fit) OnEpochBegin(p net.Progress) error {
	f.at = p
	if _, err := fmt.Fprintf(f.out, "Epoch %d/%d\n", p.Epoch, p.Epochs); err != nil {
		return err
	}
	f.line = newProgress(f.out, f.terminal, p.Batches, f.now)
	f.line.first = p.Batch
	return nil
}

// OnBatch moves the line on.
func (f *fit) OnBatch(p net.Progress) error {
	f.at = p
	if math.IsNaN(p.Loss) || math.IsInf(p.Loss, 0) {
		f.learned = false // nothing worth keeping
		return fmt.Errorf("the loss is %v in step %d of epoch %d: try a smaller -rate", p.Loss, p.Batch, p.Epoch)
	}
	f.learned = true
	if err := f.line.step(p.Batch, p.Loss, p.Accuracy, p.Outputs...); err != nil {
		return err
	}
	if f.ctx.Err() != nil {
		return errInterrupted
	}
	return nil
}

// OnEpoch saves the weights and ends the line.
func (f *fit) OnEpoch(p net.Progress) error {
	if err := f.save(); err != nil {
		return err
	}
	var s *score
	if p.Validated {
		s = &score{loss: p.ValidationLoss, accuracy: p.ValidationAccuracy}
	}
	line := f.line
	f.line = nil
	return line.close(s, p.Outputs...)
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
	where := fmt.Sprintf("in epoch %d/%d after step %d/%d", f.at.Epoch, f.epochs, f.at.Batch, f.at.Batches)
	_, missing := os.Stat(f.checkpoint)
	switch {
	case f.checkpoint != "" && missing == nil:
		return fmt.Errorf("%w %s: -resume goes on from %s", errInterrupted, where, f.checkpoint)
	case f.saved:
		return fmt.Errorf("%w %s: the weights are in %s", errInterrupted, where, f.weights)
	case f.weights != "":
		return fmt.Errorf("%w %s: nothing was learned, %s is as it was", errInterrupted, where, f.weights)
	}
	return fmt.Errorf("%w %s: without -weights nothing was kept", errInterrupted, where)
}
