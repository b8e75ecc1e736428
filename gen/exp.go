package main

import (
	"math"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

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
	g.polynomial(append(expPolynomial[:len(expPolynomial):len(expPolynomial)], 1, 1))
}

// polynomial leaves a polynomial of r in q, whose coefficients are c, highest
// first.
func (g *group) polynomial(c []float32) {
	g.each(func(u int) { g.set(c[0], g.reg(varQ, u)) })
	for _, c := range c[1:] {
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
