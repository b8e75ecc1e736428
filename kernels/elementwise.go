package kernels

import "github.com/simdconv/simdconv/kernels/micro"

// Fill sets every element of y to v.
func (e *Engine) Fill(y []float32, v float32) {
	e.vector(micro.OpFill, &micro.VectorArgs{X0: y, S0: v})
}

// Scale computes y = alpha * y.
func (e *Engine) Scale(y []float32, alpha float32) {
	e.vector(micro.OpScale, &micro.VectorArgs{X0: y, S0: alpha})
}

// Axpy computes y = y + alpha*x; the product is rounded before the sum. x may
// be y. It panics if the lengths differ or the slices overlap partially.
func (e *Engine) Axpy(alpha float32, x, y []float32) {
	checkSame(y, x)
	e.vector(micro.OpAxpy, &micro.VectorArgs{X0: y, X1: x, S0: alpha})
}

// Add computes y = a + b. y may be a or b. It panics if the lengths differ or
// y overlaps an operand partially.
func (e *Engine) Add(y, a, b []float32) {
	checkSame(y, a)
	checkSame(y, b)
	e.vector(micro.OpAdd, &micro.VectorArgs{X0: y, X1: a, X2: b})
}

// Mul computes y = a * b, element by element. y may be a or b. It panics if
// the lengths differ or y overlaps an operand partially.
func (e *Engine) Mul(y, a, b []float32) {
	checkSame(y, a)
	checkSame(y, b)
	e.vector(micro.OpMul, &micro.VectorArgs{X0: y, X1: a, X2: b})
}

// AddBias adds b to every row of y:
//
//	y[i][j] = y[i][j] + b[j]
//
// where rows are as long as b. It panics if b is empty, if y is not a whole
// number of rows, or if they overlap.
func (e *Engine) AddBias(y, b []float32) {
	checkRows(y, len(b))
	if Overlap(y, b) {
		panic(badShared)
	}
	e.rows(&rowJob{op: opAddBias, y: y, row: b, cols: len(b)})
}

// Finite reports whether no element of x is NaN or infinite.
func (e *Engine) Finite(x []float32) bool { return Finite(e.opts.Tier, x) }

// Finite is [Engine.Finite] on the caller's thread alone, for a tier that
// [Options.Resolve] returned. It stops soon after the first element that is not
// finite.
func Finite(t Tier, x []float32) bool {
	a := micro.VectorArgs{X0: x}
	b := micro.For(t)
	for a.Off < len(x) {
		a.N = min(len(x)-a.Off, finiteRun)
		if b.Vector(micro.OpFinite, &a); a.Found != 0 {
			return false
		}
		a.Off += a.N
	}
	return true
}

// finiteRun is the elements between two looks at what was found: a call of a
// microsecond, of which the call itself is a hundredth.
const finiteRun = 1 << 13
