package main

import (
	"strings"

	"github.com/mmcloughlin/avo/reg"
)

// optimizerOps are the updates of parameters. X0 is w, X1 to X3 are the slots
// and the last operand is the gradient.
var optimizerOps = []vectorOp{
	{"SGD", "02", "0", 1, "X0 = X0 - S0*X2", func(k *lanes, x, s, t []reg.Register) {
		k.mul(x[2], s[0], x[2])
		k.sub(x[0], x[2], x[0])
	}},
	{"Momentum", "012", "01", 2, "X1 = S1*X1 - S0*X2, X0 = X0 + X1", func(k *lanes, x, s, t []reg.Register) {
		k.mul(x[1], s[1], x[1])
		k.mul(x[2], s[0], x[2])
		k.sub(x[1], x[2], x[1])
		k.add(x[0], x[1], x[0])
	}},
	{"Nesterov", "012", "01", 2, "X1 = S1*X1 - S0*X2, X0 = X0 + (S1*X1 - S0*X2)", func(k *lanes, x, s, t []reg.Register) {
		k.mul(x[1], s[1], x[1])
		k.mul(x[2], s[0], x[2])
		k.sub(x[1], x[2], x[1])
		k.mul(x[1], s[1], t[0])
		k.sub(t[0], x[2], t[0])
		k.add(x[0], t[0], x[0])
	}},
	{"Adam", "0123", "012", 4, "X1 = X1 + (X3-X1)*S1, X2 = X2 + (X3*X3-X2)*S2, X0 = X0 - X1*S0/(sqrt(X2)+S3)", adam},
	{"AdamW", "0123", "012", 5, "X0 = X0 - X0*S4 and then VectorAdam", func(k *lanes, x, s, t []reg.Register) {
		k.mul(x[0], s[4], t[0])
		k.sub(x[0], t[0], x[0])
		adam(k, x, s, t)
	}},
	rmspropOp("RMSprop", "14"),
	rmspropOp("RMSpropMomentum", "124"),
	rmspropOp("RMSpropCentered", "134"),
	rmspropOp("RMSpropCenteredMomentum", "1234"),
}

func adam(k *lanes, x, s, t []reg.Register) {
	w, m, v, g := x[0], x[1], x[2], x[3]
	k.sub(g, m, t[0])
	k.mul(t[0], s[1], t[0])
	k.add(m, t[0], m)
	k.mul(g, g, g)
	k.sub(g, v, g)
	k.mul(g, s[2], g)
	k.add(v, g, v)
	k.VSQRTPS(v, t[0])
	k.add(t[0], s[3], t[0])
	k.mul(m, s[0], t[1])
	k.div(t[1], t[0], t[1])
	k.sub(w, t[1], w)
}

// rmspropOp is RMSprop with some of its slots: X1 is v, X2 the momentum, X3 the
// mean gradient, X4 the gradient. S0 is the rate, S1 rho, S2 the momentum, S3
// epsilon and S4 1-rho.
func rmspropOp(name, slots string) vectorOp {
	momentum, centered := strings.Contains(slots, "2"), strings.Contains(slots, "3")
	formula := "X1 = S1*X1 + S4*X4*X4, "
	variance := "X1"
	if centered {
		formula += "X3 = S1*X3 + S4*X4, "
		variance = "X1-X3*X3"
	}
	d := "S0*X4/sqrt(" + variance + "+S3)"
	if momentum {
		formula += "X2 = S2*X2 + " + d + ", X0 = X0 - X2"
	} else {
		formula += "X0 = X0 - " + d
	}
	return vectorOp{name, "0" + slots, "0" + strings.TrimSuffix(slots, "4"), 5, formula, func(k *lanes, x, s, t []reg.Register) {
		w, v, m, a, g := x[0], x[1], x[2], x[3], x[4]
		k.mul(g, g, t[0])
		k.mul(t[0], s[4], t[0])
		k.mul(v, s[1], v)
		k.add(v, t[0], v)
		variance := v
		if centered {
			k.mul(g, s[4], t[0])
			k.mul(a, s[1], a)
			k.add(a, t[0], a)
			k.mul(a, a, t[0])
			k.sub(v, t[0], t[0])
			variance = t[0]
		}
		k.add(variance, s[3], t[0])
		k.VSQRTPS(t[0], t[0])
		k.mul(g, s[0], t[1])
		k.div(t[1], t[0], t[1])
		if momentum {
			k.mul(m, s[2], m)
			k.add(t[1], m, m)
			k.sub(w, m, w)
			return
		}
		k.sub(w, t[1], w)
	}}
}
