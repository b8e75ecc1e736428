package ref

import "math"

// SGD takes one step of gradient descent with momentum, in Keras's form:
//
//	v = momentum*v - lr*g
//	w = w + v
//
// v may be nil if momentum is 0.
func SGD[T Float](w, v, g []T, lr, momentum T) {
	checkLen("g", g, len(w))
	if v == nil && momentum == 0 {
		for i := range w {
			w[i] -= lr * g[i]
		}
		return
	}
	checkLen("v", v, len(w))
	for i := range w {
		v[i] = momentum*v[i] - lr*g[i]
		w[i] += v[i]
	}
}

// Adam takes step number step, counted from 1, of Adam in Keras 3's form:
//
//	m = m + (g - m)*(1-beta1)
//	v = v + (g*g - v)*(1-beta2)
//	w = w - m*alpha / (sqrt(v) + epsilon)
//	alpha = lr * sqrt(1 - beta2^step) / (1 - beta1^step)
//
// Alpha, which takes the place of the bias correction of m and v, is computed
// in float64. Epsilon is therefore the paper's "epsilon hat".
//
// D. P. Kingma, J. Ba, "Adam: a method for stochastic optimization", ICLR 2015,
// section 2.
func Adam[T Float](w, m, v, g []T, lr, beta1, beta2, epsilon T, step int) {
	checkLen("m", m, len(w))
	checkLen("v", v, len(w))
	checkLen("g", g, len(w))
	t := float64(step)
	alpha := T(float64(lr) * math.Sqrt(1-math.Pow(float64(beta2), t)) / (1 - math.Pow(float64(beta1), t)))
	for i := range w {
		m[i] += (g[i] - m[i]) * (1 - beta1)
		v[i] += (g[i]*g[i] - v[i]) * (1 - beta2)
		w[i] -= m[i] * alpha / (T(math.Sqrt(float64(v[i]))) + epsilon)
	}
}
