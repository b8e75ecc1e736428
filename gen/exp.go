package main

import (
	"math"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// expOps are the functions that contain an exponential.
var expOps = []vectorOp{
	{"Exp", "1", "0", 0, "X0 = exp(X1)", func(k *lanes, x, s, t []reg.Register) {
		k.exp(x[1], nil, t)
		x[0] = x[1]
	}},
	{"Sigmoid", "1", "0", 0, "X0 = 1/(1+exp(-X1))", func(k *lanes, x, s, t []reg.Register) {
		// With e = exp(-|x|): 1/(1+e), or e/(1+e) below zero. One step of
		// Newton's method makes up for rounding 1+e and the quotient.
		e, one, y := x[0], x[2], x[3]
		k.VORPS(k.float(float32(math.Copysign(0, -1))), x[1], e)
		k.exp(e, nil, t)
		numerator, sum, lost, inverse := t[0], t[1], t[2], t[3]
		k.VMOVUPS(k.float(1), one)
		k.add(one, e, sum)
		k.sub(sum, one, lost)
		k.sub(e, lost, lost)
		k.zero(inverse)
		k.VMOVAPS(one, numerator)
		k.selectWhere(lessThan, x[1], inverse, e, numerator, y)
		k.VMOVUPS(k.float(-0.46), inverse) // 1/(1+e) within 5%
		k.VFMADD213PS(k.float(0.96), e, inverse)
		k.div(numerator, sum, y)
		k.VFNMADD231PS(y, sum, numerator)
		k.VFNMADD231PS(y, lost, numerator)
		k.VFMADD231PS(inverse, numerator, y)
		x[0] = y
	}},
	{"Tanh", "1", "0", 0, "X0 = tanh(X1)", func(k *lanes, x, s, t []reg.Register) {
		// With m = exp(2|x|) - 1: m/(m+2) and the sign of x, or a polynomial.
		m, near, square := x[0], x[2], x[3]
		k.VMOVUPS(k.float(float32(math.Copysign(0, -1))), near)
		k.VANDNPS(x[1], near, m)
		k.add(m, m, m)
		k.VMOVUPS(k.float(20), t[0]) // tanh(10) is 1
		k.VMINPS(m, t[0], m)
		k.reduce(m, nil, t)
		k.add(m, t[2], m)
		n, scale := t[0], t[0]
		k.VCVTPS2DQ(n, scale)
		k.VPADDD(k.constant(127), scale, scale)
		k.VPSLLD(operand.U8(23), scale, scale)
		k.VSUBPS(k.float(1), scale, t[1])
		k.VFMADD213PS(t[1], scale, m)
		k.VADDPS(k.float(2), m, t[0])
		k.div(m, t[0], m)

		k.VANDPS(x[1], near, t[0]) // the sign
		k.VANDNPS(x[1], near, t[1])
		k.VORPS(t[0], m, m)
		k.mul(x[1], x[1], square)
		k.VMOVUPS(k.float(tanhPolynomial[0]), near)
		for _, c := range tanhPolynomial[1:] {
			k.VFMADD213PS(k.float(c), square, near)
		}
		k.mul(near, square, near)
		k.VFMADD213PS(x[1], x[1], near)
		k.VORPS(t[0], near, near) // of zero, too
		k.VMOVUPS(k.float(tanhNear), t[2])
		k.selectWhere(lessThan, t[1], t[2], near, m, t[3])
		x[0] = m
	}},
	{"Divide", "0", "0", 1, "X0 = X0 / S0", func(k *lanes, x, s, t []reg.Register) {
		k.div(x[0], s[0], x[0])
	}},
	{"Offset", "1", "0", 2, "X0 = (X1 - S0) - S1", func(k *lanes, x, s, t []reg.Register) {
		k.sub(x[1], s[0], x[0])
		k.sub(x[0], s[1], x[0])
	}},
}

// Below tanhNear tanh(x) is x + x^3 times a polynomial of x^2, that of Cephes's
// tanhf, highest coefficient first.
const tanhNear = 0.625

var tanhPolynomial = []float32{-5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1, -3.33332819422e-1}

// float is a vector of one constant.
func (k *lanes) float(v float32) operand.Mem { return k.constant(math.Float32bits(v)) }

// Arguments beyond these give 0 and +Inf like the limits themselves.
const (
	expLeast = -104.5
	expMost  = 89
)

// expPolynomial are the coefficients of (exp(r) - 1 - r)/r^2 for |r| at most
// log(2)/2, highest first, those of Cephes's expf.
var expPolynomial = []float32{1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1}

// reduce splits exp(x) into 2^n * (1 + x + t[2]), n a whole number in t[0], with
// a small t[2]. With low, the argument is an unevaluated sum x + low. It changes
// four registers of t.
//
// W. J. Cody, W. Waite, "Software manual for the elementary functions", 1980,
// chapter 6: the upper part of log(2) has so few bits that its product with n is
// exact, and so is what it leaves of x.
func (k *lanes) reduce(x, low reg.Register, t []reg.Register) {
	const upper = 0.693359375
	n, q, rest, r := t[0], t[1], t[2], t[3]
	k.VMULPS(k.float(float32(math.Log2E)), x, n)
	if k.lanes == 16 {
		k.VRNDSCALEPS(operand.U8(8), n, n)
	} else {
		k.VROUNDPS(operand.U8(8), n, n)
	}
	k.VFNMADD231PS(k.float(upper), n, x)
	k.VMULPS(k.float(float32(upper-math.Ln2)), n, rest)
	if low != nil {
		k.add(rest, low, rest)
	}
	k.add(x, rest, r)
	k.VMOVUPS(k.float(expPolynomial[0]), q)
	for _, c := range expPolynomial[1:] {
		k.VFMADD213PS(k.float(c), r, q)
	}
	k.mul(q, r, q)
	k.VFMADD231PS(q, r, rest)
}

// exp replaces x by exp(x), or exp(x + low). t has four registers.
func (k *lanes) exp(x, low reg.Register, t []reg.Register) {
	limit, one := t[0], k.float(1)
	// MINPS and MAXPS return their second source, x, if it is NaN.
	k.VMOVUPS(k.float(expMost), limit)
	k.VMINPS(x, limit, x)
	k.VMOVUPS(k.float(expLeast), limit)
	k.VMAXPS(x, limit, x)
	k.reduce(x, low, t)
	n, sum, rest, lost := t[0], t[1], t[2], t[3]
	// 1 + x, and what rounding it has lost.
	k.VADDPS(one, x, sum)
	k.VSUBPS(one, sum, lost)
	k.sub(x, lost, x)
	k.add(x, rest, x)
	k.add(sum, x, x)
	if k.lanes == 16 {
		k.VSCALEFPS(n, x, x)
		return
	}
	// In two steps, of which the first is exact: 2^n may be no float32.
	half := t[1]
	k.VCVTPS2DQ(n, n)
	k.VPSRAD(operand.U8(1), n, half)
	k.VPSUBD(half, n, n)
	for _, by := range []reg.Register{half, n} {
		k.VPADDD(k.constant(127), by, by)
		k.VPSLLD(operand.U8(23), by, by)
		k.mul(x, by, x)
	}
}

// emitLargest emits the maximum of a row, spread over the 16 lanes in X4.
func emitLargest(k *lanes) {
	k.function("VectorLargest", vectorStruct,
		"VectorLargest"+k.name+" leaves 16 numbers in X4 whose maximum is that of X0, NaN if it has one.")
	k.Comment("DI X0, DX bytes done, CX elements left, the first four vectors the maxima of the lanes")
	k.start([]int{0})
	acc, least := k.regs[:vectorUnroll], k.regs[8]
	k.VMOVUPS(k.float(float32(math.Inf(-1))), least)
	for _, r := range acc {
		k.VMOVAPS(least, r)
	}
	k.elements(vectorUnroll, func(u int) {
		m := operand.Mem{Base: vOperands[0], Index: vIndex, Scale: 1, Disp: u * k.bytes()}
		x := k.regs[4]
		switch {
		case !k.tail:
			k.load(m, x)
		case k.lanes == 16:
			k.VMOVAPS(least, x)
			k.VMOVUPS(m, tailMask, x)
		default:
			k.load(m, x)
			k.VBLENDVPS(k.tailVector(), x, least, x)
		}
		k.largest(acc[u], x, k.regs[5], k.regs[6])
	})
	k.largest(acc[0], acc[1], k.regs[5], k.regs[6])
	k.largest(acc[2], acc[3], k.regs[5], k.regs[6])
	k.largest(acc[0], acc[2], k.regs[5], k.regs[6])
	k.Load(k.Param("a"), reg.RAX)
	k.MOVQ(vectorStruct.at(reg.RAX, "X4"), vTmp)
	for at := 0; at < 64; at += k.bytes() {
		k.VMOVUPS(acc[0], operand.Mem{Base: vTmp, Disp: at})
	}
	k.done()
}

// largest sets acc to the maximum of both, NaN if either is.
func (k *lanes) largest(acc, x, old, tmp reg.Register) {
	k.VMOVAPS(acc, old)
	k.VMAXPS(x, acc, acc) // x if either is NaN
	k.selectWhere(unordered, old, old, old, acc, tmp)
}

// emitExpSum emits the exponentials of a row and their sums: element i is added
// to lane i%16 of X4.
func emitExpSum(k *lanes, store bool) {
	name, doc := "VectorExpSum", " adds exp(X1[i] - S0) to X4[i%16], for each i in turn."
	uses := []int{1}
	if store {
		name, doc = "VectorExpStore", " does what VectorExpSum does, and sets X0 to the exponentials."
		uses = []int{0, 1}
	}
	k.function(name, vectorStruct, name+k.name+doc)
	k.Comment("DI X0, SI X1, DX bytes done, CX elements left, the first two vectors the sums (one with AVX-512)")
	k.start(uses)
	k.MOVQ(vectorStruct.at(reg.RAX, "X4"), vTmp)
	sums := k.regs[:16/k.lanes]
	for i, r := range sums {
		k.VMOVUPS(operand.Mem{Base: vTmp, Disp: i * k.bytes()}, r)
	}
	top, limit := k.regs[2], k.regs[3]
	k.broadcast(vectorStruct.at(reg.RAX, "S0"), top)
	k.VMOVUPS(k.float(expLeast), limit)
	x, d, low, t := k.regs[4], k.regs[5], k.regs[6], k.regs[7:11]
	k.blocks(vectorUnroll, func(n int) {
		for u := range n {
			at := operand.Mem{Base: vOperands[1], Index: vIndex, Scale: 1, Disp: u * k.bytes()}
			k.load(at, x)
			// The difference and what rounding it has lost: D. E. Knuth, TAOCP 2,
			// section 4.2.2, theorem B.
			k.sub(x, top, d)
			k.sub(d, x, t[0])
			k.sub(d, t[0], t[1])
			k.sub(x, t[1], low)
			k.add(top, t[0], t[0])
			k.sub(low, t[0], low)
			k.keepWhere(lessThan, limit, d, low, t[0])
			k.exp(d, low, t)
			if k.tail && k.lanes == 16 {
				k.VMOVAPS_Z(d, tailMask, d)
			} else if k.tail {
				k.VANDPS(k.tailVector(), d, d)
			}
			if store {
				at.Base = vOperands[0]
				k.store(d, at)
			}
			k.add(sums[u%len(sums)], d, sums[u%len(sums)])
		}
		if n == 1 && len(sums) == 2 && !k.tail {
			k.swap(sums[0], sums[1], t[0])
		}
	})
	if len(sums) == 2 {
		// An odd number of vectors before the tail has left them the wrong way.
		k.TESTQ(operand.U32(uint32(k.bytes())), vIndex)
		k.JZ(operand.LabelRef("even"))
		k.swap(sums[0], sums[1], t[0])
		k.Label("even")
	}
	k.Load(k.Param("a"), reg.RAX)
	k.MOVQ(vectorStruct.at(reg.RAX, "X4"), vTmp)
	for i, r := range sums {
		k.VMOVUPS(r, operand.Mem{Base: vTmp, Disp: i * k.bytes()})
	}
	k.done()
}

func (k *lanes) swap(a, b, tmp reg.Register) {
	k.VMOVAPS(a, tmp)
	k.VMOVAPS(b, a)
	k.VMOVAPS(tmp, b)
}
