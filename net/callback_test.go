package net

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
)

func metric(t *testing.T, name string) Metric {
	t.Helper()
	for m := ValidationLoss; m <= TrainingAccuracy; m++ {
		if m.String() == name {
			return m
		}
	}
	t.Fatalf("no metric %s", name)
	return 0
}

// with returns an epoch whose every metric is v.
func with(epoch int, v float64) Progress {
	return Progress{Epoch: epoch, Loss: v, Accuracy: v, Validated: true, ValidationLoss: v, ValidationAccuracy: v}
}

// EarlyStopping stops where Keras's does and restores what Keras's restores:
// the weights are the number of the epoch.
func TestEarlyStopping(t *testing.T) {
	k := readTraining(t)
	if len(k.Stopping) < 8 {
		t.Fatalf("%d cases, want at least 8", len(k.Stopping))
	}
	for _, c := range k.Stopping {
		m := mustModel(t, Input(1), Dense{Units: 1, NoBias: true})
		s := &EarlyStopping{Monitor: metric(t, c.Monitor), Patience: c.Patience, MinDelta: c.MinDelta, RestoreBest: true}
		for range 2 { // the second time as if it were new
			if err := s.OnBegin(m); err != nil {
				t.Fatal(err)
			}
			epochs := 0
			for i, v := range c.Values {
				epochs++
				m.params[0].Data[0] = float32(i + 1)
				if err := s.OnEpoch(with(i+1, v)); errors.Is(err, ErrStop) {
					break
				} else if err != nil {
					t.Fatal(err)
				}
			}
			if err := s.OnEnd(); err != nil {
				t.Fatal(err)
			}
			best, _ := s.Best()
			if w := m.params[0].Data[0]; epochs != c.Epochs || w != c.Restored || float32(best) != w {
				t.Errorf("%+v: %d epochs, those of epoch %v restored, epoch %d the best", c, epochs, w, best)
			}
		}
	}
}

// ReduceLROnPlateau sets the rates that Keras's does.
func TestReduceLROnPlateau(t *testing.T) {
	k := readTraining(t)
	if len(k.Plateaus) < 5 {
		t.Fatalf("%d cases, want at least 5", len(k.Plateaus))
	}
	for _, c := range k.Plateaus {
		m := compiled(t, SGD{LearningRate: 1}, Options{}, toyNetwork()...)
		s := &ReduceLROnPlateau{
			Monitor: metric(t, c.Monitor), Factor: c.Factor, Patience: c.Patience, MinDelta: c.MinDelta, Cooldown: c.Cooldown, MinRate: c.MinRate,
		}
		if err := s.OnBegin(m); err != nil {
			t.Fatal(err)
		}
		for i, v := range c.Values {
			if err := s.OnEpoch(with(i+1, v)); err != nil {
				t.Fatal(err)
			}
			if got, want := m.LearningRate(), c.Rates[i]; math.Abs(got-want) > 1e-6*want {
				t.Errorf("%+v: rate %v after epoch %d, want %v", c, got, i+1, want)
			}
		}
	}
}

func TestCallbackErrors(t *testing.T) {
	d := toy(8, Shape{8, 8, 1}, 4)
	schedule := ExponentialDecay{0.1, 10, 0.5, false}
	for _, c := range []struct {
		c    Callback
		opt  Optimizer
		want string
	}{
		{&EarlyStopping{}, SGD{}, "EarlyStopping watches val_loss, but there is no validation data"},
		{&EarlyStopping{Monitor: ValidationAccuracy}, SGD{}, "val_accuracy"},
		{&EarlyStopping{Monitor: 4}, SGD{}, "EarlyStopping: Monitor = 4"},
		{&EarlyStopping{Patience: -1}, SGD{}, "Patience = -1"},
		{&EarlyStopping{MinDelta: -1}, SGD{}, "MinDelta = -1"},
		{&EarlyStopping{MinDelta: math.NaN()}, SGD{}, "MinDelta = NaN"},
		{&ReduceLROnPlateau{}, SGD{}, "ReduceLROnPlateau watches val_loss, but there is no"},
		{&ReduceLROnPlateau{Monitor: -1}, SGD{}, "ReduceLROnPlateau: Monitor = -1"},
		{&ReduceLROnPlateau{Factor: 1}, SGD{}, "Factor = 1"},
		{&ReduceLROnPlateau{MinRate: -1}, SGD{}, "MinRate = -1"},
		{&ReduceLROnPlateau{MinDelta: -1}, SGD{}, "MinDelta = -1"},
		{&ReduceLROnPlateau{Cooldown: -1}, SGD{}, "Cooldown = -1"},
		{&ReduceLROnPlateau{}, SGD{Schedule: schedule}, "the optimizer has a Schedule"},
	} {
		m := compiled(t, c.opt, Options{Batch: 8}, toyNetwork()...)
		_, err := m.Fit(d, FitOptions{Callbacks: []Callback{c.c}})
		wantError(t, c.want, err, c.want)
	}
	m := compiled(t, SGD{}, Options{Batch: 8}, toyNetwork()...)
	nested := CallbackFuncs{Batch: func(Progress) error { _, err := m.Fit(d, FitOptions{}); return err }}
	_, err := m.Fit(d, FitOptions{Callbacks: []Callback{nested}})
	if !errors.Is(err, errRunning) {
		t.Errorf("Fit within Fit: %v", err)
	}
	for _, c := range []Callback{
		CallbackFuncs{Batch: func(Progress) error { return m.Compile(nil, nil, Options{}) }},
		&starter{begin: func() error { return m.Compile(nil, nil, Options{}) }},
		&starter{begin: func() error { _, err := m.Fit(d, FitOptions{}); return err }},
	} {
		if _, err := m.Fit(d, FitOptions{Callbacks: []Callback{c}}); !errors.Is(err, errRunning) {
			t.Errorf("Compile or Fit within Fit: %v", err)
		}
	}
	if _, err := m.Fit(d, FitOptions{}); err != nil {
		t.Errorf("Fit after that: %v", err)
	}
}

