package gate

import (
	"bytes"
	"io/fs"
	"math"
	"os"
)

// A yardstick is a loop that a benchmark runs beside its sample: share is the
// unit of the sample relative to it, rate that of the sample alone.
type yardstick struct{ share, rate string }

var yardsticks = []yardstick{{"%peak", "GFLOP/s"}, {"%stream", "GB/s"}}

// yardstickFiles make the yardsticks and read them.
var yardstickFiles = []string{
	"benchmarks/roof/*.go", "benchmarks/sample_test.go", "asm/roof_*", "kernels/micro/*roof*",
}

// yardstickChanged reports whether files of the yardsticks differ between two
// source trees.
func yardstickChanged(a, b string) (bool, error) {
	x, y := os.DirFS(a), os.DirFS(b)
	for _, pattern := range yardstickFiles {
		names, err := fs.Glob(x, pattern)
		if err != nil {
			return false, err
		}
		others, err := fs.Glob(y, pattern)
		if err != nil {
			return false, err
		}
		if len(names) != len(others) {
			return true, nil
		}
		for _, name := range names {
			s, err := fs.ReadFile(x, name)
			if err != nil {
				return false, err
			}
			if t, err := fs.ReadFile(y, name); err != nil || !bytes.Equal(s, t) {
				return true, nil
			}
		}
	}
	return false, nil
}

// yardstickTolerance is far below what could hide or feign a threshold.
const yardstickTolerance = 0.02

// yardsticksDiffer returns, for each group whose yardstick is not the same
// program on both sides, the ratio of its rates: those whose files have changed,
// and those that differ in nearly every round. Drift alone strays to both sides.
func (r *results) yardsticksDiffer() map[string]float64 {
	ratios := make(map[string][][]float64) // by group and round
	for _, w := range r.rows {
		for i := range min(len(w.base), len(w.head)) {
			if b, h := w.base[i].roof, w.head[i].roof; b > 0 && h > 0 {
				rounds := ratios[w.group]
				if i == len(rounds) {
					rounds = append(rounds, nil)
				}
				rounds[i] = append(rounds[i], h/b)
				ratios[w.group] = rounds
			}
		}
	}
	differ := make(map[string]float64)
	for group, rounds := range ratios {
		var medians []float64
		faster := 0
		for _, round := range rounds {
			m := median(round)
			medians = append(medians, m)
			if m > 1 {
				faster++
			}
		}
		m, most := median(medians), max(faster, len(rounds)-faster)
		if r.changed || math.Abs(m-1) > yardstickTolerance && most >= len(rounds)-len(rounds)/10 {
			differ[group] = m
		}
	}
	return differ
}
