package kerneltest

import (
	"math"
	"slices"
	"testing"
)

func TestFillInts(t *testing.T) {
	s := make([]float32, 2000)
	FillInts(s, 1, 3)
	var count [7]int
	for i, v := range s {
		if v != float32(math.Trunc(float64(v))) || v < -3 || v > 3 {
			t.Fatalf("[%d] = %v, want an integer in [-3, 3]", i, v)
		}
		count[int(v)+3]++
	}
	for i, n := range count {
		if n < 200 {
			t.Errorf("%d came %d times in %d, want about a seventh", i-3, n, len(s))
		}
	}
	checkSeeds(t, func(dst []float32, seed uint64) { FillInts(dst, seed, 3) })
}

func TestFillUniform(t *testing.T) {
	s := make([]float32, 2000)
	FillUniform(s, 1)
	var below, small int
	for i, v := range s {
		if v < -1 || v >= 1 {
			t.Fatalf("[%d] = %v, want [-1, 1)", i, v)
		}
		if v < 0 {
			below++
		}
		if v > -0.5 && v < 0.5 {
			small++
		}
	}
	for _, n := range []int{below, small} {
		if n < 900 || n > 1100 {
			t.Errorf("%d of %d below 0 and %d within 0.5, want about half", below, len(s), small)
		}
	}
	checkSeeds(t, FillUniform)
}

// checkSeeds fails unless equal seeds give equal values and others do not.
func checkSeeds(t *testing.T, fill func(dst []float32, seed uint64)) {
	t.Helper()
	a, b, c := make([]float32, 50), make([]float32, 50), make([]float32, 50)
	fill(a, 7)
	fill(b, 7)
	fill(c, 8)
	if !slices.Equal(a, b) {
		t.Error("the same seed gave different values")
	}
	if slices.Equal(a, c) {
		t.Error("different seeds gave the same values")
	}
}
