package main

import (
	"bytes"
	"context"
	"errors"
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A training that is killed goes on from its checkpoint to the bits, and the
// log, of one that is not.
func TestTrainGoesOnFromCheckpoint(t *testing.T) {
	dir := folder(t, bright(60, 28, 28), bright(10, 28, 28))
	args := func(dest string) []string {
		return strings.Fields("train -model dense -data " + dir + " -epochs 4 -batch 8 -validation 0.2 -schedule cosine -patience 4 -checkpoint-steps 2" +
			" -weights " + dest + "/w -checkpoint " + dest + "/c -log " + dest + "/l.csv")
	}
	whole, killed := t.TempDir(), t.TempDir()
	want, _ := lecture(t, 0, args(whole)...)
	c := start(t, "main", args(killed)...)
	c.await(t, "Epoch 2/")
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	c.rest()
	got, _ := lecture(t, 0, append(args(killed), "-resume")...)
	for _, name := range []string{"w", "l.csv"} {
		if !bytes.Equal(readFile(t, filepath.Join(killed, name)), readFile(t, filepath.Join(whole, name))) {
			t.Errorf("%s differs", name)
		}
	}
	last := func(out string) string { return out[strings.LastIndex(out, "Test"):] }
	if last(got) != last(want) {
		t.Errorf("%q, want %q", last(got), last(want))
	}
}

// A training that has come to its end has no epoch to go on with, but writes the files
// that it is asked for now: what it would have written then.
func TestTrainGoesOnFromEnd(t *testing.T) {
	dir := folder(t, bright(60, 28, 28), bright(10, 28, 28))
	for _, patience := range []string{"0", "1"} {
		to := t.TempDir()
		args := strings.Fields("train -model dense -data " + dir + " -epochs 4 -batch 8 -rate 0.03 -validation 0.2 -patience " + patience + " -checkpoint " + to + "/c")
		files := func(name string) []string {
			return []string{"-weights", to + "/" + name, "-log", to + "/" + name + ".csv", "-curves", to + "/" + name + ".svg"}
		}
		lecture(t, 0, append(args, files("then")...)...)
		out, _ := lecture(t, 0, append(append(args, "-resume"), files("now")...)...)
		if strings.Contains(out, "Epoch ") {
			t.Errorf("-patience %s: printed %q, want the test images alone", patience, out)
		}
		for _, end := range []string{"", ".csv", ".svg"} {
			if !bytes.Equal(readFile(t, to+"/now"+end), readFile(t, to+"/then"+end)) {
				t.Errorf("-patience %s: now%s is not the file of then", patience, end)
			}
		}
	}
}

// The first interrupt leaves a checkpoint of the step that it came in.
func TestInterruptedCheckpoint(t *testing.T) {
	dir, path := folder(t, bright(4000, 28, 28), bright(10, 28, 28)), filepath.Join(t.TempDir(), "c")
	args := strings.Fields("train -model dense -batch 1 -epochs 1 -data " + dir + " -checkpoint " + path)
	c := start(t, "main", args...)
	c.await(t, "Epoch 1/1")
	time.Sleep(100 * time.Millisecond)
	if err := c.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	_, err := c.rest()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != exitInterrupted {
		t.Fatalf("ended with %v, want exit code %d", err, exitInterrupted)
	}
	if want := ": -resume goes on from " + path + "\n"; !strings.HasSuffix(c.errors.String(), want) {
		t.Errorf("printed %q, want %q at its end", &c.errors, want)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	before := readFile(t, path)
	var out, errs bytes.Buffer
	run(ctx, append(args, "-resume"), &out, &errs)
	if !strings.Contains(errs.String(), "interrupted in epoch 1/1") || !bytes.Equal(readFile(t, path), before) {
		t.Errorf("printed %q, or changed the checkpoint", &errs)
	}
	errs.Reset()
	run(ctx, strings.Fields("train -model dense -data "+dir+" -checkpoint "+path+".none"), &out, &errs)
	if !strings.Contains(errs.String(), "nothing was kept") {
		t.Errorf("printed %q without a checkpoint", &errs)
	}
}

// An interrupt after the last epoch, while the test images are looked at,
// leaves the checkpoint of a training that is done.
func TestInterruptedAfterTraining(t *testing.T) {
	images, path := bright(20, 28, 28), filepath.Join(t.TempDir(), "c")
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	tr := training{choice: choice{name: "dense"}, epochs: 1, batch: 8, seed: 1, optimizer: "adam", schedule: "constant", checkpoint: path, now: time.Now}
	tr.out = writerFunc(func(b []byte) (int, error) {
		if bytes.Contains(b, []byte("3/3")) {
			cancel()
		}
		return len(b), nil
	})
	if err := tr.check(); err != nil {
		t.Fatal(err)
	}
	if err := tr.run(ctx, images, bright(10, 28, 28)); !errors.Is(err, errInterrupted) {
		t.Fatal(err)
	}
	tr.resume, tr.epochs = true, 1
	var out bytes.Buffer
	tr.out = &out
	if err := tr.run(context.Background(), images, bright(10, 28, 28)); err != nil || strings.Contains(out.String(), "Epoch") {
		t.Errorf("%v, printed %q, want the test images alone", err, &out)
	}
}

type writerFunc func(b []byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

func TestSchedules(t *testing.T) {
	dir := folder(t, bright(40, 28, 28), bright(10, 28, 28))
	rates := map[string]string{}
	for _, s := range scheduleNames() {
		log := filepath.Join(t.TempDir(), "l.csv")
		lecture(t, 0, "train", "-model", "dense", "-data", dir, "-epochs", "4", "-batch", "8", "-rate", "0.002", "-validation", "0.2", "-schedule", s, "-log", log)
		var column []string
		for _, line := range strings.Split(strings.TrimSpace(string(readFile(t, log))), "\n")[1:] {
			column = append(column, line[strings.LastIndexByte(line, ',')+1:])
		}
		rates[s] = strings.Join(column, " ")
	}
	// The rate of the last of the four steps of each epoch.
	for s, want := range map[string]string{
		"constant": "0.002 0.002 0.002 0.002", "plateau": "0.002 0.002 0.002 0.002", "step": "0.002 0.002 0.0002 2e-05",
	} {
		if rates[s] != want {
			t.Errorf("%s: rates %s, want %s", s, rates[s], want)
		}
	}
	for _, s := range []string{"exponential", "cosine"} {
		last := strings.Fields(rates[s])
		for i := range last[1:] {
			if number(t, last[i+1]) >= number(t, last[i]) {
				t.Errorf("%s: rates %s, want them to fall", s, rates[s])
			}
		}
	}
}

func TestPatience(t *testing.T) {
	dir := folder(t, bright(40, 28, 28), bright(10, 28, 28))
	path := filepath.Join(t.TempDir(), "w")
	out, _ := lecture(t, 0, strings.Fields("train -model dense -epochs 9 -validation 0.2 -patience 2 -optimizer sgd -rate 1e-30 -data "+dir+" -weights "+path)...)
	if !strings.Contains(out, "\nStopped after epoch 3/9\nTest - ") {
		t.Errorf("printed %q", out)
	}
	fits(t, path)
}

func TestLogAndCurves(t *testing.T) {
	dir, to := folder(t, bright(20, 28, 28), bright(10, 28, 28)), t.TempDir()
	for _, validation := range []string{"0", "0.3"} {
		for _, end := range []string{".png", ".SVG"} {
			lecture(t, 0, "train", "-model", "dense", "-epochs", "2", "-data", dir, "-validation", validation,
				"-log", to+"/l.jsonl", "-curves", to+"/c"+end)
		}
		if n := strings.Count(string(readFile(t, to+"/l.jsonl")), `{"epoch":`); n != 2 {
			t.Errorf("%d lines, want 2", n)
		}
		f, err := os.Open(to + "/c.png")
		if err != nil {
			t.Fatal(err)
		}
		picture, _, err := image.Decode(f)
		f.Close()
		if err != nil || picture.Bounds().Dx() != 1440 {
			t.Errorf("%v, %v", picture.Bounds(), err)
		}
		if svg := string(readFile(t, to+"/c.SVG")); !strings.Contains(svg, "<svg") || strings.Contains(svg, "validation") != (validation != "0") {
			t.Errorf("curves with -validation %s: %.300s", validation, svg)
		}
	}
}

// A resumption that is refused leaves the log of the training before.
func TestRefusedResumeKeepsLog(t *testing.T) {
	dir, to := folder(t, bright(20, 28, 28), bright(10, 28, 28)), t.TempDir()
	args := []string{"train", "-model", "dense", "-data", dir, "-validation", "0.3", "-checkpoint", to + "/c", "-log", to + "/l.csv"}
	lecture(t, 0, append(args, "-patience", "5")...)
	want := readFile(t, to+"/l.csv")
	if _, errs := lecture(t, exitFailure, append(args, "-epochs", "2", "-resume")...); !strings.Contains(errs, "EarlyStopping") {
		t.Errorf("without -patience: %q", errs)
	}
	if got := readFile(t, to+"/l.csv"); string(got) != string(want) {
		t.Errorf("the log is %q, want %q", got, want)
	}
}

func TestTrainRefusesMore(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"-schedule linear", `-schedule is "linear", want constant, step, exponential, cosine, plateau`},
		{"-schedule plateau", "give their share with -validation"},
		{"-patience 3", "give their share with -validation"},
		{"-patience -1 -validation 0.1", "-patience is -1, want at least 1, or 0 for never"},
		{"-checkpoint-steps 5", "-checkpoint-steps is 5, want at least 1 and a -checkpoint"},
		{"-checkpoint-steps -1 -checkpoint c", "-checkpoint-steps is -1"},
		{"-log l.txt", `-log is "l.txt", want a name that ends in .csv or .jsonl`},
		{"-curves c.gif", `-curves is "c.gif", want a name that ends in .png or .svg`},
		{"-resume -checkpoint c -from b", "both -resume and -from"},
		{"-weights w -checkpoint ./w", `-weights and -checkpoint are both "./w", want a file for each`},
		{"-weights l.csv -log l.csv", "-weights and -log are both"},
	} {
		if _, errs := lecture(t, exitUsage, strings.Fields("train "+c.args)...); !strings.Contains(errs, c.want) {
			t.Errorf("%s: %q, want %q in it", c.args, errs, c.want)
		}
	}
	dir := folder(t, bright(20, 28, 28), bright(10, 28, 28))
	for _, c := range []struct{ args, want string }{
		{"-resume -checkpoint " + dir + "/none", "no such file"},
		{"-resume -checkpoint " + dir + "/t10k-labels-idx1-ubyte", "safetensors: "},
		{"-checkpoint " + dir + "/none/c", "no such file"},
		{"-log " + dir + "/none/l.csv", "no such file"},
		{"-curves " + dir + "/none/c.png", "no such file"},
	} {
		if _, errs := lecture(t, exitFailure, strings.Fields("train -data "+dir+" -model dense "+c.args)...); !strings.Contains(errs, c.want) {
			t.Errorf("%s: %q, want %q in it", c.args, errs, c.want)
		}
	}
}
