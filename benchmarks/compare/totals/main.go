package totals

import (
	"fmt"
	"io"

	"golang.org/x/perf/benchfmt"
)

const usage = `usage: compare totals [FILE...]

Reads the output of BenchmarkConv, and of BenchmarkNet for the measured whole, from
files or standard input. For each network, pass, batch and number of threads it
prints each library's sum of multiplicity x median time over the layers, by
algorithm, and with the best algorithm of each layer. Where all three passes are
there, their sum stands beside the measured step of training; it leaves out the
gradient of the first layer's input. Layers that are missing are named, and the
sum left out.
`

// Main runs the command and returns the exit code: 0, or 2 if nothing can be
// added up.
func Main(args []string, stdout, stderr io.Writer) int {
	if len(args) > 0 && (args[0] == "-h" || args[0] == "-help" || args[0] == "--help") {
		fmt.Fprint(stdout, usage)
		return 0
	}
	t := newTable()
	files := benchfmt.Files{Paths: args, AllowStdin: true, AllowLabels: true}
	for files.Scan() {
		switch r := files.Result().(type) {
		case *benchfmt.SyntaxError:
			fmt.Fprintln(stderr, "compare totals:", r)
			return 2
		case *benchfmt.Result:
			if err := t.add(r); err != nil {
				fmt.Fprintln(stderr, "compare totals:", err)
				return 2
			}
		}
	}
	if err := files.Err(); err != nil {
		fmt.Fprintln(stderr, "compare totals:", err)
		return 2
	}
	if err := t.write(stdout); err != nil {
		fmt.Fprintln(stderr, "compare totals:", err)
		return 2
	}
	return 0
}
