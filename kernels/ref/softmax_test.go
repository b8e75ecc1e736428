package ref_test

import (
	"math"
	"testing"

	"github.com/simdconv/simdconv/kernels/ref"
)

func TestSoftmax(t *testing.T) {
	x := []float64{0, math.Log(2), math.Log(5), 1000, 1000, -1000}
	y := stale(6)
	ref.Softmax(y, x, 3)
	checkClose(t, "y", y, []float64{0.125, 0.25, 0.625, 0.5, 0.5, 0})
	ref.Softmax(x, x, 3)
	checkEqual(t, "y in place", x, y)
	checkPanics(t, "ref: length of x is 6, want a multiple of 4", func() { ref.Softmax(y, x, 4) })
	checkPanics(t, "ref: length of x is 6, want a multiple of 0", func() { ref.Softmax(y, x, 0) })
}

func TestSoftmaxGradient(t *testing.T) {
	x, dy := normal(1, 12), normal(2, 12)
	y, dx := stale(12), stale(12)
	loss := func() float64 {
		ref.Softmax(y, x, 4)
		return dot(dy, y)
	}
	loss()
	ref.SoftmaxBackward(dx, dy, y, 4)
	checkGradient(t, "dx", loss, x, dx)
}

func TestCrossEntropy(t *testing.T) {
	// Probabilities 1/8, 1/4, 5/8 in both rows.
	x := []float64{0, math.Log(2), math.Log(5), 0, math.Log(2), math.Log(5)}
	dx := stale(6)
	loss, correct := ref.CrossEntropy(dx, x, []uint8{2, 0}, 3)
	checkClose(t, "loss", []float64{loss}, []float64{(math.Log(8.0/5) + math.Log(8)) / 2})
	checkClose(t, "dx", dx, []float64{0.0625, 0.125, -0.1875, -0.4375, 0.125, 0.3125})
	if correct != 1 {
		t.Errorf("correct = %d, want 1", correct)
	}
}

func TestCrossEntropyOfLargeLogits(t *testing.T) {
	loss, correct := ref.CrossEntropy(nil, []float64{1000, 0, -1000, 0, 7, 7}, []uint8{1, 0}, 3)
	checkClose(t, "loss", []float64{loss}, []float64{(1000 + 7 + math.Log(2+math.Exp(-7))) / 2})
	if correct != 0 {
		t.Errorf("correct = %d, want 0", correct)
	}
	if _, correct := ref.CrossEntropy(nil, []float64{0, 7, 7}, []uint8{1}, 3); correct != 1 {
		t.Error("the first of two maxima does not count")
	}
	if _, correct := ref.CrossEntropy(nil, []float64{0, 7, 7}, []uint8{2}, 3); correct != 0 {
		t.Error("the second of two maxima counts")
	}
}

func TestCrossEntropyGradient(t *testing.T) {
	x, labels := normal(1, 15), []uint8{4, 0, 2}
	dx := stale(15)
	ref.CrossEntropy(dx, x, labels, 5)
	checkGradient(t, "dx", func() float64 {
		loss, _ := ref.CrossEntropy(nil, x, labels, 5)
		return loss
	}, x, dx)
}
