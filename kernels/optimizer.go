package kernels

import (
	"math"

	"github.com/simdconv/simdconv/kernels/micro"
)

const (
	badMomentum = "kernels: momentum needs a velocity"
	badStep     = "kernels: steps are counted from 1"
)

// SGD takes one step of gradient descent with momentum, in Keras's form:
//
//	v = momentum*v - lr*g
//	w = w + v
//
// v may be nil if momentum is 0. Every operation is rounded to float32. It
// panics if the lengths differ, if w or v overlaps another operand, or if v is
// missing.
func (e *Engine) SGD(w, v, g []float32, lr, momentum float32) {
	checkApart(w, g)
	if v != nil {
		checkApart(w, v)
		checkApart(v, g)
	} else if momentum != 0 {
		panic(badMomentum)
	}
	op := micro.OpMomentum
	if v == nil {
		op = micro.OpSGD
	}
	e.vector(op, &micro.VectorArgs{X0: w, X1: v, X2: g, S0: lr, S1: momentum})
}

// Adam takes step number step, counted from 1, of Adam in Keras 3's form:
//
//	m = m + (g - m)*(1-beta1)
//	v = v + (g*g - v)*(1-beta2)
//	w = w - m*alpha / (sqrt(v) + epsilon)
//	alpha = lr * sqrt(1 - beta2^step) / (1 - beta1^step)
//
// Alpha is computed in float64 and rounded; every other operation is rounded to
// float32. It panics if the lengths differ, if w, m or v overlaps another
// operand, or if step is below 1.
//
// D. P. Kingma, J. Ba, "Adam: a method for stochastic optimization", ICLR 2015,
// section 2, whose "epsilon hat" epsilon is.
func (e *Engine) Adam(w, m, v, g []float32, lr, beta1, beta2, epsilon float32, step int) {
	checkAdam(w, m, v, g, step)
	a := adamArgs(w, m, v, g, lr, beta1, beta2, epsilon, step)
	e.vector(micro.OpAdam, &a)
}

func checkAdam(w, m, v, g []float32, step int) {
	if step < 1 {
		panic(badStep)
	}
	checkApart(w, m)
	checkApart(w, v)
	checkApart(w, g)
	checkApart(m, v)
	checkApart(m, g)
	checkApart(v, g)
}

// adamArgs contains alpha: the rate with both moments' bias corrected.
func adamArgs(w, m, v, g []float32, lr, beta1, beta2, epsilon float32, step int) micro.VectorArgs {
	t := float64(step)
	alpha := float64(lr) * math.Sqrt(1-math.Pow(float64(beta2), t)) / (1 - math.Pow(float64(beta1), t))
	return micro.VectorArgs{X0: w, X1: m, X2: v, X3: g, S0: float32(alpha), S1: 1 - beta1, S2: 1 - beta2, S3: epsilon}
}
