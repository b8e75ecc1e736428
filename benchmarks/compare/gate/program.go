package gate

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/perf/benchfmt"
)

// A side is one of the two programs that are compared.
type side int

const (
	base side = iota
	head
)

func (s side) String() string { return [...]string{"base", "head"}[s] }

// A program runs benchmarks, linked with its functions in one order or another.
// Tests have programs that build nothing.
type program interface {
	make(ctx context.Context, order int) error
	run(ctx context.Context, args ...string) (output []byte, err error)
}

// A testProgram is the benchmarks of a source tree, built.
type testProgram struct {
	side   side
	root   string // of the source tree
	folder string // of the programs
	keep   bool   // one program for each order
	file   string // the last one that was made
}

// make builds the program. The same sources give the same bytes wherever they
// are; order 0 is the linker's own.
func (p *testProgram) make(ctx context.Context, order int) error {
	name := p.side.String()
	if p.keep {
		name += strconv.Itoa(order)
	}
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	p.file = filepath.Join(p.folder, name)
	if _, err := os.Stat(p.file); err == nil && p.keep {
		return nil
	}
	args := []string{"test", "-c", "-trimpath", "-buildvcs=false", "-o", p.file}
	if order != 0 {
		args = append(args, "-ldflags=-randlayout="+strconv.Itoa(order))
	}
	c := command(ctx, "go", append(args, "./"+tests)...)
	c.Dir = p.root
	c.Env = append(os.Environ(), "GOWORK=off", "PWD="+p.root, "GOTMPDIR="+p.folder)
	output, err := c.CombinedOutput()
	if err == nil {
		if _, err = os.Stat(p.file); err == nil {
			return nil
		}
		err = fmt.Errorf("no test files in %s", tests)
	}
	return fmt.Errorf("%s does not build: %w\n%s", p.side, err, excerpt(output))
}

func (p *testProgram) run(ctx context.Context, args ...string) ([]byte, error) {
	var stdout, stderr bytes.Buffer
	c := command(ctx, p.file, args...)
	c.Dir = filepath.Join(p.root, tests)
	c.Stdout, c.Stderr = &stdout, &stderr
	if err := c.Run(); err != nil {
		return nil, fmt.Errorf("%s does not run: %w\n%s%s", p.side, err, excerpt(stdout.Bytes()), excerpt(stderr.Bytes()))
	}
	return stdout.Bytes(), nil
}

// excerpt returns the first and last lines of an output, indented.
func excerpt(output []byte) string {
	const first, last = 10, 20
	lines := strings.Split(strings.TrimSpace(string(output)), "\n")
	if len(lines) > first+last {
		lines = slices.Concat(lines[:first], []string{"..."}, lines[len(lines)-last:])
	}
	return "\t" + strings.Join(lines, "\n\t") + "\n"
}

// same reports whether two files have the same bytes.
func same(a, b string) (bool, error) {
	x, err := os.ReadFile(a)
	if err != nil {
		return false, err
	}
	y, err := os.ReadFile(b)
	return bytes.Equal(x, y), err
}

// pattern returns a -test.bench pattern for just these benchmarks. The number of
// threads that the testing package appends to names is no part of them, but what
// looks like it may be.
func pattern(suspects []verdict) string {
	var names []string
	for _, v := range suspects {
		name, parts := benchfmt.Name(v.name).Parts()
		levels := []string{"Benchmark" + string(name)}
		for _, p := range parts {
			if level, ok := strings.CutPrefix(string(p), "/"); ok {
				levels = append(levels, level)
			}
		}
		for i, level := range levels {
			end := "$"
			if i == len(levels)-1 {
				end = "(-[0-9]+)?$"
			}
			levels[i] = "^" + regexp.QuoteMeta(level) + end
		}
		names = append(names, strings.Join(levels, "/"))
	}
	return strings.Join(names, "|")
}
