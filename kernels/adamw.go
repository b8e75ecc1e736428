package kernels

import "math"

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
	if step < 1 {
		panic(badStep)
	}
	checkApart(w, m)
	checkApart(w, v)
	checkApart(w, g)
	checkApart(m, v)
	checkApart(m, g)
	checkApart(v, g)
	t := float64(step)
	alpha := float64(lr) * math.Sqrt(1-math.Pow(float64(beta2), t)) / (1 - math.Pow(float64(beta1), t))
	e.vector(&vectorJob{
		op: opAdamW, x: [4][]float32{w, m, v, g},
		s: [4]float32{float32(alpha), 1 - beta1, 1 - beta2, epsilon}, s4: lr * decay,
	})
}
