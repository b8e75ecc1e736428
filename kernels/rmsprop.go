package kernels

import "math"

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
	e.vector(&vectorJob{
		op: opRMSprop, x: [4][]float32{w, v, m, a}, x4: g,
		s: [4]float32{lr, rho, momentum, epsilon},
	})
}

func rmsprop(w, v, m, a, g []float32, lr, rho, momentum, epsilon float32) {
	v, g = v[:len(w)], g[:len(w)]
	rest := 1 - rho
	for i := range w {
		d := g[i]
		q := float32(rho*v[i]) + float32(rest*float32(d*d))
		v[i] = q
		if a != nil {
			p := float32(rho*a[i]) + float32(rest*d)
			a[i] = p
			q -= float32(p * p)
		}
		d = float32(lr*d) / float32(math.Sqrt(float64(q+epsilon)))
		if m != nil {
			d += float32(momentum * m[i])
			m[i] = d
		}
		w[i] -= d
	}
}
