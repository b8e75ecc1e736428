package micro

import "math"

// portableStep is portableVector for the steps of optimizers.
func portableStep(op VectorOp, a *VectorArgs, x0, x1, x2, x3, x4 []float32) {
	switch op {
	case OpSGD:
		axpy(-a.S0, x2, x0)
	case OpMomentum:
		momentum(x0, x1, x2, a.S0, a.S1)
	case OpNesterov:
		nesterov(x0, x1, x2, a.S0, a.S1)
	case OpAdam:
		adam(x0, x1, x2, x3, a)
	case OpAdamW:
		axpy(-a.S4, x0, x0)
		adam(x0, x1, x2, x3, a)
	case OpRMSprop:
		rmsprop(x0, x1, nil, nil, x4, a)
	case OpRMSpropMomentum:
		rmsprop(x0, x1, x2, nil, x4, a)
	case OpRMSpropCentered:
		rmsprop(x0, x1, nil, x3, x4, a)
	case OpRMSpropCenteredMomentum:
		rmsprop(x0, x1, x2, x3, x4, a)
	default:
		panic(badOp)
	}
}

func momentum(w, v, g []float32, lr, momentum float32) {
	v, g = v[:len(w)], g[:len(w)]
	for i := range w {
		u := float32(momentum*v[i]) - float32(lr*g[i])
		v[i] = u
		w[i] += u
	}
}

func nesterov(w, v, g []float32, lr, momentum float32) {
	v, g = v[:len(w)], g[:len(w)]
	for i := range w {
		d := float32(lr * g[i])
		u := float32(momentum*v[i]) - d
		v[i] = u
		w[i] += float32(momentum*u) - d
	}
}

func adam(w, m, v, g []float32, a *VectorArgs) {
	m, v, g = m[:len(w)], v[:len(w)], g[:len(w)]
	alpha, rest1, rest2, epsilon := a.S0, a.S1, a.S2, a.S3
	for i := range w {
		d := g[i]
		p := m[i] + float32((d-m[i])*rest1)
		q := v[i] + float32((float32(d*d)-v[i])*rest2)
		m[i], v[i] = p, q
		w[i] -= float32(p*alpha) / (float32(math.Sqrt(float64(q))) + epsilon)
	}
}

// rmsprop takes m and a, which may be nil.
func rmsprop(w, v, m, a, g []float32, s *VectorArgs) {
	v, g = v[:len(w)], g[:len(w)]
	lr, rho, momentum, epsilon, rest := s.S0, s.S1, s.S2, s.S3, s.S4
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
