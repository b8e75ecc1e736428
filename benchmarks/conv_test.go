package benchmarks

import (
	"errors"
	"testing"

	"github.com/simdconv/simdconv/benchmarks/suite"
)

// BenchmarkConv compares algorithms layer by layer. The package documentation
// says what its names and figures mean.
func BenchmarkConv(b *testing.B) {
	rows, err := asked.ConvRows()
	if err != nil {
		b.Fatal(err)
	}
	var o suite.Operands
	for _, r := range rows {
		b.Run(r.Name(suite.Impl), func(b *testing.B) { runConv(b, r, &o) })
	}
}

// runConv checks one row's result, then times it.
func runConv(b *testing.B, r suite.Conv, o *suite.Operands) {
	if err := o.Use(r); err != nil {
		b.Fatal(err)
	}
	got := o.Result(r.Pass)
	call, workspace, err := r.Call(o, got)
	var refused *suite.Refusal
	switch {
	case errors.As(err, &refused):
		b.Skip(err) // seen with -v alone
	case err != nil:
		b.Fatal(err)
	}
	if err := call(); err != nil {
		b.Fatal(err)
	}
	if err := o.Check(r, got); err != nil {
		b.Fatal(err)
	}
	rounding, known := o.Error(got)
	sample{call, r.FLOP(), r.Tier, r.Threads, r.Cold}.measure(b)
	b.ReportMetric(float64(workspace), "ws-B")
	if known {
		b.ReportMetric(rounding, "eps")
	}
}
