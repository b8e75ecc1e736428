package ref_test

import (
	"math"
	"testing"

	"github.com/simdconv/simdconv/kernels/ref"
)

func TestBatchNormTrain(t *testing.T) {
	// Two channels: 1, 3, 5, 7 and a constant.
	x := []float64{1, 9, 3, 9, 5, 9, 7, 9}
	y, mean, variance := stale(8), stale(2), stale(2)
	ref.BatchNormTrain(4, 2, y, mean, variance, x, []float64{2, 3}, []float64{10, 20}, 4)
	checkEqual(t, "mean", mean, []float64{4, 9})
	checkEqual(t, "variance", variance, []float64{5, 0}) // biased: (9+1+1+9)/4
	// sqrt(5+4) = 3.
	checkClose(t, "y", y, []float64{8, 20, 10 - 2.0/3, 20, 10 + 2.0/3, 20, 12, 20})
}

func TestBatchNormGradients(t *testing.T) {
	for _, size := range [][2]int{{1, 1}, {2, 3}, {10, 4}} {
		m, c := size[0], size[1]
		const epsilon = 1e-3
		x, dy, gamma, beta := normal(1, m*c), normal(2, m*c), normal(3, c), normal(4, c)
		y, mean, variance := stale(m*c), stale(c), stale(c)
		dx, dgamma, dbeta := stale(m*c), stale(c), stale(c)
		loss := func() float64 {
			ref.BatchNormTrain(m, c, y, mean, variance, x, gamma, beta, epsilon)
			return dot(dy, y)
		}
		loss()
		ref.BatchNormBackward(m, c, dx, dgamma, dbeta, dy, x, gamma, mean, variance, epsilon)
		checkGradient(t, "dx", loss, x, dx)
		checkGradient(t, "dgamma", loss, gamma, dgamma)
		checkGradient(t, "dbeta", loss, beta, dbeta)
	}
}

func TestBatchNormNormalises(t *testing.T) {
	const m, c = 50, 3
	x := normal(1, m*c)
	for i := range x {
		x[i] = 100*float64(i%c+1) + 5*x[i]
	}
	y, mean, variance := stale(m*c), stale(c), stale(c)
	ones, zeros := []float64{1, 1, 1}, []float64{0, 0, 0}
	ref.BatchNormTrain(m, c, y, mean, variance, x, ones, zeros, 0)
	again := stale(m * c)
	ref.BatchNormTrain(m, c, again, mean, variance, y, ones, zeros, 0)
	for j := range c {
		if math.Abs(mean[j]) > 1e-12 || math.Abs(variance[j]-1) > 1e-12 {
			t.Errorf("channel %d of y has mean %v and variance %v, want 0 and 1", j, mean[j], variance[j])
		}
	}
}

func TestBatchNormInfer(t *testing.T) {
	y := stale(4)
	ref.BatchNormInfer(2, 2, y, []float64{1, 2, 3, 4}, []float64{2, 1}, []float64{0, 5},
		[]float64{1, 0}, []float64{3, 15}, 1)
	checkEqual(t, "y", y, []float64{0, 5.5, 2, 6})
}

func TestMovingAverage(t *testing.T) {
	moving := []float64{8, 0}
	ref.MovingAverage(moving, []float64{4, 4}, 0.75)
	checkEqual(t, "moving", moving, []float64{7, 1})
}
