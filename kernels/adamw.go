package kernels

import "github.com/simdconv/simdconv/kernels/micro"

// AdamW takes step number step, counted from 1, of Adam with decoupled weight
// decay in Keras 3's form and order:
//
//	w = w - lr*decay*w
//
// and then the step of [Engine.Adam], which computes alpha from the same lr. It
// panics as Adam does.
//
// I. Loshchilov, F. Hutter, "Decoupled weight decay regularization", ICLR 2019,
// algorithm 2.
func (e *Engine) AdamW(w, m, v, g []float32, lr, decay, beta1, beta2, epsilon float32, step int) {
	checkAdam(w, m, v, g, step)
	a := adamArgs(w, m, v, g, lr, beta1, beta2, epsilon, step)
	a.S4 = lr * decay
	e.vector(micro.OpAdamW, &a)
}
