package report

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/klauspost/cpuid/v2"

	"github.com/simdconv/simdconv/kernels"
)

// resultsFolder holds a folder for each machine.
const resultsFolder = "benchmarks/results"

const usage = `usage: compare report [flags]

Runs the suite, beside the peers whose libraries are there, and writes raw results
to benchmarks/results/<cpu>/. Makes that folder's README.md and charts of them, and
the sections in the README.md of the root, benchmarks/compare and
benchmarks/compare/frameworks. Under twenty minutes on two cores. ONNX Runtime's
library is named by the variable ONNXRUNTIME.

`

// options are the flags.
type options struct {
	root, out, only string
	charts, quick   bool
}

// Main runs the command with its flags and returns the exit code: 0, 1 if
// something could not be measured, 2 for wrong flags.
func Main(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var o options
	f := flag.NewFlagSet("report", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.Usage = func() {
		fmt.Fprint(stderr, usage)
		f.PrintDefaults()
	}
	f.StringVar(&o.root, "root", "../..", "root of the repository")
	f.StringVar(&o.out, "out", "", "folder for everything, instead of the machine's; the sections of other pages stay as they are")
	f.StringVar(&o.only, "only", "", "pieces to measure, between commas, of "+pieceNames()+" (default: all)")
	f.BoolVar(&o.charts, "charts", false, "measure nothing: make pages and charts of the files that are there")
	f.BoolVar(&o.quick, "quick", false, "one short run of few rows, to see that it works; needs -out")
	switch err := f.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	}
	if f.NArg() > 0 {
		fmt.Fprintf(stderr, "report: unexpected argument %q\n", f.Arg(0))
		return 2
	}
	if o.quick && o.out == "" {
		fmt.Fprintln(stderr, "report: -quick without -out: its figures are worth nothing")
		return 2
	}
	if err := o.run(ctx, stdout, runGo); err != nil {
		fmt.Fprintln(stderr, "report:", err)
		return 1
	}
	return 0
}

// run measures what is asked for and writes what can be made of it, even if a
// piece failed.
func (o options) run(ctx context.Context, stdout io.Writer, run goCommand) error {
	mod, err := os.ReadFile(filepath.Join(o.root, "go.mod"))
	if err == nil && !strings.HasPrefix(string(mod), "module github.com/simdconv/simdconv\n") {
		err = errors.New("its go.mod is another module's")
	}
	if err != nil {
		return fmt.Errorf("-root %s is not the root of the repository: %w", o.root, err)
	}
	folder, err := o.folder()
	if err != nil {
		return err
	}
	var failed error
	if !o.charts {
		if err := os.MkdirAll(folder, 0o777); err != nil {
			return err
		}
		if failed, err = o.measure(ctx, folder, stdout, run); err != nil {
			return err
		}
	}
	return errors.Join(failed, o.write(folder))
}

// folder returns where results are: of the machine, or for charts alone the one
// that the root's README.md names.
func (o options) folder() (string, error) {
	if o.out != "" {
		return o.out, nil
	}
	if o.charts {
		readme, err := os.ReadFile(filepath.Join(o.root, "README.md"))
		if err != nil {
			return "", err
		}
		p, err := find(string(readme), "layers")
		return filepath.Join(o.root, p.folder), err
	}
	tier, err := kernels.BestTier()
	return filepath.Join(o.root, resultsFolder, slug(cpuid.CPU, tier)), err
}

// measure runs the pieces. It returns why some failed, apart from errors of the
// flags.
func (o options) measure(ctx context.Context, folder string, stdout io.Writer, run goCommand) (failed, err error) {
	chosen := pieces()
	if o.only != "" {
		chosen = nil
		for _, name := range strings.Split(o.only, ",") {
			i := slices.IndexFunc(pieces(), func(p piece) bool { return p.name == name })
			if i < 0 {
				return nil, fmt.Errorf("-only=%s: no piece %q, want some of %s", o.only, name, pieceNames())
			}
			chosen = append(chosen, pieces()[i])
		}
	}
	var leftOut []string
	begun := time.Now()
	if file := os.Getenv(onnxruntimeFile); file != "" {
		if _, err := os.Stat(file); err != nil {
			return nil, fmt.Errorf("%s: %w; name libonnxruntime.so.1 with its whole path, or unset it to leave ONNX Runtime out", onnxruntimeFile, err)
		}
	}
	flags := detect(ctx, o.root, run)
	fmt.Fprintf(stdout, "report: %s, %d threads, peers with -tags=%s\n", folder, runtime.GOMAXPROCS(0), flags.tags)
	for _, p := range chosen {
		start := time.Now()
		missing, err := measure(ctx, o.root, folder, p, flags, o.quick, run)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		failed = errors.Join(failed, err)
		leftOut = append(leftOut, missing...)
		fmt.Fprintf(stdout, "report: %-10s %4.0f s  %s\n", p.name, time.Since(start).Seconds(), p.what)
	}
	slices.Sort(leftOut)
	for _, line := range slices.Compact(leftOut) {
		fmt.Fprintln(stdout, "report:", line)
	}
	fmt.Fprintf(stdout, "report: %.0f s in all\n", time.Since(begun).Seconds())
	return failed, nil
}

// write makes the folder's page and charts, and the sections of other pages unless
// results went elsewhere.
func (o options) write(folder string) error {
	r, err := readFolder(folder)
	if err != nil {
		return err
	}
	charts, err := r.charts(folder)
	if err != nil {
		return err
	}
	page, err := r.page(charts)
	if err != nil {
		return err
	}
	if err := replace(filepath.Join(folder, "README.md"), []byte(page)); err != nil || o.out != "" {
		return err
	}
	return r.fill(o.root, path.Join(resultsFolder, filepath.Base(folder)))
}
