package ref_test

import (
	"testing"

	"github.com/simdconv/simdconv/kernels/ref"
)

// TestRMSprop holds numbers worked out by hand.
func TestRMSprop(t *testing.T) {
	w, v, g := []float64{10, 20}, []float64{0, 4}, []float64{8, -4}
	ref.RMSprop(w, v, nil, nil, g, 0.5, 0.75, 0, 9)
	checkEqual(t, "v", v, []float64{16, 7})
	checkEqual(t, "w", w, []float64{10 - 4.0/5, 20 + 2.0/4})

	w, v = []float64{10, 20}, []float64{0, 4}
	m, a := []float64{2, 4}, []float64{0, 4}
	ref.RMSprop(w, v, m, a, g, 0.5, 0.75, 0.5, 4)
	checkEqual(t, "a", a, []float64{2, 2})
	checkClose(t, "m", m, []float64{1 + 4.0/4, 2 - 2.0/2.6457513110645907})
	checkClose(t, "w with momentum", w, []float64{8, 20 - m[1]})
	checkPanics(t, "ref: length of m is 0, want 2", func() { ref.RMSprop(w, v, nil, a, g, 0.5, 0.75, 0.5, 4) })
}
