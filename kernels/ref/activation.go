package ref

import "math"

// ReLU computes y = max(x, 0). A NaN stays NaN. In place if y is x.
func ReLU[T Float](y, x []T) {
	checkLen("y", y, len(x))
	for i, v := range x {
		if v < 0 {
			v = 0
		}
		y[i] = v
	}
}

// ReLUBackward computes dx = dy where the output y is above 0, and 0
// elsewhere. The slope at 0 is taken to be 0.
func ReLUBackward[T Float](dx, dy, y []T) {
	checkLen("dx", dx, len(y))
	checkLen("dy", dy, len(y))
	for i, v := range y {
		d := dy[i]
		if !(v > 0) {
			d = 0
		}
		dx[i] = d
	}
}

// Sigmoid computes y = 1 / (1 + exp(-x)).
func Sigmoid[T Float](y, x []T) {
	checkLen("y", y, len(x))
	for i, v := range x {
		y[i] = T(1 / (1 + math.Exp(-float64(v))))
	}
}

// SigmoidBackward computes dx = dy * y * (1-y), with the output y.
func SigmoidBackward[T Float](dx, dy, y []T) {
	checkLen("dx", dx, len(y))
	checkLen("dy", dy, len(y))
	for i, v := range y {
		dx[i] = dy[i] * v * (1 - v)
	}
}

// Tanh computes y = (exp(x) - exp(-x)) / (exp(x) + exp(-x)).
func Tanh[T Float](y, x []T) {
	checkLen("y", y, len(x))
	for i, v := range x {
		y[i] = T(math.Tanh(float64(v)))
	}
}

// TanhBackward computes dx = dy * (1 - y*y), with the output y.
func TanhBackward[T Float](dx, dy, y []T) {
	checkLen("dx", dx, len(y))
	checkLen("dy", dy, len(y))
	for i, v := range y {
		dx[i] = dy[i] * (1 - v*v)
	}
}

// LeakyReLU computes y = x where x is not negative and alpha*x where it is.
func LeakyReLU[T Float](y, x []T, alpha T) {
	checkLen("y", y, len(x))
	for i, v := range x {
		if v < 0 {
			v = alpha * v
		}
		y[i] = v
	}
}

// LeakyReLUBackward computes dx = dy where the output y is above 0, and
// alpha*dy elsewhere.
func LeakyReLUBackward[T Float](dx, dy, y []T, alpha T) {
	checkLen("dx", dx, len(y))
	checkLen("dy", dy, len(y))
	for i, v := range y {
		d := dy[i]
		if !(v > 0) {
			d = alpha * d
		}
		dx[i] = d
	}
}
