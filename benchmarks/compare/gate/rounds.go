package gate

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// A plan says what rounds run.
type plan struct {
	bench     string // pattern of -test.bench
	benchtime string
	args      []string // of the benchmarks themselves
	layouts   int      // orders of functions that the rounds go through; 0: one for each
	rounds    int
	seed      int // of the first order
}

// nothing is an error that says why there is nothing to compare.
type nothing string

func (n nothing) Error() string { return string(n) }

// sample runs base and head alternately, A B B A ..., and returns their results.
// It also appends each side's output to base.txt and head.txt in a folder.
func (g *gate) sample(ctx context.Context, p plan, folder string) (*results, error) {
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return nil, err
	}
	r := newResults()
	start := time.Now()
	for round := range p.rounds {
		layout := round
		if p.layouts > 0 {
			layout %= p.layouts
		}
		for s := range g.programs {
			if err := g.programs[s].make(ctx, p.seed+layout); err != nil {
				return nil, err
			}
		}
		order := [...]side{base, head}
		if round%2 == 1 {
			order = [...]side{head, base}
		}
		for _, s := range order {
			if err := g.once(ctx, p, s, r, folder); err != nil {
				return nil, err
			}
		}
		if round == 0 {
			if err := comparable(r, p.bench); err != nil {
				return nil, err
			}
			took := time.Since(start)
			g.printf("%d benchmarks, %d rounds of %.1f s\n", len(r.rows), p.rounds, took.Seconds())
		}
	}
	return r, nil
}

// once runs one side once.
func (g *gate) once(ctx context.Context, p plan, s side, r *results, folder string) error {
	args := append([]string{"-test.run=^$", "-test.bench=" + p.bench, "-test.benchtime=" + p.benchtime, "-test.timeout=10m"}, p.args...)
	output, err := g.programs[s].run(ctx, args...)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(folder, s.String()+".txt"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	_, err = f.Write(output)
	return errors.Join(err, f.Close(), r.read(bytes.NewReader(output), s))
}

// comparable checks that both sides ran the same benchmarks, some at least. A
// pattern that matches nothing at head is an error, or the gate could stay open
// forever.
func comparable(r *results, bench string) error {
	both, baseOnly, headOnly := r.common()
	switch {
	case both > 0:
		return nil
	case headOnly == 0:
		return fmt.Errorf("no benchmark at head matches -bench %s", bench)
	case baseOnly == 0:
		return nothing("no benchmark at base matches -bench " + bench)
	}
	return nothing(fmt.Sprintf("base and head have no benchmark of the same name: %d at base, %d at head", baseOnly, headOnly))
}
