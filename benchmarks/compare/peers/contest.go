package peers

import (
	"errors"
	"fmt"
	"runtime"

	"github.com/simdconv/simdconv/benchmarks/suite"
)

// A Contest is all rows of one layer and pass, of one product or of one operation
// that memory bounds: checked, then measured by turns.
type Contest struct {
	Duel
	Rows   []*Row
	Amount float64 // of a call, in Unit: GFLOP or GB
	Unit   string  // of the rate, GFLOP/s or GB/s
	Share  string  // the unit of the share, %peak or %stream

	open  func() (Roof, error) // if Roof is nil; what it allocates lives as long as the contest
	close func()               // gives back the operands
	done  bool
	err   error
}

// A Row is one library's way to do it.
type Row struct {
	Name    string // below the benchmark
	prepare func() (Run, error)
	check   func(got []float32) error

	run     Run
	err     error
	samples []Sample // one of each round
}

// Sample returns what a row did in a round, counted from 0, and the library's
// name of the kernel that ran. The first call measures all rows in all rounds. The
// error is a [suite.Refusal] if the library cannot do the row, and says so if its
// result is wrong: such a row is never timed.
func (c *Contest) Sample(row *Row, round, rounds int) (Sample, string, error) {
	if !c.done {
		c.done = true
		libraries().do(func() { c.err = c.measure(rounds) })
	}
	if c.err != nil {
		return Sample{}, "", c.err
	}
	if row.err != nil {
		return Sample{}, "", row.err
	}
	return row.samples[round%len(row.samples)], row.run.Kernel, nil
}

func (c *Contest) measure(rounds int) error {
	if most := runtime.GOMAXPROCS(0); c.Threads > most {
		return fmt.Errorf("threads=%d, but GOMAXPROCS is %d", c.Threads, most)
	}
	var rows []*Row
	var runs []Run
	defer func() {
		for _, r := range runs {
			r.close()
		}
		if c.close != nil {
			c.close()
		}
	}()
	d := c.Duel
	if d.Roof == nil {
		var err error
		if d.Roof, err = c.open(); err != nil {
			return err
		}
	}
	for _, r := range c.Rows {
		if r.err = r.ready(); r.err == nil {
			rows, runs = append(rows, r), append(runs, r.run)
		}
	}
	for range rounds {
		s, err := d.Measure(runs)
		if err != nil {
			return err
		}
		for i, r := range rows {
			r.samples = append(r.samples, s[i])
		}
	}
	return nil
}

// Verify checks the row's result and times nothing. Errors are those of
// [Contest.Sample].
func (r *Row) Verify() (err error) {
	libraries().do(func() {
		if err = r.ready(); err == nil {
			r.run.close()
		}
	})
	return err
}

// ready prepares a row and checks its result.
func (r *Row) ready() error {
	var err error
	if r.run, err = r.prepare(); err != nil {
		var refused *suite.Refusal
		if errors.As(err, &refused) {
			return err
		}
		return fmt.Errorf("%s: %w", r.Name, err)
	}
	if err = r.verify(); err != nil {
		r.run.close()
		return fmt.Errorf("%s: kernel %q: %w", r.Name, r.run.Kernel, err)
	}
	return nil
}

// verify checks one call.
func (r *Row) verify() error {
	end := r.run.begin()
	err := r.run.Call()
	end()
	if err != nil {
		return err
	}
	var got []float32
	if r.run.Result != nil {
		if got, err = r.run.Result(); err != nil {
			return err
		}
	}
	return r.check(got)
}
