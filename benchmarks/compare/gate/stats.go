package gate

import (
	"cmp"
	"math"
	"slices"
)

// shift returns the median of head/base over all pairs (Hodges and Lehmann, Ann.
// Math. Stat. 34(2), 1963). It needs fewer samples than a ratio of medians, and
// outliers among a quarter of them do not move it far.
func shift(base, head []float64) float64 {
	ratios := make([]float64, 0, len(base)*len(head))
	for _, b := range base {
		for _, h := range head {
			ratios = append(ratios, h/b)
		}
	}
	return median(ratios)
}

// median sorts values.
func median(values []float64) float64 {
	slices.Sort(values)
	n := len(values)
	return (values[(n-1)/2] + values[n/2]) / 2
}

// pairShift returns the median over any two pairs of the geometric mean of their
// head/base, the estimate that goes with signedRanks.
func pairShift(base, head []float64) float64 {
	logs := logRatios(base, head)
	var means []float64
	for i, a := range logs {
		for _, b := range logs[:i+1] {
			means = append(means, (a+b)/2)
		}
	}
	return math.Exp(median(means))
}

func logRatios(base, head []float64) []float64 {
	logs := make([]float64, len(base))
	for i := range base {
		logs[i] = math.Log(head[i] / base[i])
	}
	return logs
}

// signedRanks returns the two-sided p-value of no difference within pairs
// (Wilcoxon, Biometrics Bull. 1(6), 1945). It is exact without ties.
func signedRanks(base, head []float64) float64 {
	logs := logRatios(base, head)
	slices.SortFunc(logs, func(a, b float64) int { return cmp.Compare(math.Abs(a), math.Abs(b)) })
	n := len(logs)
	sum, total := 0, n*(n+1)/2 // of ranks
	for i, a := range logs {
		if a > 0 {
			sum += i + 1
		}
	}
	ways := make([]float64, total+1) // to have each sum
	ways[0] = 1
	for rank := 1; rank <= n; rank++ {
		for s := total; s >= rank; s-- {
			ways[s] += ways[s-rank]
		}
	}
	extreme := 0.0
	for _, w := range ways[:min(sum, total-sum)+1] {
		extreme += w
	}
	return min(1, 2*extreme/math.Exp2(float64(n)))
}

// leastP returns the smallest p-value that two samples of n values can have: that
// of all values of one above all of the other, 2/(2n choose n).
func leastP(n int) float64 {
	p := 2.0
	for i := 1; i <= n; i++ {
		p *= float64(i) / float64(n+i)
	}
	return p
}
