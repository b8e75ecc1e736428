package net

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// An apprenticeship is a small run with everything a checkpoint has to keep:
// moving averages, dropout, a partial batch, four epochs of three, a rate that falls and weights to
// restore.
type apprenticeship struct {
	m    *Model
	log  strings.Builder
	data *Dataset
	o    FitOptions
}

func newApprenticeship(t testing.TB, opt Optimizer) *apprenticeship {
	a := &apprenticeship{data: toy(16, Shape{4, 4, 1}, 3)}
	a.m = compiled(t, opt, Options{Batch: 5, Seed: 7, Threads: 1},
		Input(4, 4, 1), Conv2D{Filters: 3, KernelSize: 3, NoBias: true}, BatchNormalization{}, ReLU,
		Flatten{}, Dropout{Rate: 0.3}, Dense{Units: 3, Activation: Softmax})
	a.o = FitOptions{Epochs: 4, ValidationSplit: 0.2, Callbacks: []Callback{
		&EarlyStopping{Monitor: ValidationAccuracy, Patience: 9, RestoreBest: true},
		&ReduceLROnPlateau{Patience: 1, MinDelta: 0.3, Factor: 0.5},
		CSVLog(&a.log),
	}}
	return a
}

// everything returns all numbers of the model as text.
func (a *apprenticeship) everything() string {
	var b strings.Builder
	for i, p := range a.m.params {
		fmt.Fprintln(&b, p.Name, p.Data, a.m.slots[i])
	}
	fmt.Fprintln(&b, a.m.steps, a.m.epochs, a.m.LearningRate())
	return b.String()
}

var errKilled = errors.New("killed")

// A run that ends after any batch goes on from its last checkpoint, in a new
// model, to the bits of a run that did not end.
func TestCheckpointResumes(t *testing.T) {
	all := []int{2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}
	for _, c := range []struct {
		opt   Optimizer
		steps int // between checkpoints within an epoch
		after []int
	}{
		{Adam{}, 1, all}, {Adam{}, 2, []int{3, 5, 6, 9}}, {Adam{}, 0, []int{4, 8, 12}},
		{SGD{}, 1, []int{8}}, {SGD{Momentum: 0.9}, 1, []int{8}}, {RMSprop{Momentum: 0.9, Centered: true}, 1, []int{8}}, {AdamW{}, 1, []int{8}},
	} {
		whole := newApprenticeship(t, c.opt)
		history, err := whole.m.Fit(whole.data, whole.o)
		if err != nil || len(history) != 4 {
			t.Fatalf("%d epochs, %v", len(history), err)
		}
		for _, k := range c.after {
			path := filepath.Join(t.TempDir(), "c")
			a := newApprenticeship(t, c.opt)
			a.o.Checkpoint, a.o.CheckpointSteps = path, c.steps
			a.o.Callbacks = append(a.o.Callbacks, &recorder{err: errKilled, atBatch: k})
			if _, err := a.m.Fit(a.data, a.o); !errors.Is(err, errKilled) {
				t.Fatal(err)
			}
			b := newApprenticeship(t, c.opt)
			if err := b.m.LoadCheckpoint(path); err != nil {
				t.Fatal(err)
			}
			got, err := b.m.Fit(b.data, b.o)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, history) || !reflect.DeepEqual(b.m.History(), history) {
				t.Errorf("%T, ended in batch %d: history %+v, want %+v", c.opt, k, got, history)
			}
			if got, want := b.everything(), whole.everything(); got != want {
				t.Errorf("%T, ended in batch %d:\n%s\nwant\n%s", c.opt, k, got, want)
			}
			if got, want := b.log.String(), whole.log.String(); got != want {
				t.Errorf("%T, ended in batch %d: log\n%s\nwant\n%s", c.opt, k, got, want)
			}
		}
	}
}

