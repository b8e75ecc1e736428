package kernels

import "math"

// lanes is the width of the virtual vector over which sums along a row are
// defined.
const lanes = 16

// Softmax turns every row of cols numbers into probabilities:
//
//	y[j] = exp(x[j] - max) / sum over l of exp(x[l] - max)
//
// Subtracting the row's maximum changes nothing but keeps exp from overflowing.
// Exponentials are computed in float64 and rounded; element l is added to lane
// l%16 of 16 sums in float32, which are folded as a tree, 8 onto 8, 4 onto 4 and
// so on. The relative error of a result is at most (cols/16 + 8) * 2^-24, unless
// it is denormal.
//
// A row becomes NaN if it holds a NaN or a +Inf, or nothing but -Inf: it then
// has no probabilities. y may be x. It panics if cols is below 1, if x is not a
// whole number of rows, if the lengths differ, or if the slices overlap
// partially.
func (e *Engine) Softmax(y, x []float32, cols int) {
	checkRows(x, cols)
	checkSame(y, x)
	e.rows(&rowJob{op: opSoftmax, y: y, x: x, cols: cols})
}

func softmax(y, x []float32, cols int) {
	for len(x) >= cols && len(y) >= cols {
		softmaxRow(y[:cols], x[:cols])
		y, x = y[cols:], x[cols:]
	}
}

func softmaxRow(y, x []float32) {
	divide(y, exponentials(y, x, largest(x)))
}

// exponentials returns the sum of exp(x - top), and puts them into y unless it
// is nil.
func exponentials(y, x []float32, top float32) float32 {
	var sums [lanes]float32
	for i, v := range x {
		p := float32(math.Exp(float64(v) - float64(top)))
		sums[i%lanes] += p
		if i < len(y) {
			y[i] = p
		}
	}
	return fold(&sums)
}

// fold adds up the lanes as a tree and leaves them undefined.
func fold(s *[lanes]float32) float32 {
	for half := lanes / 2; half > 0; half /= 2 {
		for i := range half {
			s[i] += s[i+half]
		}
	}
	return s[0]
}

// largest returns the maximum of row, NaN if it has one.
func largest(row []float32) float32 {
	top := float32(math.Inf(-1))
	for _, v := range row {
		top = max(top, v)
	}
	return top
}

func divide(y []float32, by float32) {
	for i := range y {
		y[i] /= by
	}
}
