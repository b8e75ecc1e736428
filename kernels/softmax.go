package kernels

import (
	"math"

	"github.com/simdconv/simdconv/kernels/micro"
)

// lanes is the width of the virtual vector over which sums along a row are
// defined.
const lanes = 16

// Softmax turns every row of cols numbers into probabilities:
//
//	y[j] = exp(x[j] - max) / sum over l of exp(x[l] - max)
//
// Subtracting the row's maximum changes nothing but keeps exp from overflowing.
// Exponentials are within 1 unit in the last place; element l is added to lane
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

// LogSoftmax computes the logarithm of [Engine.Softmax] without its underflow:
//
//	y[j] = (x[j] - max) - log(sum over l of exp(x[l] - max))
//
// The absolute error is that of the sum in Softmax, and the relative error of two
// subtractions. y may be x. It panics as Softmax does.
func (e *Engine) LogSoftmax(y, x []float32, cols int) {
	checkRows(x, cols)
	checkSame(y, x)
	e.rows(&rowJob{op: opLogSoftmax, y: y, x: x, cols: cols})
}

func softmaxRow(b *micro.Bundle, y, x []float32, logarithm bool) {
	top := largest(b, x)
	if logarithm {
		total := math.Log(float64(exponentials(b, nil, x, top)))
		elements(b, micro.OpOffset, &micro.VectorArgs{X0: y, X1: x, S0: top, S1: float32(total)}, 0, len(x))
		return
	}
	total := exponentials(b, y, x, top)
	shares(b, y, total)
}

// shares divides exponentials by their sum.
func shares(b *micro.Bundle, y []float32, total float32) {
	elements(b, micro.OpShare, &micro.VectorArgs{X0: y, X1: y, S0: total, S1: 1 / total}, 0, len(y))
}

// exponentials returns the sum of exp(x - top), and puts them into y unless it
// is nil.
func exponentials(b *micro.Bundle, y, x []float32, top float32) float32 {
	var sums [lanes]float32
	op := micro.OpExpStore
	if y == nil {
		op = micro.OpExpSum
	}
	elements(b, op, &micro.VectorArgs{X0: y, X1: x, X4: sums[:], S0: top}, 0, len(x))
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
func largest(b *micro.Bundle, row []float32) float32 {
	top := float32(math.Inf(-1))
	var tops [lanes]float32
	for at := 0; at < len(row); at += micro.MaxVector {
		part := row[at:min(at+micro.MaxVector, len(row))]
		b.Vector(micro.OpLargest, &micro.VectorArgs{X0: part, X4: tops[:], N: len(part)})
		for _, v := range tops {
			top = max(top, v)
		}
	}
	return top
}