// A run that a callback has stopped stays so; one that came to its end has
// only what is added to it to do.
func TestCheckpointOfTheEnd(t *testing.T) {
	for _, atEpoch := range []int{0, 2} {
		path := filepath.Join(t.TempDir(), "c")
		a := newApprenticeship(t, Adam{})
		a.o.Checkpoint = path
		a.o.Callbacks = append(a.o.Callbacks, &recorder{err: ErrStop, atEpoch: atEpoch})
		history, err := a.m.Fit(a.data, a.o)
		if err != nil {
			t.Fatal(err)
		}
		b := newApprenticeship(t, Adam{})
		if err := b.m.LoadCheckpoint(path); err != nil {
			t.Fatal(err)
		}
		got, err := b.m.Fit(b.data, b.o)
		if err != nil || !reflect.DeepEqual(got, history) || b.everything() != a.everything() {
			t.Errorf("stopped after epoch %d: %d epochs, %v, want the %d that were done", atEpoch, len(got), err, len(history))
		}
		if atEpoch == 0 {
			c := newApprenticeship(t, Adam{})
			if err := c.m.LoadCheckpoint(path); err != nil {
				t.Fatal(err)
			}
			c.o.Epochs = 6
			if got, err := c.m.Fit(c.data, c.o); err != nil || len(got) != 6 || !reflect.DeepEqual(got[:4], history) {
				t.Errorf("%d epochs, %v, want 6", len(got), err)
			}
		}
	}
}

// A checkpoint made by hand, outside Fit, has no run; one made after an
// interruption has.
func TestCheckpointByHand(t *testing.T) {
	whole := newApprenticeship(t, Adam{})
	history, err := whole.m.Fit(whole.data, whole.o)
	if err != nil {
		t.Fatal(err)
	}
	a := newApprenticeship(t, Adam{})
	a.o.Callbacks = append(a.o.Callbacks, &recorder{err: errKilled, atBatch: 5})
	if _, err := a.m.Fit(a.data, a.o); !errors.Is(err, errKilled) {
		t.Fatal(err)
	}
	first := checkpointed(t, a.m)
	b := newApprenticeship(t, Adam{})
	if err := b.m.ReadCheckpoint(bytes.NewReader(first)); err != nil {
		t.Fatal(err)
	}
	if again := checkpointed(t, b.m); !bytes.Equal(again, first) {
		t.Error("a checkpoint that was loaded is written otherwise")
	}
	if got, err := b.m.Fit(b.data, b.o); err != nil || !reflect.DeepEqual(got, history) || b.everything() != whole.everything() {
		t.Errorf("history %+v, %v, want %+v", got, err, history)
	}
	c := newApprenticeship(t, Adam{})
	if err := c.m.ReadCheckpoint(bytes.NewReader(checkpointed(t, b.m))); err != nil {
		t.Fatal(err)
	}
	if c.m.resume || c.everything() != b.everything() {
		t.Error("a finished Fit is to go on")
	}
	if got, err := c.m.Fit(c.data, c.o); err != nil || len(got) != 4 || got[0].Epoch != 1 || c.m.epochs != 8 {
		t.Errorf("%d epochs, %d since Compile, %v, want 4 new ones", len(got), c.m.epochs, err)
	}
}

// A noter is a callback that remembers what it is given.
type noter[T any] struct {
	CallbackFuncs
	numbers map[string]float64
	_       T
}

func (c *noter[T]) State() State           { return State{Numbers: c.numbers} }
func (c *noter[T]) SetState(v State) error { c.numbers = v.Numbers; return nil }

// A state that could not be read back is an error when it is saved.
func TestCheckpointState(t *testing.T) {
	plain := func(name string) Callback { return &noter[int]{numbers: map[string]float64{name: 1}} }
	many := make([]Callback, maxStates+1)
	for i := range many {
		many[i] = plain("a")
	}
	for _, c := range []struct {
		want      string
		callbacks []Callback
	}{
		{"", many[:maxStates:maxStates]},
		{"65 callbacks with a state, want at most 64", many},
		{`a number named "a b", want`, []Callback{plain("a b")}},
		{`a number named " a", want`, []Callback{plain(" a")}},
		{`a number named "a=b", want`, []Callback{plain("a=b")}},
		{`a number named "", want`, []Callback{plain("")}},
		{"of type ...without spaces", []Callback{&noter[struct{ a int }]{}}},
	} {
		a := newApprenticeship(t, SGD{})
		a.o = FitOptions{Callbacks: append(c.callbacks, CallbackFuncs{Batch: func(Progress) error { return errKilled }})}
		if _, err := a.m.Fit(a.data, a.o); !errors.Is(err, errKilled) {
			t.Fatal(err)
		}
		var b bytes.Buffer
		err := a.m.WriteCheckpoint(&b)
		if c.want != "" {
			wantError(t, c.want, err, c.want)
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := a.m.ReadCheckpoint(&b); err != nil {
			t.Error(err)
		}
	}
}
