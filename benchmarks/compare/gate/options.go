package gate

import (
	"flag"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
)

var errHelp = flag.ErrHelp

// options are the flags, checked.
type options struct {
	tree, base, bench, benchtime string
	module                       string // whose go.mod has the benchstat tool
	rounds, layouts              int
	threshold                    percent
	alpha                        float64
	args                         []string
}

func (o options) rule() rule { return rule{float64(o.threshold), o.alpha} }

// A percent is a share that flags give as 5% or 0.05.
type percent float64

func (p percent) String() string {
	return strconv.FormatFloat(100*float64(p), 'g', 4, 64) + "%"
}

func (p *percent) Set(s string) error {
	number, hundred := strings.CutSuffix(s, "%")
	v, err := strconv.ParseFloat(number, 64)
	if hundred {
		v /= 100
	}
	if err != nil || !(v > 0 && v < 10) {
		return fmt.Errorf("want a percentage above 0, such as 5%%")
	}
	*p = percent(v)
	return nil
}

const usage = `usage: compare gate [flags] [-- flags of the benchmarks]

Fails (exit code 1) if benchmarks of the working tree are slower than at the
commit it starts from. Exit code 2: it could not tell.

`

// parse checks the flags. It has printed what it returns as errHelp.
func parse(args []string, stderr io.Writer) (options, error) {
	o := options{threshold: 0.05}
	f := flag.NewFlagSet("gate", flag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.StringVar(&o.tree, "C", "", "the working tree, if not that of the current folder")
	f.StringVar(&o.module, "benchstat", "", "module that has the benchstat tool (default: benchmarks/compare of the working tree)")
	f.StringVar(&o.base, "base", "", "commit to compare with (default: the merge base with the main branch, on it HEAD~1)")
	f.StringVar(&o.bench, "bench", "Conv|Gemm", "pattern of benchmarks, as of go test")
	f.StringVar(&o.benchtime, "benchtime", "100ms", "time of each benchmark in a round, as of go test")
	f.IntVar(&o.rounds, "rounds", 24, "runs of each side; suspects get three times as many again")
	f.IntVar(&o.layouts, "layouts", 0, "random orders of functions to link (default: a new one each round)")
	f.Var(&o.threshold, "threshold", "slowdown to fail at")
	f.Float64Var(&o.alpha, "alpha", 0.01, "most probability of a false alarm")
	err := f.Parse(args)
	if err == flag.ErrHelp {
		f.SetOutput(stderr)
		fmt.Fprint(stderr, usage)
		f.PrintDefaults()
		return o, errHelp
	}
	if err != nil {
		return o, err
	}
	o.args = f.Args()
	return o, o.check(args)
}

// check refuses values with which the gate could never fail.
func (o options) check(args []string) error {
	if n := len(args) - len(o.args); len(o.args) > 0 && (n == 0 || args[n-1] != "--") {
		return fmt.Errorf("unexpected argument %q; flags of the benchmarks follow --", o.args[0])
	}
	if _, err := regexp.Compile(o.bench); err != nil || o.bench == "" {
		return fmt.Errorf("-bench %q, want a regular expression", o.bench)
	}
	if !(o.alpha > 0 && o.alpha < 1) {
		return fmt.Errorf("-alpha %v, want a probability between 0 and 1", o.alpha)
	}
	if o.layouts < 0 {
		return fmt.Errorf("-layouts %d, want at least 1", o.layouts)
	}
	least := o.rule().least()
	if o.rounds < least || o.rounds > 1000 {
		return fmt.Errorf("-rounds %d, want %d to 1000: fewer are never significant at -alpha %v", o.rounds, least, o.alpha)
	}
	return nil
}
