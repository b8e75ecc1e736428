package main

import (
	"bytes"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/simdconv/simdconv/net"
)

// ticking is a clock that advances by d at every look.
func ticking(d time.Duration) func() time.Time {
	now := time.Unix(0, 0)
	return func() time.Time {
		now = now.Add(d)
		return now
	}
}

func show(t *testing.T, terminal bool, validation *score) string {
	t.Helper()
	var out bytes.Buffer
	p := newProgress(&out, terminal, 3, ticking(700*time.Millisecond))
	for i, loss := range []float64{2.30258, 1.5, 1.04999} {
		if err := p.step(i+1, loss, 0.25*float64(i+1)); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.close(validation); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

const closing = "3/3 ━━━━━━━━━━━━━━━━━━━━ 2s 700ms/step - accuracy: 0.7500 - loss: 1.0500\n"

func TestProgressInFile(t *testing.T) {
	if got := show(t, false, nil); got != closing {
		t.Errorf("got %q, want %q", got, closing)
	}
}

func TestProgressWithValidation(t *testing.T) {
	want := strings.TrimSuffix(closing, "\n") + " - val_accuracy: 0.8750 - val_loss: 0.5000\n"
	if got := show(t, false, &score{accuracy: 0.875, loss: 0.5}); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestProgressOfOutputs(t *testing.T) {
	var out bytes.Buffer
	p := newProgress(&out, false, 1, ticking(700*time.Millisecond))
	outputs := []net.OutputMetrics{{Name: "main", Loss: 2, ValidationLoss: 1.5}, {Name: "aux", Loss: 2.25, ValidationLoss: 1.75}}
	if err := p.step(1, 2.675, 0.25, outputs...); err != nil {
		t.Fatal(err)
	}
	if err := p.close(&score{accuracy: 0.875, loss: 2.025}, outputs...); err != nil {
		t.Fatal(err)
	}
	want := "1/1 ━━━━━━━━━━━━━━━━━━━━ 1s 700ms/step - accuracy: 0.2500 - loss: 2.6750 - main_loss: 2.0000 - aux_loss: 2.2500" +
		" - val_accuracy: 0.8750 - val_loss: 2.0250 - val_main_loss: 1.5000 - val_aux_loss: 1.7500\n"
	if out.String() != want {
		t.Errorf("got %q, want %q", &out, want)
	}
}

// TestProgressFits moves a line on a terminal too narrow for every output.
func TestProgressFits(t *testing.T) {
	outputs := []net.OutputMetrics{{Name: "dense_4", Loss: 2}, {Name: "dense_1", Loss: 2.25}, {Name: "dense_3", Loss: 2.5}}
	for _, c := range []struct{ width, fit int }{{70, 0}, {90, 1}, {110, 2}, {200, 3}} {
		var out bytes.Buffer
		p := newProgress(&out, true, 1, ticking(700*time.Millisecond))
		p.width = func() int { return c.width }
		if err := p.step(1, 2.675, 0.25, outputs...); err != nil {
			t.Fatal(err)
		}
		for _, line := range strings.Split(out.String(), "\r") {
			if got := strings.Count(line, "_loss: "); got != c.fit && strings.Contains(line, "step") {
				t.Errorf("%d columns: the losses of %d outputs, want %d: %q", c.width, got, c.fit, line)
			}
			// The bar itself shrinks where it knows the width.
			if n := utf8.RuneCountInString(strings.TrimSpace(line)) - barWidth; n > c.width {
				t.Errorf("%d columns: %d without the bar: %q", c.width, n, line)
			}
		}
		if err := p.close(nil, outputs...); err != nil {
			t.Fatal(err)
		}
		if got := strings.Count(out.String()[strings.LastIndex(out.String(), "\r"):], "_loss: "); got != len(outputs) {
			t.Errorf("%d columns: the losses of %d outputs in the end, want all: %q", c.width, got, &out)
		}
	}
}

func TestProgressAbandoned(t *testing.T) {
	var out bytes.Buffer
	p := newProgress(&out, false, 3, ticking(700*time.Millisecond))
	if err := p.abandon(); err != nil || out.Len() > 0 {
		t.Errorf("before the first step: %v, printed %q", err, &out)
	}
	if err := p.step(1, 2.30258, 0.25); err != nil {
		t.Fatal(err)
	}
	if err := p.abandon(); err != nil {
		t.Fatal(err)
	}
	if want := "1/3 1s 700ms/step - accuracy: 0.2500 - loss: 2.3026\n"; out.String() != want {
		t.Errorf("got %q, want %q", &out, want)
	}
}

func TestProgressOnTerminal(t *testing.T) {
	got := show(t, true, nil)
	frames := strings.Split(got, "\r")
	if len(frames) < 3 {
		t.Fatalf("%d frames in %q: the bar did not move", len(frames), got)
	}
	if last := frames[len(frames)-1]; last != closing {
		t.Errorf("closing line %q, want %q", last, closing)
	}
	if !strings.Contains(got, "─") || !strings.Contains(got, "1/3 700ms/step - accuracy: 0.2500 - loss: 2.3026") {
		t.Errorf("no frame with an unfinished bar and the first step's metrics: %q", frames)
	}
	if strings.Count(got, "\n") != 1 {
		t.Errorf("%d line ends, want 1: %q", strings.Count(got, "\n"), got)
	}
}

func TestStepTime(t *testing.T) {
	for d, want := range map[time.Duration]string{
		2600 * time.Millisecond: "3s",
		63 * time.Millisecond:   "63ms",
		999 * time.Microsecond:  "1ms",
		400 * time.Microsecond:  "400us",
	} {
		if got := stepTime(d); got != want {
			t.Errorf("%v: got %s, want %s", d, got, want)
		}
	}
}
