package ref

import "math"

// RMSprop takes one step of RMSprop in Keras 3's form:
//
//	v = rho*v + (1-rho)*g*g
//	a = rho*a + (1-rho)*g                                if a is not nil
//	d = lr*g / sqrt(v - a*a + epsilon)                   without a*a if a is nil
//	m = momentum*m + d,  w = w - m                       w = w - d if m is nil
//
// m may be nil if momentum is 0. With a, RMSprop is centered.
//
// T. Tieleman, G. Hinton, "Lecture 6.5: rmsprop", Coursera 2012.
func RMSprop[T Float](w, v, m, a, g []T, lr, rho, momentum, epsilon T) {
	checkLen("v", v, len(w))
	checkLen("g", g, len(w))
	if m != nil || momentum != 0 {
		checkLen("m", m, len(w))
	}
	if a != nil {
		checkLen("a", a, len(w))
	}
	for i := range w {
		v[i] = rho*v[i] + (1-rho)*g[i]*g[i]
		variance := v[i]
		if a != nil {
			a[i] = rho*a[i] + (1-rho)*g[i]
			variance -= a[i] * a[i]
		}
		d := lr * g[i] / T(math.Sqrt(float64(variance+epsilon)))
		if m != nil {
			m[i] = momentum*m[i] + d
			d = m[i]
		}
		w[i] -= d
	}
}
