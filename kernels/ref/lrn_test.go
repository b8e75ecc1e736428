package ref

import (
	"math"
	"testing"
)

// One row by hand: with a radius of 1 the squares 1, 4, 9 sum to 5, 14, 13.
func TestLocalResponse(t *testing.T) {
	x := []float64{1, -2, 3}
	y := make([]float64, 3)
	for _, beta := range []float64{1, 0.75, 0} {
		LocalResponse(LRN{Radius: 1, Bias: 2, Alpha: 0.5, Beta: beta}, y, x, 3)
		for i, d := range []float64{2 + 2.5, 2 + 7, 2 + 6.5} {
			if want := x[i] / math.Pow(d, beta); math.Abs(y[i]-want) > 1e-15 {
				t.Errorf("beta %v: y[%d] = %v, want %v", beta, i, y[i], want)
			}
		}
	}
}

// The gradient is that of sum(y*dy), by central differences.
func TestLocalResponseBackward(t *testing.T) {
	const rows, cols = 2, 7
	for _, p := range []LRN{{2, 2, 0.3, 0.75}, {1, 1, 1, 0.5}, {9, 0.5, 0.1, 1.5}, {0, 1, 1, 1}} {
		x, dy, y, dx := make([]float64, rows*cols), make([]float64, rows*cols), make([]float64, rows*cols), make([]float64, rows*cols)
		for i := range x {
			x[i], dy[i] = math.Sin(float64(3*i+1)), math.Cos(float64(5*i))
		}
		LocalResponseBackward(p, dx, dy, x, cols)
		loss := func() (sum float64) {
			LocalResponse(p, y, x, cols)
			for i, v := range y {
				sum += v * dy[i]
			}
			return sum
		}
		for i, v := range x {
			const h = 1e-5
			x[i] = v + h
			up := loss()
			x[i] = v - h
			down := loss()
			x[i] = v
			if want := (up - down) / (2 * h); math.Abs(dx[i]-want) > 1e-8 {
				t.Errorf("%+v: dx[%d] = %v, want %v", p, i, dx[i], want)
			}
		}
	}
}
