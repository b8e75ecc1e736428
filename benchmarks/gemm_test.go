package benchmarks

import (
	"testing"

	"github.com/simdconv/simdconv/benchmarks/suite"
)

// BenchmarkGemm computes C = A*B for the products of gemm.txt.
func BenchmarkGemm(b *testing.B) {
	rows, err := asked.GemmRows()
	if err != nil {
		b.Fatal(err)
	}
	for _, r := range rows {
		b.Run(r.Name(suite.Impl), func(b *testing.B) { runGemm(b, r) })
	}
}

// runGemm checks one row's result, then times it.
func runGemm(b *testing.B, r suite.Gemm) {
	x, y, c := r.Operands()
	call, err := r.Call(x, y, c)
	if err != nil {
		b.Fatal(err)
	}
	if err := call(); err != nil {
		b.Fatal(err)
	}
	if err := r.Check(x, y, c); err != nil {
		b.Fatal(err)
	}
	sample{call, r.FLOP(), r.Tier, r.Threads, r.Cold}.measure(b)
}
