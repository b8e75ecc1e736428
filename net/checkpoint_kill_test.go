package net

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

const killedCheckpoint = "SIMDCONV_TEST_CHECKPOINT"

// A run that is killed at any moment leaves a whole checkpoint, or none before the
// first step: each next process goes on from it, and what the last one ends with
// are the bits of a run that nobody killed.
func TestKilled(t *testing.T) {
	if path := os.Getenv(killedCheckpoint); path != "" {
		toBeKilled(t, path)
		return
	}
	tries := 100
	if testing.Short() {
		tries = 10
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "c")
	var steps []int
	for try := range tries {
		cmd := exec.Command(os.Args[0], "-test.run=^TestKilled$")
		cmd.Env = append(os.Environ(), killedCheckpoint+"="+path)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewReader(out)
		wants := []string{"begin\n"}
		if try%2 == 1 { // however slow the machine is, a step is done
			wants = append(wants, "step\n")
		}
		for _, want := range wants {
			if line, err := lines.ReadString('\n'); line != want {
				t.Fatalf("the process wrote %q, %v, want %q", line, err, want)
			}
		}
		time.Sleep(time.Duration(rand.IntN(4000)) * time.Microsecond)
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		cmd.Wait()
		a := newApprenticeship(t, Adam{})
		least := try % 2
		if try > 0 {
			least += steps[try-1]
		}
		if err := a.m.LoadCheckpoint(path); err != nil && (!errors.Is(err, fs.ErrNotExist) || least > 0) {
			t.Fatal(err)
		}
		if a.m.steps < least {
			t.Fatalf("%d steps after try %d, want at least %d", a.m.steps, try, least)
		}
		steps = append(steps, a.m.steps)
	}
	t.Logf("steps after each try: %d", steps)
	killed := newApprenticeship(t, Adam{})
	if err := killed.m.LoadCheckpoint(path); err != nil {
		t.Fatal(err)
	}
	whole := newApprenticeship(t, Adam{})
	killed.o.Epochs, killed.o.Callbacks = len(killed.m.History())+1, endless()
	whole.o.Epochs, whole.o.Callbacks = killed.o.Epochs, endless()
	for _, a := range []*apprenticeship{killed, whole} {
		if _, err := a.m.Fit(a.data, a.o); err != nil {
			t.Fatal(err)
		}
	}
	if killed.everything() != whole.everything() {
		t.Errorf("after %d kills\n%s\nwant\n%s", tries, killed.everything(), whole.everything())
	}
}

// endless are callbacks with states that do not stop a run.
func endless() []Callback {
	return []Callback{
		&EarlyStopping{Monitor: TrainingLoss, Patience: 1 << 30, RestoreBest: true},
		&ReduceLROnPlateau{Patience: 1 << 20},
	}
}

func toBeKilled(t *testing.T, path string) {
	a := newApprenticeship(t, Adam{})
	if err := a.m.LoadCheckpoint(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	begun := a.m.steps
	told := CallbackFuncs{Batch: func(Progress) error {
		if a.m.steps == begun+2 { // the first step's checkpoint is there
			fmt.Println("step")
		}
		return nil
	}}
	a.o.Epochs, a.o.Callbacks = 1<<30, append(endless(), told)
	a.o.Checkpoint, a.o.CheckpointSteps = path, 1
	fmt.Println("begin")
	_, err := a.m.Fit(a.data, a.o)
	t.Fatal(err)
}
