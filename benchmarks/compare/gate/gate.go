package gate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Exit codes.
const (
	Passed    = 0 // or nothing to compare
	Regressed = 1
	Unable    = 2 // wrong flags, no base, a side that does not build or run
)

// A gate compares two programs and says what it sees.
type gate struct {
	options
	programs [2]program // base, head
	changed  bool       // the files of the yardsticks
	stdout   io.Writer
}

func (g *gate) printf(format string, args ...any) { fmt.Fprintf(g.stdout, "gate: "+format, args...) }

// Main runs the command with its flags and returns the exit code.
func Main(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	o, err := parse(args, stderr)
	if errors.Is(err, errHelp) {
		return Passed
	}
	code := Unable
	if err == nil {
		g := &gate{options: o, stdout: stdout}
		code, err = g.main(ctx)
	}
	switch {
	case ctx.Err() != nil:
		fmt.Fprintln(stderr, "gate: interrupted")
		return Unable
	case err != nil:
		fmt.Fprintln(stderr, "gate:", err)
		return Unable
	}
	return code
}

// main finds and builds both sides and compares them.
func (g *gate) main(ctx context.Context) (code int, err error) {
	r, err := openRepo(ctx, g.tree)
	if err != nil {
		return Unable, err
	}
	if g.module == "" {
		g.module = filepath.Join(string(r), tests, "compare")
	}
	from, err := r.origin(ctx, g.base)
	if err != nil {
		return Unable, err
	}
	if from.commit == "" {
		return g.pass("nothing to compare with: %s", from.why)
	}
	g.printf("base %.12s (%s), head the working tree\n", from.commit, from.why)
	if has, err := r.hasBenchmarks(ctx, from.commit); err != nil {
		return Unable, err
	} else if !has {
		return g.pass("nothing to compare with: base has no %s", tests)
	}
	tmp, err := os.MkdirTemp("", "simdconv-gate-")
	if err != nil {
		return Unable, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(tmp)) }()
	tree := filepath.Join(tmp, "base")
	if err := os.Mkdir(tree, 0o777); err != nil {
		return Unable, err
	}
	if err := r.export(ctx, from.commit, tree); err != nil {
		return Unable, err
	}
	programs := filepath.Join(tmp, "programs")
	if err := os.Mkdir(programs, 0o777); err != nil {
		return Unable, err
	}
	b := &testProgram{side: base, root: tree, folder: programs, keep: g.layouts > 0}
	h := &testProgram{side: head, root: string(r), folder: programs, keep: g.layouts > 0}
	for _, p := range []*testProgram{b, h} {
		if err := p.make(ctx, 0); err != nil {
			return Unable, err
		}
	}
	if equal, err := same(b.file, h.file); err != nil {
		return Unable, err
	} else if equal {
		return g.pass("passed: base and head are the same program, byte by byte")
	}
	g.programs = [2]program{b, h}
	if g.changed, err = yardstickChanged(tree, string(r)); err != nil {
		return Unable, err
	}
	return g.compare(ctx, tmp)
}

func (g *gate) pass(format string, args ...any) (int, error) {
	g.printf(format+"\n", args...)
	return Passed, nil
}

// compare runs both programs, and the suspects again.
func (g *gate) compare(ctx context.Context, folder string) (int, error) {
	first := plan{g.bench, g.benchtime, g.args, g.layouts, g.rounds, 1}
	all, err := g.look(ctx, first, filepath.Join(folder, "first"))
	var none nothing
	if errors.As(err, &none) {
		return g.pass("nothing to compare with: %v", none)
	}
	if err != nil {
		return Unable, err
	}
	suspects := g.rule().suspects(all)
	if len(suspects) == 0 {
		return g.pass("passed: none of %d benchmarks is slower by more than %v", len(all), g.threshold)
	}
	for _, v := range suspects {
		g.printf("suspect: %v\n", v)
	}
	again := first
	again.bench = pattern(suspects)
	again.rounds = g.rule().repeat(g.rounds, len(suspects))
	again.seed += g.rounds
	repeat, err := g.look(ctx, again, filepath.Join(folder, "again"))
	if err != nil {
		return Unable, fmt.Errorf("repeating the suspects: %w", err)
	}
	repeat = only(repeat, suspects)
	if len(repeat) < len(suspects) {
		return Unable, fmt.Errorf("repeating the suspects: only %d of %d ran", len(repeat), len(suspects))
	}
	slower := g.rule().confirmed(all, repeat)
	if len(slower) == 0 {
		return g.pass("passed: no suspect was slower by more than %v again", g.threshold)
	}
	for _, v := range slower {
		g.printf("SLOWER: %v\n", v)
	}
	g.printf("FAILED: %d of %d benchmarks slower by more than %v, twice\n", len(slower), len(all), g.threshold)
	return Regressed, nil
}
