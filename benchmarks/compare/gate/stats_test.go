package gate

import (
	"math"
	"testing"
)

func near(a, b float64) bool { return math.Abs(a-b) < 1e-12 }

func TestShift(t *testing.T) {
	if got := shift([]float64{1, 2, 4}, []float64{2, 4, 8}); got != 2 {
		t.Errorf("shift %v, want 2", got)
	}
	// Pairs of 1, 1 and 4: means 1, 1, 1, 2, 2, 4.
	if got := pairShift([]float64{1, 2, 3}, []float64{1, 2, 12}); !near(got, math.Sqrt2) {
		t.Errorf("pairShift %v, want %v", got, math.Sqrt2)
	}
	// Outliers among a quarter of the samples.
	if got := shift([]float64{1, 1, 1, 9}, []float64{1, 1, 1, 1}); got != 1 {
		t.Errorf("shift with an outlier %v, want 1", got)
	}
}

// TestSignedRanks compares with tables: W = 0 of 5 pairs, 3 of 6, and 8 of 10.
func TestSignedRanks(t *testing.T) {
	for _, c := range []struct {
		logs []float64
		want float64
	}{
		{[]float64{1, 2, 3, 4, 5}, 2. / 32},
		{[]float64{-1, -2, 3, 4, 5, 6}, 10. / 64},
		{[]float64{1, 2, -3, 4, -5, 6, 7, 8, 9, 10}, 50. / 1024},
		{[]float64{1, -1}, 1},
	} {
		var base, head []float64
		for _, l := range c.logs {
			base, head = append(base, 1), append(head, math.Exp(l))
		}
		if got := signedRanks(base, head); !near(got, c.want) {
			t.Errorf("p = %v of %v, want %v", got, c.logs, c.want)
		}
		if got := signedRanks(head, base); !near(got, c.want) {
			t.Errorf("p = %v of %v turned round, want %v", got, c.logs, c.want)
		}
	}
}

func TestLeastP(t *testing.T) {
	for n, want := range map[int]float64{1: 1, 3: 0.1, 5: 2. / 252, 9: 2. / 48620} {
		if got := leastP(n); !near(got, want) {
			t.Errorf("leastP(%d) = %v, want %v", n, got, want)
		}
	}
	if n := (rule{0.05, 0.01}).rounds(5, 1000); n != 11 {
		t.Errorf("%d rounds to convict 1000, want 11", n)
	}
}
