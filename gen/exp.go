package main

import (
	"math"

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

func (g *group) reg(v, u int) reg.Register { return g.regs[v*g.most+u] }

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

// negative is the sign bit.
var negative = float32(math.Copysign(0, -1))

// Arguments beyond these give 0 and +Inf like the limits themselves.
const (
	expLeast = -104.5
	expMost  = 89
)

// expPolynomial is (exp(r) - 1 - r)/r^2 for |r| at most log(2)/2, highest
// coefficient first: the minimax polynomial for the error of exp(r) relative to
// it, 2^-28.3.
var expPolynomial = []float32{0x1.6a2440p-10, 0x1.1239dcp-7, 0x1.5558f2p-5, 0x1.555492p-3, 0x1.fffffcp-2}

// An argument is log(2) times a whole number, and a rest. Added to roundNumber a
// number is rounded to a whole one, which the lowest bits of the sum then hold.
// With logUpper, which is log(2) rounded to float32, the first step is exact
// but for |x| below 1/2, where it rounds by less than its result.
const (
	roundNumber = 3 << 22
	logUpper    = 0x1.62e430p-1
	logLower    = -0x1.05c610p-29
)

var reductionConstants = append([]float32{math.Log2E, logUpper, logLower, roundNumber}, expPolynomial...)

// tanhMost is where tanh is 1 in float32.
const tanhMost = 9.3

// tanhPolynomial is (exp(-2r) - 1)/r.
var tanhPolynomial = append(doubled(expPolynomial), -2)

// doubled returns the coefficients of (exp(-2r) - 1 + 2r)/r^2 from those of
// (exp(r) - 1 - r)/r^2.
func doubled(c []float32) []float32 {
	d := make([]float32, len(c))
	factor := float32(4)
	for i := len(c) - 1; i >= 0; i-- {
		d[i] = factor * c[i]
		factor *= -2
	}
	return d
}

var tanhConstants = append([]float32{tanhMost, 0.5, negative, -2 * math.Log2E, roundNumber + halfBias, logUpper / 2}, tanhPolynomial...)

// Exponents of float32 are offset by 127: added to roundNumber, halfBias makes
// the sum's lowest bits the exponent of 2^n/2, and farBias that of 2^(n+65), which
// is a normal number wherever exp is not 0.
const (
	halfBias = 126
	farBias  = 127 + 65
	far      = 0x1p-65
)

// atMost and atLeast limit the argument. MINPS and MAXPS return their second
// source, the argument, if it is NaN.
func (g *group) atMost(limit float32) {
	g.each(func(u int) { g.VMINPS(g.reg(varR, u), g.inRegister(limit, g.reg(varN, u)), g.reg(varR, u)) })
}

func (g *group) atLeast(limit float32) {
	g.each(func(u int) { g.VMAXPS(g.reg(varR, u), g.inRegister(limit, g.reg(varN, u)), g.reg(varR, u)) })
}

// whole sets n to the whole number next to factor*r, and returns its variable.
// With a bias, n is the sum whose lowest bits are an exponent, and the number is
// in q.
func (g *group) whole(factor float32, bias float32) int {
	number := varN
	if bias != 0 {
		number = varQ
	}
	g.each(func(u int) {
		g.set(factor, g.reg(varN, u))
		g.VFMADD213PS(g.float(roundNumber+bias), g.reg(varR, u), g.reg(varN, u))
	})
	g.each(func(u int) { g.VSUBPS(g.float(roundNumber+bias), g.reg(varN, u), g.reg(number, u)) })
	return number
}

// reduce leaves r - n*log(2) in r, and in n what power needs.
//
// W. J. Cody, W. Waite, "Software manual for the elementary functions", 1980,
// chapter 6.
func (g *group) reduce(bias float32) {
	n := g.whole(math.Log2E, bias)
	for _, log := range []float32{logUpper, logLower} {
		g.each(func(u int) { g.VFNMADD231PS(g.float(log), g.reg(n, u), g.reg(varR, u)) })
	}
	g.shift(bias, varN)
}

// shift sets s to the power of two whose exponent is at the end of n, if it is
// there.
func (g *group) shift(bias float32, s int) {
	if bias != 0 {
		g.each(func(u int) { g.VPSLLD(operand.U8(23), g.reg(varN, u), g.reg(s, u)) })
	}
}

// reduceTwice leaves r + n*log(2)/2 in r, n being negative, and 2^n/2 in s. What
// logLower would add counts as little as 2^n does beside 1.
func (g *group) reduceTwice() {
	n := g.whole(-2*math.Log2E, halfBias)
	g.each(func(u int) { g.VFMADD231PS(g.float(logUpper/2), g.reg(n, u), g.reg(varR, u)) })
	g.shift(halfBias, varS)
}

// exponential leaves exp(r) in q.
func (g *group) exponential() {
	g.each(func(u int) { g.set(expPolynomial[0], g.reg(varQ, u)) })
	for _, c := range append(expPolynomial[1:], 1, 1) {
		g.each(func(u int) { g.VFMADD213PS(g.float(c), g.reg(varR, u), g.reg(varQ, u)) })
	}
}

// negativeBias is the bias of arguments that are not positive: AVX-512 has an
// instruction for powers of two.
func (g *group) negativeBias() float32 {
	if g.lanes.lanes == 16 {
		return 0
	}
	return farBias
}

// powerNegative multiplies q by 2^n. The first product is exact.
func (g *group) powerNegative() {
	g.each(func(u int) {
		q := g.reg(varQ, u)
		if g.lanes.lanes == 16 {
			g.VSCALEFPS(g.reg(varN, u), q, q)
			return
		}
		g.mul(q, g.reg(varN, u), q)
		g.VMULPS(g.float(far), q, q)
	})
}

// power is powerNegative for any exponent: 2^n may be no float32, which is why
// AVX2 takes two steps, of which the first is exact. It changes n and r.
func (g *group) power() {
	g.each(func(u int) {
		q, n, half := g.reg(varQ, u), g.reg(varN, u), g.reg(varR, u)
		if g.lanes.lanes == 16 {
			g.VSCALEFPS(n, q, q)
			return
		}
		g.VCVTPS2DQ(n, n)
		g.VPSRAD(operand.U8(1), n, half)
		g.VPSUBD(half, n, n)
		for _, by := range []reg.Register{half, n} {
			g.VPADDD(g.constant(127), by, by)
			g.VPSLLD(operand.U8(23), by, by)
			g.mul(q, by, q)
		}
	})
}

// whereNegative sets dst to y in the lanes where x has a sign, and to z in the
// others. dst may be x.
func (g *group) whereNegative(x, y, z, dst reg.Register) {
	if g.lanes.lanes == 16 {
		g.VPMOVD2M(x, compareMask)
		g.VBLENDMPS(y, z, compareMask, dst)
		return
	}
	g.VBLENDVPS(x, y, z, dst)
}

func (f *function) emit(k *lanes) {
	k.function("Vector"+f.name, vectorStruct, "Vector"+f.name+k.name+" computes X0 = "+f.formula+".")
	k.Comment("DI X0, SI X1, DX bytes done, CX elements left, the last vectors constants")
	k.start([]int{0, 1})
	most := k.together(f.vars)
	k.hold(f.vars*most, f.constants)
	k.blocks(most, func(n int) {
		g := &group{k, n, most}
		y := f.body(g)
		g.each(func(u int) {
			m := g.x(u)
			m.Base = vOperands[0]
			g.store(g.reg(y, u), m)
		})
	})
	k.done()
}
