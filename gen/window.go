package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// windowRadius is that of AlexNet's local response normalisation.
const windowRadius = 2

// emitWindow emits sums of neighbours, in the order of memory.
func emitWindow(k *lanes) {
	k.function("VectorWindow", vectorStruct,
		"VectorWindow"+k.name+" computes X0[i] = S0 + S1 * (X1[i-2] + X1[i-1] + X1[i] + X1[i+1] + X1[i+2]).")
	k.Comment("DI X0, SI X1, DX bytes done, CX elements left")
	k.start([]int{0, 1})
	bias, alpha := k.regs[vectorNumber], k.regs[vectorNumber+1]
	k.broadcast(vectorStruct.at(reg.RAX, "S0"), bias)
	k.broadcast(vectorStruct.at(reg.RAX, "S1"), alpha)
	k.elements(vectorUnroll, func(u int) {
		at := func(operandNumber, shift int) operand.Mem {
			return operand.Mem{Base: vOperands[operandNumber], Index: vIndex, Scale: 1, Disp: u*k.bytes() + 4*shift}
		}
		sum, tmp := k.regs[u], k.regs[vectorTemp]
		k.load(at(1, -windowRadius), sum)
		for shift := 1 - windowRadius; shift <= windowRadius; shift++ {
			k.add(sum, k.operand(at(1, shift), tmp), sum)
		}
		k.mul(sum, alpha, sum)
		k.add(bias, sum, sum)
		k.store(sum, at(0, 0))
	})
	k.done()
}

// powerOps are the rest of that normalisation with an exponent of -3/4.
var powerOps = []vectorOp{
	{"Power", "12", "0", 1, "X0 = X1 * (S0/(r*sqrt(r))), r = sqrt(X2)", func(k *lanes, x, s, t []reg.Register) {
		k.powerThreeQuarters(x[2], s[0], t)
		k.mul(x[1], t[1], x[0])
	}},
	{"PowerTerms", "123", "03", 1, "X0 = X1 * (S0/(r*sqrt(r))), r = sqrt(X3), X3 = (X0*X2)/X3", func(k *lanes, x, s, t []reg.Register) {
		k.powerThreeQuarters(x[3], s[0], t)
		k.mul(x[1], t[1], x[0])
		k.mul(x[0], x[2], x[2])
		k.div(x[2], x[3], x[3])
	}},
	{"SubProduct", "012", "0", 1, "X0 = X0 - (S0*X1)*X2", func(k *lanes, x, s, t []reg.Register) {
		k.mul(s[0], x[1], x[1])
		k.mul(x[1], x[2], x[1])
		k.sub(x[0], x[1], x[0])
	}},
}

// powerThreeQuarters leaves s / v^(3/4) in t[1].
func (k *lanes) powerThreeQuarters(v, s reg.Register, t []reg.Register) {
	k.VSQRTPS(v, t[0])
	k.VSQRTPS(t[0], t[1])
	k.mul(t[0], t[1], t[1])
	k.div(s, t[1], t[1])
}
