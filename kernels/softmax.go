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

// Rows go through a pass together, so that none waits for the result of the pass
// before: as many as leave half of the first cache free.
const (
	rowsTogether     = 8
	elementsTogether = 2048
)

// softmaxRows does whole rows of cols elements.
func softmaxRows(b *micro.Bundle, y, x []float32, cols int, logarithm bool) {
	together := min(max(elementsTogether/cols, 1), rowsTogether) * cols
	for len(x) > 0 {
		n := min(together, len(x))
		switch {
		case logarithm:
			logSoftmaxTogether(b, y[:n], x[:n], cols)
		case n <= micro.MaxVector:
			var numbers [rowsTogether * micro.SoftmaxNumbers]float32
			b.Vector(micro.OpSoftmax, &micro.VectorArgs{X0: y, X1: x, X4: numbers[:], N: cols, Rows: n / cols})
		default:
			shares(b, y[:n], exponentials(b, y[:n], x[:n], largest(b, x[:n])))
		}
		y, x = y[n:], x[n:]
	}
}

func logSoftmaxTogether(b *micro.Bundle, y, x []float32, cols int) {
	var tops, totals [rowsTogether]float32
	row := func(x []float32, i int) []float32 { return x[i*cols : (i+1)*cols] }
	rows := len(x) / cols
	for i := range rows {
		tops[i] = largest(b, row(x, i))
	}
	for i := range rows {
		totals[i] = exponentials(b, nil, row(x, i), tops[i])
	}
	for i := range rows {
		total := math.Log(float64(totals[i]) / micro.ExpScale)
		elements(b, micro.OpOffset, &micro.VectorArgs{X0: row(y, i), X1: row(x, i), S0: tops[i], S1: float32(total)}, 0, cols)
	}
}

// shares divides exponentials by their sum.
func shares(b *micro.Bundle, y []float32, total float32) {
	a := micro.ShareArgs(total)
	a.X0, a.X1 = y, y
	elements(b, micro.OpShare, &a, 0, len(y))
}

// exponentials returns the sum of exp(x - top), and puts them into y unless it
// is nil, all times micro.ExpScale. It returns NaN if top is no finite number.
func exponentials(b *micro.Bundle, y, x []float32, top float32) float32 {
	if top-top != 0 {
		nan := float32(math.NaN())
		if y != nil {
			elements(b, micro.OpFill, &micro.VectorArgs{X0: y, S0: nan}, 0, len(y))
		}
		return nan
	}
	var sums [lanes]float32
	op := micro.OpExpStore
	if y == nil {
		op = micro.OpExpSum
	}
	a := micro.ExpArgs(top)
	a.X0, a.X1, a.X4 = y, x, sums[:]
	elements(b, op, &a, 0, len(x))
	return micro.Fold(&sums)
}

// largest returns the maximum of row, NaN if it has one.
func largest(b *micro.Bundle, row []float32) float32 {
	top := float32(math.Inf(-1))
	var tops [lanes]float32
	for at := 0; at < len(row); at += micro.MaxVector {
		part := row[at:min(at+micro.MaxVector, len(row))]
		b.Vector(micro.OpLargest, &micro.VectorArgs{X0: part, X4: tops[:], N: len(part)})
		// Four chains: one takes a tenth of the time of 1000 columns.
		t0, t1, t2, t3 := tops[0], tops[1], tops[2], tops[3]
		for i := 4; i < lanes; i += 4 {
			t0, t1, t2, t3 = max(t0, tops[i]), max(t1, tops[i+1]), max(t2, tops[i+2]), max(t3, tops[i+3])
		}
		top = max(top, max(t0, t1), max(t2, t3))
	}
	return top
}
