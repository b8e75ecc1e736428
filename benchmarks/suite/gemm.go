package suite

import (
	"fmt"

	"github.com/simdconv/simdconv/benchmarks/shapes"
	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/kerneltest"
)

// A Gemm is one row of BenchmarkGemm, the product C = A*B.
type Gemm struct {
	shapes.Product
	Tier    kernels.Tier
	Threads int
	Cold    bool
}

// Name returns the row's name below BenchmarkGemm for a library.
func (r Gemm) Name(impl string) string {
	return fmt.Sprintf("impl=%s/m=%d/n=%d/k=%d/isa=%v/threads=%d%s", impl, r.M, r.N, r.K, r.Tier, r.Threads, Cache(r.Cold))
}

// Operands allocates the row's matrices, row-major and without gaps, and fills a
// and b.
func (r Gemm) Operands() (a, b, c []float32) {
	a, b, c = make([]float32, r.M*r.K), make([]float32, r.K*r.N), make([]float32, r.M*r.N)
	kerneltest.FillUniform(a, 1)
	kerneltest.FillUniform(b, 2)
	return a, b, c
}

// Call returns what the row of this library times.
func (r Gemm) Call(a, b, c []float32) (func() error, error) {
	e, err := kernels.New(kernels.Options{Tier: r.Tier, Threads: r.Threads})
	if err != nil {
		return nil, err
	}
	return func() error {
		e.Gemm(false, false, r.M, r.N, r.K, 1, a, r.K, b, r.N, 0, c, r.N)
		return nil
	}, nil
}

// checked is about how many elements of a product are checked.
const checked = 4096

// Check compares c with a*b: every element of a small product, and of a large
// one elements spread evenly over its rows and columns.
func (r Gemm) Check(a, b, c []float32) error {
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
	return CheckResult(got, want, r.K)
}
