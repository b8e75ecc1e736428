package kernels

import "github.com/simdconv/simdconv/kernels/micro"

// RMSprop takes one step of RMSprop in Keras 3's form:
//
//	v = rho*v + (1-rho)*g*g
//	a = rho*a + (1-rho)*g                                if a is not nil
//	d = lr*g / sqrt(v - a*a + epsilon)                   without a*a if a is nil
//	m = momentum*m + d,  w = w - m                       w = w - d if m is nil
//
// m may be nil if momentum is 0. With a, RMSprop is centered: as in Keras, it
// gives NaN where rounding leaves v - a*a below -epsilon. Every operation is
// rounded to float32. It panics if the lengths differ, if w, v, m or a overlaps
// another operand, or if m is missing.
//
// T. Tieleman, G. Hinton, "Lecture 6.5: rmsprop", Coursera 2012; the centered
// form A. Graves, "Generating sequences with recurrent neural networks", 2013,
// section 4.2.
func (e *Engine) RMSprop(w, v, m, a, g []float32, lr, rho, momentum, epsilon float32) {
	if m == nil && momentum != 0 {
		panic(badMomentum)
	}
	all := [...][]float32{w, v, g, m, a}
	for i, x := range all {
		for _, y := range all[:i] {
			if x != nil && y != nil {
				checkApart(y, x)
			}
		}
	}
	if len(v) != len(w) || len(g) != len(w) {
		panic(badLength)
	}
	op := micro.OpRMSprop
	switch {
	case m != nil && a != nil:
		op = micro.OpRMSpropCenteredMomentum
	case m != nil:
		op = micro.OpRMSpropMomentum
	case a != nil:
		op = micro.OpRMSpropCentered
	}
	e.vector(op, &micro.VectorArgs{
		X0: w, X1: v, X2: m, X3: a, X4: g,
		S0: lr, S1: rho, S2: momentum, S3: epsilon, S4: 1 - rho,
	})
}
