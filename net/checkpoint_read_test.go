package net

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/simdconv/simdconv/net/safetensors"
)

func checkpointed(t testing.TB, m *Model) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := m.WriteCheckpoint(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// interrupted returns the checkpoint of a Fit that ended within an epoch.
func interrupted(t testing.TB) []byte {
	t.Helper()
	a := newApprenticeship(t, Adam{})
	a.o.Callbacks = append(a.o.Callbacks, &recorder{err: errKilled, atBatch: 5})
	if _, err := a.m.Fit(a.data, a.o); !errors.Is(err, errKilled) {
		t.Fatal(err)
	}
	return checkpointed(t, a.m)
}

// altered returns the checkpoint with other metadata.
func altered(t testing.TB, file []byte, key, old, value string) []byte {
	t.Helper()
	f, err := safetensors.Read(bytes.NewReader(file), safetensors.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(f.Metadata[key], old) {
		t.Fatalf("%s is %q, without %q", key, f.Metadata[key], old)
	}
	if f.Metadata[key] = strings.Replace(f.Metadata[key], old, value, 1); value == "" && f.Metadata[key] == "" {
		delete(f.Metadata, key)
	}
	return sealed(t, f)
}

// sealed returns a checkpoint with its checksum.
func sealed(t testing.TB, f *safetensors.File) []byte {
	t.Helper()
	if f.Metadata == nil {
		f.Metadata = map[string]string{}
	}
	f.Metadata[sumKey] = checksum(f.Metadata, f.Tensors)
	var b bytes.Buffer
	if err := safetensors.Write(&b, f); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// What does not fit is refused before anything changes.
func TestCheckpointErrors(t *testing.T) {
	good := interrupted(t)
	dense := compiled(t, Adam{}, Options{Batch: 5, Seed: 7}, Input(2), Dense{Units: 3, Activation: Softmax})
	var weights bytes.Buffer
	if err := newApprenticeship(t, Adam{}).m.WriteWeights(&weights); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		want string
		file []byte
	}{
		{`checkpoint: the format is "simdconv", want "simdconv checkpoint 2"`, weights.Bytes()},
		{`the format is ""`, altered(t, good, "format", checkpointFormat, "")},
		{"missing conv2d/kernel...; dense/kernel: file has", checkpointed(t, dense)},
		{`it was made with the optimizer "net.SGD", the model has "net.Adam"`, altered(t, good, "optimizer", "net.Adam", "net.SGD")},
		{`it was made with seed "8", the model was compiled with "7"`, altered(t, good, "seed", "7", "8")},
		{"counters: no steps", altered(t, good, "model", "steps=5", "")},
		{"counters: steps is -1, want a whole number", altered(t, good, "model", "steps=5", "steps=-1")},
		{"counters: epochs is 1.5", altered(t, good, "model", "epochs=2", "epochs=1.5")},
		{"counters: epochs is NaN", altered(t, good, "model", "epochs=2", "epochs=NaN")},
		{"counters: steps is 1e+300", altered(t, good, "model", "steps=5", "steps=1e300")},
		{`counters: "steps", want NAME=NUMBER`, altered(t, good, "model", "steps=5", "steps")},
		{"rate = -1, want at least 0", altered(t, good, "model", "steps=5", "steps=5 rate=-1")},
		{"rate = NaN, want at least 0", altered(t, good, "model", "steps=5", "steps=5 rate=NaN")},
		{"run: no sum", altered(t, good, "run", "sum=", "some=")},
		{"run: open is 2, want 0 or 1", altered(t, good, "run", "open=1", "open=2")},
		{"within an epoch of batches of 6, the model was compiled for 5", altered(t, good, "run", "step=5", "step=6")},
		{"made in epoch 3, but has a history of 1", altered(t, good, "run", "epoch=2", "epoch=3")},
		{"history of epoch 1: no loss", altered(t, good, "history", " loss=", " l=")},
		{`callback 0: "best", want NAME=NUMBER`, altered(t, good, "callback/0", "best=", "best ")},
		{"conv2d/kernel: file has ", altered(t, checkpointed(t, otherShape(t)), "seed", "7", "7")},
	} {
		a := newApprenticeship(t, Adam{})
		before := a.everything()
		wantError(t, c.want, a.m.ReadCheckpoint(bytes.NewReader(c.file)), c.want)
		if a.everything() != before || a.m.resume {
			t.Errorf("%s: the model changed", c.want)
		}
	}
	// What only Fit can see.
	for _, c := range []struct {
		want   string
		file   []byte
		change func(a *apprenticeship)
	}{
		{"after batch 2 of 3 and 10 samples, which 16 samples in batches of 5 do not have", good, func(a *apprenticeship) { a.o.ValidationSplit = 0 }},
		{"after batch 4 of 3", altered(t, good, "run", "batch=2", "batch=4"), func(*apprenticeship) {}},
		{"state of a *net.ReduceLROnPlateau, want one more among the callbacks", good, func(a *apprenticeship) { a.o.Callbacks = a.o.Callbacks[:1] }},
		{"callback 0: EarlyStopping: no wait", altered(t, good, "callback/0", "wait=", "w="), func(*apprenticeship) {}},
		{"callback 0: EarlyStopping: epoch is -1", altered(t, good, "callback/0", "epoch=1", "epoch=-1"), func(*apprenticeship) {}},
		{"callback 1: ReduceLROnPlateau: no wait", altered(t, good, "callback/1", "wait=", "w="), func(*apprenticeship) {}},
	} {
		a := newApprenticeship(t, Adam{})
		if err := a.m.ReadCheckpoint(bytes.NewReader(c.file)); err != nil {
			t.Fatal(err)
		}
		c.change(a)
		before := a.everything()
		_, err := a.m.Fit(a.data, a.o)
		wantError(t, c.want, err, c.want)
		if a.everything() != before {
			t.Errorf("%s: the model changed", c.want)
		}
	}
	only := compiled(t, nil, Options{}, toyNetwork()...)
	for _, err := range []error{only.WriteCheckpoint(io.Discard), only.ReadCheckpoint(bytes.NewReader(good))} {
		if !errors.Is(err, errNoCheckpoint) {
			t.Errorf("a model that cannot train: %v", err)
		}
	}
	a := newApprenticeship(t, Adam{})
	a.o.Callbacks = []Callback{CallbackFuncs{Batch: func(Progress) error { return a.m.ReadCheckpoint(bytes.NewReader(good)) }}}
	if _, err := a.m.Fit(a.data, a.o); !errors.Is(err, errRunning) {
		t.Errorf("within Fit: %v", err)
	}
	for _, o := range []FitOptions{{CheckpointSteps: -1}, {CheckpointSteps: 1}, {Checkpoint: "x", CheckpointSteps: -1}} {
		_, err := a.m.Fit(a.data, o)
		wantError(t, "steps", err, "CheckpointSteps = ")
	}
	_, err := a.m.Fit(a.data, FitOptions{Checkpoint: filepath.Join(t.TempDir(), "none", "c")})
	wantError(t, "no folder", err, "no such file")
	wantError(t, "no file", a.m.LoadCheckpoint(filepath.Join(t.TempDir(), "none")), "no such file")
}

func otherShape(t *testing.T) *Model {
	return compiled(t, Adam{}, Options{Batch: 5, Seed: 7, Threads: 1},
		Input(4, 4, 1), Conv2D{Filters: 3, KernelSize: 2, NoBias: true}, BatchNormalization{}, ReLU,
		Flatten{}, Dropout{Rate: 0.3}, Dense{Units: 3, Activation: Softmax})
}

// A file that ends anywhere is refused, and nothing changes.
func TestCheckpointTruncated(t *testing.T) {
	file := interrupted(t)
	a := newApprenticeship(t, Adam{})
	before := a.everything()
	for n := 0; n < len(file); n += 13 {
		if err := a.m.ReadCheckpoint(bytes.NewReader(file[:n])); err == nil {
			t.Fatalf("%d of %d bytes: no error", n, len(file))
		}
	}
	if a.everything() != before || a.m.resume {
		t.Error("the model changed")
	}
}

// A bit that is wrong, wherever it is, is seen, or changes nothing: that of a space,
// perhaps. So does a checksum that is missing.
func TestCheckpointDamaged(t *testing.T) {
	file := interrupted(t)
	a, b := newApprenticeship(t, Adam{}), newApprenticeship(t, Adam{})
	before := a.everything()
	if err := b.m.ReadCheckpoint(bytes.NewReader(file)); err != nil {
		t.Fatal(err)
	}
	step, tried, seen := 3, 0, 0
	if testing.Short() {
		step = 61
	}
	for i := 0; i < len(file); i += step {
		tried++
		file[i] ^= 1 << (i % 8)
		if err := a.m.ReadCheckpoint(bytes.NewReader(file)); err != nil {
			if a.everything() != before || a.m.resume {
				t.Fatalf("byte %d: the model changed", i)
			}
			seen++
		} else {
			if a.everything() != b.everything() {
				t.Errorf("byte %d: no error, and another model", i)
			}
			a = newApprenticeship(t, Adam{})
		}
		file[i] ^= 1 << (i % 8)
	}
	if seen < tried*99/100 {
		t.Errorf("%d of %d wrong bits were seen", seen, tried)
	}
	f, err := safetensors.Read(bytes.NewReader(file), safetensors.Options{})
	if err != nil {
		t.Fatal(err)
	}
	delete(f.Metadata, sumKey)
	var w bytes.Buffer
	if err := safetensors.Write(&w, f); err != nil {
		t.Fatal(err)
	}
	wantError(t, "no checksum", a.m.ReadCheckpoint(&w), `it was written with ""`)
}

// FuzzReadCheckpoint reads anything: it is refused and changes nothing, or
// comes back as it was read, and Fit takes it or says why not.
func FuzzReadCheckpoint(f *testing.F) {
	good := interrupted(f)
	f.Add(good)
	f.Add(good[:len(good)/2])
	f.Add(checkpointed(f, newApprenticeship(f, Adam{}).m))
	a := newApprenticeship(f, Adam{})
	before := a.everything()
	f.Fuzz(func(t *testing.T, file []byte) {
		if f, err := safetensors.Read(bytes.NewReader(file), safetensors.Options{MaxBytes: 1 << 20}); err == nil {
			file = sealed(t, f) // or all would be refused for that
		}
		a := newApprenticeship(t, Adam{})
		if err := a.m.ReadCheckpoint(bytes.NewReader(file)); err != nil {
			if a.everything() != before || a.m.resume || !strings.HasPrefix(err.Error(), "net: ") || len(err.Error()) > 10000 {
				t.Fatalf("half loaded, or a strange error: %v", err)
			}
			return
		}
		b := newApprenticeship(t, Adam{})
		if err := b.m.ReadCheckpoint(bytes.NewReader(checkpointed(t, a.m))); err != nil {
			t.Fatalf("written again: %v", err)
		}
		if a.everything() != b.everything() || fmt.Sprint(a.m.states) != fmt.Sprint(b.m.states) {
			t.Fatal("written again it is another one")
		}
		if a.m.steps < 1<<30 && a.m.epochs < 1<<30 {
			a.o.Epochs = 1
			a.m.Fit(a.data, a.o)
		}
	})
}

func TestNumbers(t *testing.T) {
	want := map[string]float64{"a": 0.1, "b": math.Inf(-1), "c": 1 << 53, "d": math.SmallestNonzeroFloat64, "e": math.Copysign(0, -1)}
	r := parseNumbers(formatNumbers(want))
	if r.err != nil || !reflect.DeepEqual(r.numbers, want) {
		t.Errorf("%v, %v, want %v", r.numbers, r.err, want)
	}
	if v := parseNumbers("x=NaN").number("x"); v == v {
		t.Errorf("NaN came back as %v", v)
	}
}
