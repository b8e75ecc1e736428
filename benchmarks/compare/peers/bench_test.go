package peers_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/simdconv/simdconv/benchmarks/compare/peers"
	"github.com/simdconv/simdconv/benchmarks/compare/peers/blas"
	"github.com/simdconv/simdconv/benchmarks/compare/peers/gonum"
	"github.com/simdconv/simdconv/benchmarks/compare/peers/onednn"
	"github.com/simdconv/simdconv/benchmarks/compare/peers/onnxruntime"
	"github.com/simdconv/simdconv/benchmarks/suite"
)

// all are the peers, in the order of their rows.
var all = []peers.Peer{onednn.Peer, blas.OpenBLAS, blas.BLIS, gonum.Peer, onnxruntime.Peer}

// asked is what the flags ask for.
var asked struct {
	suite.Tour
	field   peers.Field
	rounds  int  // -count
	kernels bool // name them
}

func TestMain(m *testing.M) {
	var s suite.Settings
	s.Register(flag.CommandLine)
	for name, value := range map[string]string{"algos": "auto,direct", "nets": "resnet34"} {
		f := flag.Lookup(name)
		f.DefValue = value
		if err := f.Value.Set(value); err != nil {
			panic(err)
		}
	}
	impls := flag.String("impls", "all", "all, or a list of libraries; without one that is listed and missing nothing runs")
	flag.BoolVar(&asked.kernels, "kernels", false, "print on standard error which kernel each row ran")
	for i, p := range all {
		if p.File != "" {
			flag.StringVar(&all[i].File, p.Name, p.File, "shared library to load")
		}
	}
	flag.Parse()
	if flag.Lookup("test.bench").Value.String() != "" {
		if err := prepare(s, *impls); err != nil {
			fmt.Fprintln(os.Stderr, "peers:", err)
			os.Exit(2)
		}
	}
	os.Exit(m.Run())
}

// prepare opens the libraries and prints the header. The time of a row becomes
// that of its turns, and the testing package calls each row once per round.
func prepare(s suite.Settings, impls string) error {
	var err error
	if asked.Tour, err = s.Resolve(); err != nil {
		return err
	}
	if asked.field, err = peers.NewField(asked.Tour, impls, all); err != nil {
		return err
	}
	for _, why := range asked.field.Missing {
		fmt.Fprintln(os.Stderr, "left out:", why)
	}
	asked.field.Time = 300 * time.Millisecond
	flag.Visit(func(f *flag.Flag) {
		if f.Name == "test.benchtime" {
			asked.field.Time, err = time.ParseDuration(f.Value.String())
		}
	})
	if err != nil {
		return fmt.Errorf("-benchtime: %w: want a duration, as libraries share it by turns", err)
	}
	if err := flag.Set("test.benchtime", "1x"); err != nil {
		return err
	}
	if asked.rounds, err = strconv.Atoi(flag.Lookup("test.count").Value.String()); err != nil {
		return err
	}
	fmt.Print(asked.field.Header(asked.Tour))
	return nil
}

// BenchmarkConv has the layers of the root suite's, by all libraries.
func BenchmarkConv(b *testing.B) {
	c, err := asked.field.Convs(asked.Tour)
	run(b, c, err)
}

// BenchmarkGemm has the products of the root suite's, by all libraries.
func BenchmarkGemm(b *testing.B) {
	c, err := asked.field.Gemms(asked.Tour)
	run(b, c, err)
}

// BenchmarkPool has the windows of the root suite's, by all libraries.
func BenchmarkPool(b *testing.B) { run(b, asked.field.Memories(asked.PoolRows()), nil) }

// BenchmarkBatchNorm has the normalisations of the root suite's, by all libraries.
func BenchmarkBatchNorm(b *testing.B) { run(b, asked.field.Memories(asked.BatchNormRows()), nil) }

// BenchmarkVec has the vector operations of the root suite's, by all libraries.
func BenchmarkVec(b *testing.B) { run(b, asked.field.Memories(asked.VecRows()), nil) }

func run(b *testing.B, contests []*peers.Contest, err error) {
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range contests {
		for _, r := range c.Rows {
			round := 0
			b.Run(r.Name, func(b *testing.B) {
				report(b, c, r, round)
				round++
			})
		}
	}
}

// report gives one sample of a row the form of a benchmark.
func report(b *testing.B, c *peers.Contest, r *peers.Row, round int) {
	s, kernel, err := c.Sample(r, round, max(1, asked.rounds))
	var refused *suite.Refusal
	switch {
	case errors.As(err, &refused):
		b.Skip(err) // seen with -v alone
	case err != nil:
		b.Fatal(err)
	}
	if asked.kernels && round == 0 {
		fmt.Fprintf(os.Stderr, "kernel: %s: %s\n", r.Name, kernel)
	}
	b.N = s.Calls //lint:ignore SA3001 they were made by turns with other rows'
	b.ReportMetric(1e9*s.Call, "ns/op")
	b.ReportMetric(c.Amount/s.Call, c.Unit)
	b.ReportMetric(100*s.Share, c.Share)
}
