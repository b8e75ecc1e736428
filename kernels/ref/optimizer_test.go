package ref_test

import (
	"math"
	"testing"

	"github.com/simdconv/simdconv/kernels/ref"
)

func TestSGD(t *testing.T) {
	w, v, g := []float64{10, 20}, []float64{0, 4}, []float64{8, -8}
	ref.SGD(w, v, g, 0.25, 0.5)
	checkEqual(t, "v", v, []float64{-2, 4})
	checkEqual(t, "w", w, []float64{8, 24})
	ref.SGD(w, v, g, 0.25, 0.5)
	checkEqual(t, "v after two steps", v, []float64{-3, 4})
	checkEqual(t, "w after two steps", w, []float64{5, 28})

	ref.SGD(w, nil, g, 0.25, 0)
	checkEqual(t, "w without momentum", w, []float64{3, 30})
	checkPanics(t, "ref: length of v is 0, want 2", func() { ref.SGD(w, nil, g, 0.25, 0.5) })
}

// TestAdamAgainstPaper compares with algorithm 1 of the paper, whose epsilon
// is ours divided by sqrt(1 - beta2^t).
func TestAdamAgainstPaper(t *testing.T) {
	const lr, beta1, beta2, epsilon = 0.1, 0.9, 0.999, 1e-2
	const n = 5
	w, m, v := normal(1, n), make([]float64, n), make([]float64, n)
	want, first, second := normal(1, n), make([]float64, n), make([]float64, n)
	for step := 1; step <= 10; step++ {
		g := normal(uint64(step)+10, n)
		ref.Adam(w, m, v, g, lr, beta1, beta2, epsilon, step)

		correct1, correct2 := 1-math.Pow(beta1, float64(step)), 1-math.Pow(beta2, float64(step))
		for i := range want {
			first[i] = beta1*first[i] + (1-beta1)*g[i]
			second[i] = beta2*second[i] + (1-beta2)*g[i]*g[i]
			mhat, vhat := first[i]/correct1, second[i]/correct2
			want[i] -= lr * mhat / (math.Sqrt(vhat) + epsilon/math.Sqrt(correct2))
		}
		checkClose(t, "w", w, want)
	}
}

// TestAdamFirstStep holds the property that gave Adam its name's fame: the
// first step has the size of the learning rate whatever the gradient's.
func TestAdamFirstStep(t *testing.T) {
	w, m, v := []float64{1, 1}, []float64{0, 0}, []float64{0, 0}
	ref.Adam(w, m, v, []float64{1e-3, -1e3}, 0.25, 0.5, 0.75, 0, 1)
	checkClose(t, "w", w, []float64{0.75, 1.25})
}
