package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A function is an element-wise kernel X0 = f(X1) that contains an exponential.
// Its body returns the variable that the results are in.
type function struct {
	name, formula string
	vars          int
	constants     []float32 // those to keep in registers, as many as there is room for
	body          func(g *group) int
}

// A group is the vectors that are treated together, their operations by turns:
// chains that do not wait for one another.
type group struct {
	*lanes
	n, most int
	first   int // register of the variables
}

// Variables of a function, a register for each vector: the argument and what
// reduction leaves of it, the exponent, the polynomial; and what some need.
const (
	varR = iota
	varN
	varQ
	functionVars
)

const varS = functionVars // 2^n/2 of Tanh

// together is how many vectors of some variables each are treated together. An
// operation of AVX-512 keeps its unit busy for longer where that is half as wide:
// two chains do, and four need more registers for constants than AVX2 has.
func (k *lanes) together(vars int) int {
	if k.lanes == 16 {
		return 2
	}
	return 12 / vars
}

func (g *group) reg(v, u int) reg.Register { return g.regs[g.first+v*g.most+u] }

// each emits an operation for each vector.
func (g *group) each(f func(u int)) {
	for u := range g.n {
		f(u)
	}
}

// x is a vector of X1.
func (g *group) x(u int) operand.Mem {
	return operand.Mem{Base: vOperands[1], Index: vIndex, Scale: 1, Disp: u * g.bytes()}
}

var functions = []function{
	{"Exp", "exp(X1)", functionVars, append([]float32{expMost, expLeast, 1}, reductionConstants...), func(g *group) int {
		g.each(func(u int) { g.load(g.x(u), g.reg(varR, u)) })
		g.atMost(expMost)
		g.atLeast(expLeast)
		g.reduce(0)
		g.exponential()
		g.power()
		return varQ
	}},
	{"Sigmoid", "1/(1+exp(-X1))", functionVars, append([]float32{1, expLeast, negative}, reductionConstants...), func(g *group) int {
		// With e = exp(-|x|) and q = e/(1+e): 1 - q, or e - e*q below zero. What
		// is subtracted is so much smaller that its own error hardly counts.
		g.each(func(u int) {
			g.load(g.x(u), g.reg(varR, u))
			g.VORPS(g.float(negative), g.reg(varR, u), g.reg(varR, u))
		})
		g.atLeast(expLeast)
		g.reduce(g.negativeBias())
		g.exponential()
		g.powerNegative()
		e, q, whole := varQ, varN, varR
		g.each(func(u int) {
			g.VADDPS(g.float(1), g.reg(e, u), g.reg(q, u))
			g.div(g.reg(e, u), g.reg(q, u), g.reg(q, u))
		})
		g.each(func(u int) {
			g.load(g.x(u), g.reg(whole, u))
			g.whereNegative(g.reg(whole, u), g.reg(e, u), g.inRegister(1, nil), g.reg(whole, u))
			g.VFNMADD213PS(g.reg(whole, u), g.reg(whole, u), g.reg(q, u))
		})
		return q
	}},
	{"Tanh", "tanh(X1)", functionVars + 1, tanhConstants, func(g *group) int {
		// With h = (1 - exp(-2|x|))/2: h + h*h/(1-h), and the sign of x. 2^n/2
		// is taken into the polynomial before the last sum, which is then exact
		// where it cancels.
		g.each(func(u int) {
			g.load(g.x(u), g.reg(varR, u))
			g.set(negative, g.reg(varN, u))
			g.VANDNPS(g.reg(varR, u), g.reg(varN, u), g.reg(varR, u))
		})
		g.atMost(tanhMost)
		g.reduceTwice()
		g.each(func(u int) { g.set(tanhPolynomial[0], g.reg(varQ, u)) })
		for _, c := range tanhPolynomial[1:] {
			g.each(func(u int) { g.VFMADD213PS(g.float(c), g.reg(varR, u), g.reg(varQ, u)) })
		}
		r, h, q, rest := varR, varN, varQ, varS
		g.each(func(u int) {
			g.mul(g.reg(q, u), g.reg(varS, u), g.reg(q, u))
			g.set(0.5, g.reg(h, u))
			g.sub(g.reg(h, u), g.reg(varS, u), g.reg(h, u))
			g.VADDPS(g.float(0.5), g.reg(varS, u), g.reg(rest, u))
		})
		g.each(func(u int) {
			g.VFMADD231PS(g.reg(r, u), g.reg(q, u), g.reg(rest, u))
			g.VFNMADD231PS(g.reg(r, u), g.reg(q, u), g.reg(h, u))
		})
		g.each(func(u int) {
			g.div(g.reg(h, u), g.reg(rest, u), g.reg(q, u))
			g.VFMADD213PS(g.reg(h, u), g.reg(h, u), g.reg(q, u))
		})
		g.each(func(u int) {
			g.load(g.x(u), g.reg(r, u))
			g.VANDPS(g.float(negative), g.reg(r, u), g.reg(r, u))
			g.VORPS(g.reg(q, u), g.reg(r, u), g.reg(q, u))
		})
		return q
	}},
}

func (f *function) emit(k *lanes) {
	k.function("Vector"+f.name, vectorStruct, "Vector"+f.name+k.name+" computes X0 = "+f.formula+".")
	k.Comment("DI X0, SI X1, DX bytes done, CX elements left, the last vectors constants")
	k.start([]int{0, 1})
	k.streamable(vectorStruct, vOperands[0])
	most := k.together(f.vars)
	k.hold(f.vars*most, f.constants)
	k.blocks(most, func(n int) {
		g := &group{lanes: k, n: n, most: most}
		y := f.body(g)
		g.each(func(u int) {
			m := g.x(u)
			m.Base = vOperands[0]
			g.store(g.reg(y, u), m)
		})
	})
	k.done()
}
