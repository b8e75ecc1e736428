package net

import (
	"errors"
	"reflect"
	"testing"
)

// lazy returns d with its samples made when they are due. calls counts them.
func lazy(d *Dataset, calls *int) *Dataset {
	return &Dataset{Y: d.Y, Size: d.Size, Sample: func(dst []float32, i int) error {
		*calls++
		copy(dst, d.X[i*d.Size:(i+1)*d.Size])
		return nil
	}}
}

// Samples made when they are due train what samples in memory train.
func TestSample(t *testing.T) {
	d := toy(23, Shape{8, 8, 1}, 4)
	calls := 0
	o := FitOptions{Epochs: 3, ValidationSplit: 0.3}
	a, b := compiled(t, Adam{}, Options{Batch: 5, Seed: 1}, toyNetwork()...), compiled(t, Adam{}, Options{Batch: 5, Seed: 1}, toyNetwork()...)
	want, err := a.Fit(d, o)
	if err != nil {
		t.Fatal(err)
	}
	// A callback may evaluate while the next batch is made.
	evaluate := CallbackFuncs{Batch: func(Progress) error { _, _, err := b.Evaluate(lazy(d, new(int))); return err }}
	o.Callbacks = []Callback{evaluate}
	got, err := b.Fit(lazy(d, &calls), o)
	if err != nil || !reflect.DeepEqual(got, want) || calls != 3*23 {
		t.Errorf("history %+v, %v, want %+v; %d samples made, want 69", got, err, want, calls)
	}
}

// The error of a sample ends what asked for it, in whatever batch; an end
// elsewhere waits for the batch that is being made.
func TestSampleErrors(t *testing.T) {
	d := toy(23, Shape{8, 8, 1}, 4)
	broken := errors.New("broken")
	m := compiled(t, Adam{}, Options{Batch: 5, Seed: 1}, toyNetwork()...)
	for bad := range 23 {
		s := lazy(d, new(int))
		read := s.Sample
		s.Sample = func(dst []float32, i int) error {
			if i == bad {
				return broken
			}
			return read(dst, i)
		}
		if _, err := m.Fit(s, FitOptions{}); !errors.Is(err, broken) {
			t.Errorf("sample %d: %v", bad, err)
		}
		_, _, err := m.Evaluate(s)
		if !errors.Is(err, broken) {
			t.Errorf("sample %d: %v", bad, err)
		}
		wantError(t, "number", err, "net: sample ")
	}
	for at := 1; at <= 5; at++ {
		if _, err := m.Fit(lazy(d, new(int)), FitOptions{Callbacks: []Callback{&recorder{err: broken, atBatch: at}}}); !errors.Is(err, broken) {
			t.Errorf("ended in batch %d: %v", at, err)
		}
	}
	both := lazy(d, new(int))
	both.X = d.X
	_, err := m.Fit(both, FitOptions{})
	wantError(t, "both", err, "with Sample and X or Pixels")
}
