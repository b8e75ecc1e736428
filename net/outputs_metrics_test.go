package net

import (
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// Each of several outputs is reported as it is: with the loss and accuracy
// that a model has which has no other, before the weights of the losses; and
// the sum of the weighted ones is the model's.
func TestOutputMetrics(t *testing.T) {
	d := toy(11, Shape{8, 8, 1}, 4)
	weights := []float64{0.5, 2}
	fit := func(m *Model, d *Dataset, callbacks ...Callback) Progress {
		history, err := m.Fit(d, FitOptions{Epochs: 2, Validation: d.Slice(2, 9), Callbacks: callbacks})
		if err != nil || len(history) != 2 {
			t.Fatal(history, err)
		}
		return history[1]
	}
	var csv, lines strings.Builder
	both := compileHeads(t, twoHeads(t, Softmax, "main", "aux"), false, weights...)
	start := map[string][]float32{}
	for _, p := range both.params {
		start[p.Name] = slices.Clone(p.Data)
	}
	evaluated, err := both.EvaluateOutputs(d)
	if err != nil {
		t.Fatal(err)
	}
	for k, h := range []string{"main", "aux"} {
		one := compileHeads(t, twoHeads(t, Softmax, h), false, 3)
		for _, p := range one.params {
			if err := p.Set(start[p.Name]); err != nil {
				t.Fatal(err)
			}
		}
		want, err := one.EvaluateOutputs(d)
		if err != nil || len(want) != 1 || want[0] != evaluated[k] || want[0].Name != h {
			t.Errorf("output %d: %+v, a model of it alone has %+v, %v", k, evaluated[k], want, err)
		}
		if loss, accuracy, err := one.Evaluate(d); err != nil || math.Abs(loss-3*want[0].Loss) > 1e-6*loss || accuracy != want[0].Accuracy {
			t.Errorf("%s: loss %v, accuracy %v, %v; want three times %+v", h, loss, accuracy, err, want[0])
		}
	}

	p := fit(both, d, CSVLog(&csv), JSONLog(&lines))
	near := func(what string, got, want float64) {
		t.Helper()
		if !(math.Abs(got-want) <= 1e-6*want) {
			t.Errorf("%s is %v, want %v", what, got, want)
		}
	}
	o := p.Outputs
	if len(o) != 2 || o[0].Name != "main" || o[1].Name != "aux" {
		t.Fatalf("outputs %+v", o)
	}
	near("loss", p.Loss, weights[0]*o[0].Loss+weights[1]*o[1].Loss)
	near("val_loss", p.ValidationLoss, weights[0]*o[0].ValidationLoss+weights[1]*o[1].ValidationLoss)
	near("accuracy", p.Accuracy, o[0].Accuracy)
	near("val_accuracy", p.ValidationAccuracy, o[0].ValidationAccuracy)
	after, err := both.EvaluateOutputs(d.Slice(2, 9))
	if err != nil {
		t.Fatal(err)
	}
	for k := range o {
		if after[k].Loss != o[k].ValidationLoss || after[k].Accuracy != o[k].ValidationAccuracy {
			t.Errorf("validation of output %d: %+v, evaluated %+v", k, o[k], after[k])
		}
	}
	head, last := strings.SplitN(csv.String(), "\n", 2)[0], strings.Split(strings.TrimSpace(lines.String()), "\n")[1]
	if want := "epoch,loss,accuracy,val_loss,val_accuracy,learning_rate,main_loss,main_accuracy,val_main_loss,val_main_accuracy,aux_loss,aux_accuracy,val_aux_loss,val_aux_accuracy"; head != want {
		t.Errorf("header %s, want %s", head, want)
	}
	if want := fmt.Sprintf(`"main_loss":%v,"main_accuracy":%v,"val_main_loss":%v,`, o[0].Loss, o[0].Accuracy, o[0].ValidationLoss); !strings.Contains(last, want) {
		t.Errorf("line %s, want %s in it", last, want)
	}
	if want := "epoch,loss,accuracy,val_loss,val_accuracy,learning_rate,\"a,\"\"b\"\"_loss\""; !strings.HasPrefix(csvHeader([]OutputMetrics{{Name: `a,"b"`}}), want) {
		t.Errorf("header %s, want %s", csvHeader([]OutputMetrics{{Name: `a,"b"`}}), want)
	}
}

// A run of several outputs that goes on from a checkpoint in the middle of an
// epoch reports what it would have without the interruption.
func TestOutputMetricsResume(t *testing.T) {
	d := toy(11, Shape{8, 8, 1}, 4)
	build := func() *Model { return compileHeads(t, twoHeads(t, Softmax, "main", "aux"), false, 1, 0.3) }
	path := filepath.Join(t.TempDir(), "c")
	stop := errors.New("killed")
	interrupt := func(m *Model) Callback {
		return CallbackFuncs{Batch: func(p Progress) error {
			if p.Epoch < 2 {
				return nil
			}
			return errors.Join(m.SaveCheckpoint(path), stop)
		}}
	}
	o := FitOptions{Epochs: 3, Validation: d.Slice(0, 4)}
	whole := build()
	want, err := whole.Fit(d, o)
	if err != nil {
		t.Fatal(err)
	}
	killed := build()
	o.Callbacks = []Callback{interrupt(killed)}
	if _, err := killed.Fit(d, o); !errors.Is(err, stop) {
		t.Fatal(err)
	}
	again := build()
	if err := again.LoadCheckpoint(path); err != nil {
		t.Fatal(err)
	}
	o.Callbacks = nil
	if got, err := again.Fit(d, o); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("history %+v, %v, want %+v", got, err, want)
	}
	alone := compileHeads(t, twoHeads(t, Softmax, "main"), false)
	if err := alone.LoadCheckpoint(path); err == nil {
		t.Error("the checkpoint of two outputs was loaded by a model of one")
	}
}
