package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/simdconv/simdconv/net"
)

// schedules are the values of -schedule. make gets the learning rate to begin
// with and the number of steps in all; nil where the rate is not a schedule.
var schedules = []struct {
	name string
	make func(rate float64, steps int) net.Schedule
}{
	{"constant", nil},
	{"step", func(r float64, n int) net.Schedule {
		return net.PiecewiseConstantDecay{Boundaries: boundaries(n), Values: []float64{r, r / 10, r / 100}}
	}},
	{"exponential", func(r float64, n int) net.Schedule {
		return net.ExponentialDecay{LearningRate: r, DecaySteps: n, DecayRate: 0.01}
	}},
	{"cosine", func(r float64, n int) net.Schedule {
		warm := n / 20
		return net.CosineDecay{LearningRate: startOf(r, warm), DecaySteps: max(n-warm, 1), WarmupSteps: warm, WarmupTarget: r}
	}},
	{"plateau", nil},
}

const scheduleUsage = "how the learning rate falls: constant; step, to a tenth after half of the steps and\n" +
	"again after three quarters; exponential, to a hundredth; cosine, to nothing, after a\n" +
	"twentieth of rising to -rate; plateau, to a tenth when two epochs in a row do not validate better"

// boundaries are half and three quarters of n steps, at least one apart.
func boundaries(n int) []int { return []int{n / 2, max(n*3/4, n/2+1)} }

// startOf is where a warm-up begins: without one, at the rate itself.
func startOf(rate float64, warm int) float64 {
	if warm == 0 {
		return rate
	}
	return 0
}

func scheduleNames() []string {
	var names []string
	for _, s := range schedules {
		names = append(names, s.name)
	}
	return names
}

// newSchedule returns the schedule of -schedule, or nil.
func (t *training) newSchedule(rate float64, steps int) net.Schedule {
	for _, s := range schedules {
		if s.name == t.schedule && s.make != nil {
			return s.make(rate, steps)
		}
	}
	return nil
}

// A lateFile is created when it is first written to: a Fit that refuses to begin
// leaves what was there.
type lateFile struct {
	path string
	file *os.File
}

func (f *lateFile) Write(b []byte) (int, error) {
	if f.file == nil {
		var err error
		if f.file, err = os.Create(f.path); err != nil {
			return 0, err
		}
	}
	return f.file.Write(b)
}

func (f *lateFile) Close() error { return f.file.Close() } // os.ErrInvalid if there is none

// logs are the forms of -log, by the end of the file's name.
var logs = map[string]func(io.Writer) net.Callback{".csv": net.CSVLog, ".jsonl": net.JSONLog}

// extension returns the end of a file's name, in small letters.
func extension(path string) string { return strings.ToLower(filepath.Ext(path)) }