// A starter calls a function when Fit begins.
type starter struct {
	CallbackFuncs
	begin func() error
}

func (c *starter) OnBegin(*Model) error { return c.begin() }
func (c *starter) OnEnd() error         { return nil }

// Without RestoreBest the weights are the last ones, and nothing is copied.
func TestEarlyStoppingKeeps(t *testing.T) {
	d := toy(8, Shape{8, 8, 1}, 4)
	m := compiled(t, SGD{LearningRate: 1e-9}, Options{Batch: 8, Seed: 1}, toyNetwork()...)
	s := &EarlyStopping{Monitor: TrainingLoss, Patience: 2, MinDelta: 10}
	history, err := m.Fit(d, FitOptions{Epochs: 9, Callbacks: []Callback{s}})
	if err != nil || len(history) != 3 || s.weights != nil || m.steps != 3 {
		t.Errorf("%d epochs, %d steps, %v; want 3, 3", len(history), m.steps, err)
	}
}

func TestLogs(t *testing.T) {
	d := toy(8, Shape{8, 8, 1}, 4)
	for _, validation := range []*Dataset{nil, d} {
		var csv, lines strings.Builder
		m := compiled(t, Adam{}, Options{Batch: 8, Seed: 1}, toyNetwork()...)
		history, err := m.Fit(d, FitOptions{Epochs: 2, Validation: validation, Callbacks: []Callback{CSVLog(&csv), JSONLog(&lines)}})
		if err != nil {
			t.Fatal(err)
		}
		wantCSV, wantLines := "epoch,loss,accuracy,val_loss,val_accuracy,learning_rate\n", ""
		for _, p := range history {
			wantCSV += csvLine(p)
			wantLines += jsonLine(p)
		}
		if csv.String() != wantCSV || lines.String() != wantLines {
			t.Errorf("logs\n%s%s\nwant\n%s%s", csv.String(), lines.String(), wantCSV, wantLines)
		}
	}
	p := Progress{Epoch: 3, Loss: 0.5, Accuracy: math.NaN(), LearningRate: 1e-3}
	if got, want := csvLine(p), "3,0.5,NaN,,,0.001\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := jsonLine(p), `{"epoch":3,"loss":0.5,"accuracy":null,"learning_rate":0.001}`+"\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	p.Validated, p.ValidationLoss, p.ValidationAccuracy = true, 1e-7, 1
	if got, want := csvLine(p), "3,0.5,NaN,1e-07,1,0.001\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := jsonLine(p), `{"epoch":3,"loss":0.5,"accuracy":null,"val_loss":1e-07,"val_accuracy":1,"learning_rate":0.001}`+"\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	m := compiled(t, Adam{}, Options{Batch: 8, Seed: 1}, toyNetwork()...)
	_, err := m.Fit(d, FitOptions{Callbacks: []Callback{CSVLog(&fullDisk{&strings.Builder{}, 60})}})
	if !errors.Is(err, errDiskFull) {
		t.Errorf("a full disk: %v", err)
	}
}

// A witness is told of everything, and notes it.
type witness struct{ notes []string }

func (w *witness) note(format string, args ...any) error {
	w.notes = append(w.notes, fmt.Sprintf(format, args...))
	return nil
}

func (w *witness) OnBegin(*Model) error          { return w.note("begin") }
func (w *witness) OnEpochBegin(p Progress) error { return w.note("epoch %d at %d", p.Epoch, p.Batch) }
func (w *witness) OnBatch(p Progress) error      { return w.note("batch %d", p.Batch) }
func (w *witness) OnEpoch(p Progress) error      { return w.note("epoch %d done", p.Epoch) }
func (w *witness) OnEnd() error                  { return w.note("end") }

// Callbacks hear of everything in its order, from a checkpoint too.
func TestCallbackOrder(t *testing.T) {
	d := toy(8, Shape{8, 8, 1}, 4)
	m := compiled(t, SGD{}, Options{Batch: 4, Seed: 1}, toyNetwork()...)
	var w witness
	if _, err := m.Fit(d, FitOptions{Epochs: 2, Callbacks: []Callback{&w, &recorder{err: errKilled, atBatch: 3}}}); err != errKilled {
		t.Fatal(err)
	}
	want := "begin, epoch 1 at 0, batch 1, batch 2, epoch 1 done, epoch 2 at 0, batch 1"
	if got := strings.Join(w.notes, ", "); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	again := compiled(t, SGD{}, Options{Batch: 4, Seed: 1}, toyNetwork()...)
	if err := again.ReadCheckpoint(bytes.NewReader(checkpointed(t, m))); err != nil {
		t.Fatal(err)
	}
	// A callback that refuses to begin leaves the checkpoint for another try.
	_, err := again.Fit(d, FitOptions{Epochs: 2, Callbacks: []Callback{&EarlyStopping{Patience: -1}}})
	wantError(t, "a bad callback", err, "Patience = -1")
	w = witness{}
	if _, err := again.Fit(d, FitOptions{Epochs: 2, Callbacks: []Callback{&w}}); err != nil {
		t.Fatal(err)
	}
	want = "begin, epoch 2 at 1, batch 2, epoch 2 done, end"
	if got := strings.Join(w.notes, ", "); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
