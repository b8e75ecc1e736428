package gonumblas_test

import (
	"fmt"
	"log"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/gonumblas"
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
	"gonum.org/v1/gonum/blas/gonum"
)

// A program that multiplies with gonum's blas32, before and after.
func Example() {
	square := func() []float32 {
		a := blas32.General{Rows: 2, Cols: 2, Stride: 2, Data: []float32{1, 1, 1, 0}}
		c := blas32.General{Rows: 2, Cols: 2, Stride: 2, Data: make([]float32, 4)}
		blas32.Gemm(blas.NoTrans, blas.NoTrans, 1, a, a, 0, c)
		return c.Data
	}
	before := square()
	blas32.Use(gonumblas.Implementation{})
	defer blas32.Use(gonum.Implementation{})
	fmt.Println(before, square())
	// Output: [2 1 1 1] [2 1 1 1]
}

// One thread, for programs that are parallel themselves.
func ExampleNew() {
	one, err := gonumblas.New(kernels.Options{Threads: 1})
	if err != nil {
		log.Fatal(err)
	}
	c := []float32{100}
	one.Sgemm(blas.NoTrans, blas.Trans, 1, 1, 2, 1, []float32{1, 2}, 2, []float32{3, 4}, 2, 1, c, 1)
	fmt.Println(c)
	// Output: [111]
}

// TestSgemm compares with gonum, on integers, where both are exact.
func TestSgemm(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	ints := func(n int) []float32 {
		s := make([]float32, n)
		for i := range s {
			s[i] = float32(r.IntN(9) - 4)
		}
		return s
	}
	for range 200 {
		m, n, k := r.IntN(40), r.IntN(70), r.IntN(50)
		tA, tB := []blas.Transpose{blas.NoTrans, blas.Trans, blas.ConjTrans}[r.IntN(3)], []blas.Transpose{blas.NoTrans, blas.Trans}[r.IntN(2)]
		ld := 70 + r.IntN(5)
		a, b, c := ints(70*ld), ints(70*ld), ints(40*ld)
		alpha, beta := float32(r.IntN(3)), float32(r.IntN(3))
		want := append([]float32(nil), c...)
		gonum.Implementation{}.Sgemm(tA, tB, m, n, k, alpha, a, ld, b, ld, beta, want, ld)
		gonumblas.Implementation{}.Sgemm(tA, tB, m, n, k, alpha, a, ld, b, ld, beta, c, ld)
		for i := range c {
			if c[i] != want[i] {
				t.Fatalf("%c%c %dx%dx%d alpha=%v beta=%v: c[%d] = %v, want %v", tA, tB, m, n, k, alpha, beta, i, c[i], want[i])
			}
		}
	}
}

// TestPanics checks that wrong arguments panic as gonum does.
func TestPanics(t *testing.T) {
	s := make([]float32, 6)
	for name, call := range map[string]func(blas.Float32){
		"transpose": func(b blas.Float32) { b.Sgemm('x', blas.NoTrans, 2, 2, 2, 1, s, 2, s, 2, 0, s, 2) },
		"m":         func(b blas.Float32) { b.Sgemm(blas.NoTrans, blas.NoTrans, -1, 2, 2, 1, s, 2, s, 2, 0, s, 2) },
		"lda":       func(b blas.Float32) { b.Sgemm(blas.NoTrans, blas.NoTrans, 2, 2, 3, 1, s, 2, s, 2, 0, s, 2) },
		"short a":   func(b blas.Float32) { b.Sgemm(blas.NoTrans, blas.NoTrans, 3, 2, 3, 1, s, 3, s, 2, 0, s, 2) },
		"overflow":  func(b blas.Float32) { b.Sgemm(blas.NoTrans, blas.NoTrans, 2, 2, 2, 1, s, math.MaxInt, s, 2, 0, s, 2) },
	} {
		want := caught(func() { call(gonum.Implementation{}) })
		if got := caught(func() { call(gonumblas.Implementation{}) }); got != want || got == nil {
			t.Errorf("%s: panic %v, want %v", name, got, want)
		}
	}
}

func caught(f func()) (v any) {
	defer func() { v = recover() }()
	f()
	return nil
}
