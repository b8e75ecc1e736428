package report

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// A goCommand runs the go command in a folder.
type goCommand func(ctx context.Context, dir string, stdout, stderr io.Writer, args ...string) error

func runGo(ctx context.Context, dir string, stdout, stderr io.Writer, args ...string) error {
	c := exec.CommandContext(ctx, "go", args...)
	c.Dir, c.Stdout, c.Stderr = dir, stdout, stderr
	c.Env = append(os.Environ(), "GOWORK=off")
	return c.Run()
}

// detect returns the flags of the peers that can be built and loaded here: cgo
// and a C compiler for any, and what oneDNN links with.
func detect(ctx context.Context, root string, run goCommand) peerFlags {
	f := peerFlags{onnxruntime: os.Getenv(onnxruntimeFile)}
	tags := "openblas,blis"
	if f.onnxruntime != "" {
		tags += ",onnxruntime"
	}
	for _, tags := range []string{"onednn," + tags, tags} {
		err := run(ctx, root, io.Discard, io.Discard, "test", "-C", "benchmarks/compare", "-tags="+tags, "-run=NONE", "./peers")
		if err == nil {
			f.tags = tags
			return f
		}
	}
	return peerFlags{}
}

// measure runs a piece and replaces its file, or leaves it as it was if the run
// fails. What the run says on standard error becomes comments. It returns what was
// left out, and why.
func measure(ctx context.Context, root, folder string, p piece, f peerFlags, quick bool, run goCommand) (missing []string, err error) {
	args := p.command(f, quick)
	tmp, err := os.CreateTemp(folder, ".simdconv-*.tmp")
	if err != nil {
		return nil, err
	}
	defer func() {
		tmp.Close()
		if err != nil {
			err = errors.Join(fmt.Errorf("%s: %w", p.name, err), os.Remove(tmp.Name()))
		}
	}()
	if _, err := io.WriteString(tmp, header(ctx, root, shell(args, f))); err != nil {
		return nil, err
	}
	var stdout, stderr bytes.Buffer
	if err := run(ctx, root, &stdout, &stderr, args...); err != nil {
		return nil, fmt.Errorf("%w\n%s%s", err, tail(stdout.String()), tail(stderr.String()))
	}
	var text strings.Builder
	for line := range strings.Lines(stderr.String()) {
		text.WriteString("# " + line)
	}
	text.Write(stdout.Bytes())
	said := text.String()
	if f.onnxruntime != "" {
		said = strings.ReplaceAll(said, f.onnxruntime, filepath.Base(f.onnxruntime))
	}
	if _, err := io.WriteString(tmp, said); err != nil {
		return nil, err
	}
	if err := errors.Join(tmp.Chmod(0o644), tmp.Close()); err != nil {
		return nil, err
	}
	if _, err := readFile(tmp.Name()); err != nil {
		return nil, err
	}
	for line := range strings.Lines(said) {
		if line = strings.TrimSpace(strings.TrimPrefix(line, "# ")); strings.HasPrefix(line, "left out: ") {
			missing = append(missing, line)
		}
	}
	return missing, os.Rename(tmp.Name(), filepath.Join(folder, p.name+".txt"))
}

// tail returns the last lines of an output.
func tail(s string) string {
	const most = 20
	lines := strings.SplitAfter(s, "\n")
	return strings.Join(lines[max(0, len(lines)-most):], "")
}
