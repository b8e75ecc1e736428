package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/simdconv/simdconv/benchmarks/compare/gate"
	"github.com/simdconv/simdconv/benchmarks/compare/report"
	"github.com/simdconv/simdconv/benchmarks/compare/totals"
)

const usage = `usage: compare COMMAND [flags]

  gate     fail if the working tree is slower than the commit it starts from
  report   measure everything, and make tables and charts of it
  totals   add up the layers of a network, for each library

compare COMMAND -h lists the flags.
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C does not wait
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run runs a command and returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	if len(args) == 0 {
		fmt.Fprint(stderr, usage)
		return gate.Unable
	}
	switch args[0] {
	case "gate":
		return gate.Main(ctx, args[1:], stdout, stderr)
	case "report":
		return report.Main(ctx, args[1:], stdout, stderr)
	case "totals":
		return totals.Main(args[1:], stdout, stderr)
	case "-h", "-help", "--help", "help":
		fmt.Fprint(stdout, usage)
		return gate.Passed
	}
	fmt.Fprintf(stderr, "compare: unknown command %q\n%s", args[0], usage)
	return gate.Unable
}
