package main

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/simdconv/simdconv/net"
	"github.com/simdconv/simdconv/net/models"
)

// The largest batch that is allowed fits, the next one does not, and the message has
// the number.
func TestCheckRoom(t *testing.T) {
	m, err := net.Sequential(models.MNISTDense()...)
	if err != nil {
		t.Fatal(err)
	}
	const free = 20 << 20
	for _, train := range []bool{false, true} {
		most := 0
		for checkRoom(m, most+1, train, free) == nil {
			most++
		}
		size, err := m.Memory(most, train)
		if err != nil || size.Peak > free || most < 50 {
			t.Errorf("train %v: a batch of %d takes %v (%v)", train, most, size, err)
		}
		for _, batch := range []int{most + 1, 1e9, math.MaxInt} {
			err := checkRoom(m, batch, train, free)
			if want := "want at most " + strings.TrimSuffix(counted(most, ""), " s") + ":"; !errors.As(err, new(usageError)) || !strings.Contains(err.Error(), want) {
				t.Errorf("train %v: a batch of %d: %v, want %q in it", train, batch, err, want)
			}
		}
	}
	if err := checkRoom(m, 3, true, 100); err == nil || !strings.Contains(err.Error(), "a batch of one image takes more than") {
		t.Errorf("no room at all: %v", err)
	}
}

func TestParseMemory(t *testing.T) {
	for text, want := range map[string]int64{
		"MemTotal:  9 kB\nMemFree: 7 kB\nMemAvailable:   8 kB\n": 8 << 10,
		"MemAvailable: x kB\n": assumedRoom, "": assumedRoom, "MemAvailable:": assumedRoom,
		"MemAvailable: 9223372036854775807 kB": assumedRoom,
	} {
		if got := parseMemory(text); got != want {
			t.Errorf("%q: %d, want %d", text, got, want)
		}
	}
}

func TestBatchOutOfMemory(t *testing.T) {
	if free := freeMemory(); free > 1<<37 {
		t.Skipf("%d bytes are free", free)
	}
	dir := folder(t, bright(2500, 28, 28), bright(2500, 28, 28))
	for _, args := range []string{
		"train -model resnet152 -size 512 -batch 2500 -data " + dir,
		"gradients -size 1024 -batch 2500 -data " + dir + " -out " + dir + "/g.svg",
	} {
		if _, errs := lecture(t, exitUsage, strings.Fields(args)...); !strings.Contains(errs, "-batch is 2500, want at most ") {
			t.Errorf("%s: %q", args, errs)
		}
	}
}
