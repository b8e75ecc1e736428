package kernels

import "github.com/simdconv/simdconv/kernels/micro"

// Nesterov takes one step of gradient descent with Nesterov's momentum, in
// Keras's form:
//
//	v = momentum*v - lr*g
//	w = w + momentum*v - lr*g
//
// Every operation is rounded to float32. It panics if the lengths differ or if
// w or v overlaps another operand.
//
// I. Sutskever, J. Martens, G. Dahl, G. Hinton, "On the importance of
// initialization and momentum in deep learning", ICML 2013, section 2, where w
// is the point that the gradient is taken at.
func (e *Engine) Nesterov(w, v, g []float32, lr, momentum float32) {
	checkApart(w, v)
	checkApart(w, g)
	checkApart(v, g)
	e.vector(micro.OpNesterov, &micro.VectorArgs{X0: w, X1: v, X2: g, S0: lr, S1: momentum})
}
