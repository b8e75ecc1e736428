package ref_test

import (
	"testing"

	"github.com/simdconv/simdconv/kernels/ref"
)

// TestNesterov compares with the paper's form, which keeps the point before
// the look ahead, u: v = momentum*v - lr*g(u + momentum*v), u = u + v. Keras's
// w is u + momentum*v.
func TestNesterov(t *testing.T) {
	const lr, momentum = 0.1, 0.9
	gradient := func(w float64) float64 { return w * w }
	w, v := []float64{1}, []float64{0}
	u, paper := 1.0, 0.0
	for range 5 {
		ref.Nesterov(w, v, []float64{gradient(w[0])}, lr, momentum)
		paper = momentum*paper - lr*gradient(u+momentum*paper)
		u += paper
		checkClose(t, "v", v, []float64{paper})
		checkClose(t, "w", w, []float64{u + momentum*paper})
	}
}
