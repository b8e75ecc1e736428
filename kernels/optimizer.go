package kernels

import "math"

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
	e.vector(&vectorJob{op: opSGD, x: [4][]float32{w, v, g}, s: [4]float32{lr, momentum}})
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
	e.vector(&vectorJob{
		op: opAdam, x: [4][]float32{w, m, v, g},
		s: [4]float32{adamRate(lr, beta1, beta2, step), 1 - beta1, 1 - beta2, epsilon},
	})
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

// adamRate is alpha: the rate with both moments' bias corrected.
func adamRate(lr, beta1, beta2 float32, step int) float32 {
	t := float64(step)
	return float32(float64(lr) * math.Sqrt(1-math.Pow(float64(beta2), t)) / (1 - math.Pow(float64(beta1), t)))
}

func sgd(w, v, g []float32, lr, momentum float32) {
	g = g[:len(w)]
	if v == nil {
		for i := range w {
			w[i] -= float32(lr * g[i])
		}
		return
	}
	v = v[:len(w)]
	for i := range w {
		u := float32(momentum*v[i]) - float32(lr*g[i])
		v[i] = u
		w[i] += u
	}
}

// adam takes 1-beta1 and 1-beta2.
func adam(w, m, v, g []float32, alpha, beta1, beta2, epsilon float32) {
	m, v, g = m[:len(w)], v[:len(w)], g[:len(w)]
	for i := range w {
		d := g[i]
		p := m[i] + float32((d-m[i])*beta1)
		q := v[i] + float32((float32(d*d)-v[i])*beta2)
		m[i], v[i] = p, q
		w[i] -= float32(p*alpha) / (float32(math.Sqrt(float64(q))) + epsilon)
	}
}
