package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/simdconv/simdconv/net"
	"github.com/simdconv/simdconv/net/models"
)

// TestMain lets the test binary be the program in a process of its own.
func TestMain(m *testing.M) {
	switch os.Getenv("LECTURE_TEST_CHILD") {
	case "main":
		main()
	case "deaf": // after the first signal
		ctx, stop := interruptible()
		defer stop()
		fmt.Println("ready")
		<-ctx.Done()
		time.Sleep(10 * time.Millisecond) // the signal is given back
		fmt.Println("interrupted")
		time.Sleep(time.Minute)
	default:
		os.Exit(m.Run())
	}
}

type child struct {
	*exec.Cmd
	lines  *bufio.Scanner // of its standard output
	errors bytes.Buffer
}

func start(t *testing.T, as string, args ...string) *child {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("no signals to send on windows")
	}
	c := &child{Cmd: exec.Command(os.Args[0], args...)}
	c.Env = append(os.Environ(), "LECTURE_TEST_CHILD="+as)
	c.Stderr = &c.errors
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Process.Kill() })
	c.lines = bufio.NewScanner(out)
	return c
}

// await reads the output up to a line with this beginning.
func (c *child) await(t *testing.T, prefix string) {
	t.Helper()
	for c.lines.Scan() {
		if strings.HasPrefix(c.lines.Text(), prefix) {
			return
		}
	}
	t.Fatalf("the output ended before %q; %s", prefix, &c.errors)
}

// rest reads the output to its end and returns it and how the process ended.
func (c *child) rest() (string, error) {
	var b strings.Builder
	for c.lines.Scan() {
		b.WriteString(c.lines.Text() + "\n")
	}
	return b.String(), c.Wait()
}

// fits fails the test if a file is not weights of the dense network.
func fits(t *testing.T, path string) {
	t.Helper()
	model, err := net.Sequential(models.MNISTDense()...)
	if err != nil {
		t.Fatal(err)
	}
	if err := model.LoadWeights(path); err != nil {
		t.Error(err)
	}
}

func TestInterrupt(t *testing.T) {
	dir := folder(t, bright(32, 28, 28), bright(10, 28, 28))
	for _, sig := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		path := filepath.Join(t.TempDir(), "w.safetensors")
		c := start(t, "main", "train", "-model", "dense", "-batch", "4", "-epochs", "1000000", "-data", dir, "-weights", path)
		c.await(t, "Epoch 3/")
		if err := c.Process.Signal(sig); err != nil {
			t.Fatal(err)
		}
		out, err := c.rest()
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != exitInterrupted {
			t.Errorf("%v: ended with %v, want exit code %d", sig, err, exitInterrupted)
		}
		if got := c.errors.String(); !strings.HasPrefix(got, "lecture train: interrupted in epoch ") || !strings.HasSuffix(got, ": the weights are in "+path+"\n") {
			t.Errorf("%v: printed %q", sig, got)
		}
		if strings.Contains(out, "Test") {
			t.Errorf("%v: evaluated after it: %q", sig, out)
		}
		fits(t, path)
	}
}

// What was learned in the epoch that was interrupted is in the file.
func TestInterruptKeepsSteps(t *testing.T) {
	dir, path := folder(t, bright(4000, 28, 28), bright(10, 28, 28)), filepath.Join(t.TempDir(), "w.safetensors")
	args := strings.Fields("train -model dense -batch 1 -epochs 1 -data " + dir + " -weights " + path)
	c := start(t, "main", args...)
	c.await(t, "Epoch 1/1")
	time.Sleep(100 * time.Millisecond)
	if err := c.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	c.rest()
	var epoch, step int
	if _, err := fmt.Sscanf(c.errors.String(), "lecture train: interrupted in epoch %d/1 after step %d/4000", &epoch, &step); err != nil {
		t.Fatalf("printed %q: %v", &c.errors, err)
	}
	if step == 0 {
		t.Skip("the machine is too busy: interrupted before the first step")
	}
	fits(t, path)
}

func TestInterruptWithoutWeights(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	dir := folder(t, bright(8, 28, 28), bright(10, 28, 28))
	var out, errs bytes.Buffer
	if code := run(ctx, strings.Fields("train -model dense -data "+dir), &out, &errs); code != exitInterrupted {
		t.Errorf("exit code %d, want %d", code, exitInterrupted)
	}
	if want := "lecture train: interrupted in epoch 1/6 after step 0/1: without -weights nothing was kept\n"; errs.String() != want {
		t.Errorf("printed %q, want %q", &errs, want)
	}
	path := filepath.Join(t.TempDir(), "w.safetensors")
	errs.Reset()
	run(ctx, strings.Fields("train -model dense -weights "+path+" -data "+dir), &out, &errs)
	if _, err := os.Stat(path); err == nil || !strings.Contains(errs.String(), "nothing was learned") {
		t.Errorf("%v, printed %q", err, &errs)
	}
}

func TestSecondInterruptKills(t *testing.T) {
	c := start(t, "deaf")
	for _, line := range []string{"ready", "interrupted"} {
		c.await(t, line)
		if err := c.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
	}
	_, err := c.rest()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != -1 || !strings.Contains(exit.Error(), "interrupt") {
		t.Errorf("ended with %v, want the signal", err)
	}
}

// A program that is killed at any moment leaves the last file whole.
func TestKill(t *testing.T) {
	dir := folder(t, bright(4, 28, 28), bright(10, 28, 28))
	path := filepath.Join(t.TempDir(), "w.safetensors")
	for i := range 6 {
		c := start(t, "main", "train", "-model", "dense", "-epochs", "1000000", "-data", dir, "-weights", path)
		c.await(t, "Epoch 3/")
		time.Sleep(time.Duration(3*i) * time.Millisecond)
		if err := c.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		if _, err := c.rest(); err == nil {
			t.Error("the program ended before it was killed")
		}
		fits(t, path)
	}
}
