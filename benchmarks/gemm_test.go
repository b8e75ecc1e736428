package benchmarks

import (
	"testing"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/kerneltest"
)

// BenchmarkGemm computes C = A*B for the products of gemm.txt.
func BenchmarkGemm(b *testing.B) {
	rows, err := asked.gemmRows()
	if err != nil {
		b.Fatal(err)
	}
	for _, r := range rows {
		b.Run(r.name(), r.run)
	}
}

// run checks one row's result, then times it.
func (r gemmRow) run(b *testing.B) {
	e, err := kernels.New(kernels.Options{Tier: r.tier, Threads: r.threads})
	if err != nil {
		b.Fatal(err)
	}
	x, y, c := make([]float32, r.M*r.K), make([]float32, r.K*r.N), make([]float32, r.M*r.N)
	kerneltest.FillUniform(x, 1)
	kerneltest.FillUniform(y, 2)
	call := func() error {
		e.Gemm(false, false, r.M, r.N, r.K, 1, x, r.K, y, r.N, 0, c, r.N)
		return nil
	}
	if err := call(); err != nil {
		b.Fatal(err)
	}
	if err := r.check(x, y, c); err != nil {
		b.Fatal(err)
	}
	sample{call, r.FLOP(), r.tier, r.threads, r.cold}.measure(b)
}

// checked is about how many elements of a product are checked.
const checked = 4096

// check compares c with a*b: every element of a small product, and of a large
// one elements spread evenly over its rows and columns.
func (r gemmRow) check(a, b, c []float32) error {
	step := len(c)/checked | 1 // odd, so that it goes through all columns of most products
	var got []float32
	var want []float64
	for at := len(c) - 1; at >= 0; at -= step {
		row, col := at/r.N, at%r.N
		sum := 0.0
		for k, v := range a[row*r.K:][:r.K] {
			sum += float64(v) * float64(b[k*r.N+col])
		}
		got, want = append(got, c[at]), append(want, sum)
	}
	return checkResult(got, want, r.K)
}
