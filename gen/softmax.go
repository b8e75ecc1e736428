package main

import (
	"fmt"
	"math"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// emitLargest emits the maximum of a row, spread over the 16 lanes in X4.
func emitLargest(k *lanes) {
	k.function("VectorLargest", vectorStruct,
		"VectorLargest"+k.name+" leaves 16 numbers in X4 whose maximum is that of X0, NaN if it has one.")
	k.Comment("DI X0, DX bytes done, CX elements left, the first four vectors the maxima of the lanes")
	k.start([]int{0})
	acc, nan := k.largestTurns(vOperands[0], true)
	if k.lanes == 16 {
		k.VPMOVM2D(nanMask, nan)
	}
	k.Comment("Lanes of all bits are NaN")
	k.VORPS(nan, acc, acc)
	k.Load(k.Param("a"), reg.RAX)
	k.MOVQ(vectorStruct.at(reg.RAX, "X4"), vTmp)
	for at := 0; at < 64; at += k.bytes() {
		k.VMOVUPS(acc, operand.Mem{Base: vTmp, Disp: at})
	}
	k.done()
}

// largestTurns returns the vector that holds the maxima of the lanes of a row, without
// NaN. If find, it also returns, with AVX2, a vector that is not 0 where a lane has had
// a NaN. With AVX-512 those lanes are in nanMask.
func (k *lanes) largestTurns(row reg.Register, find bool) (top, nan reg.Register) {
	acc, least := k.regs[:vectorUnroll], k.regs[8]
	nan = k.regs[9]
	k.set(float32(math.Inf(-1)), least)
	for _, r := range acc {
		k.VMOVAPS(least, r)
	}
	k.zero(nan)
	if k.lanes == 16 && find {
		k.KXORW(nanMask, nanMask, nanMask)
	}
	k.blocks(vectorUnroll, func(n int) {
		x := k.regs[vectorUnroll:]
		for u := range n {
			m := operand.Mem{Base: row, Index: vIndex, Scale: 1, Disp: u * k.bytes()}
			switch {
			case !k.tail:
				k.load(m, x[u])
			case k.lanes == 16:
				k.VMOVAPS(least, x[u])
				k.VMOVUPS(m, tailMask, x[u])
			default:
				k.load(m, x[u])
				k.VBLENDVPS(k.tailVector(), x[u], least, x[u])
			}
			// MAXPS returns its second source, the maximum so far, for NaN.
			k.VMAXPS(acc[u], x[u], acc[u])
		}
		for u := 0; find && u < n; u += 2 {
			k.findNaN(x[u], x[min(u+1, n-1)], nan, k.regs[10])
		}
	})
	k.VMAXPS(acc[1], acc[0], acc[0])
	k.VMAXPS(acc[3], acc[2], acc[2])
	k.VMAXPS(acc[2], acc[0], acc[0])
	return acc[0], nan
}

// nanMask is AVX-512's set of lanes in which a NaN was found.
var nanMask = reg.K3

// findNaN adds the lanes where x or y is NaN to found.
func (k *lanes) findNaN(x, y, found, tmp reg.Register) {
	if k.lanes == 16 {
		k.VCMPPS(unordered, y, x, compareMask)
		k.KORW(compareMask, nanMask, nanMask)
		return
	}
	k.VCMPPS(unordered, y, x, tmp)
	k.VORPS(tmp, found, found)
}

// Numbers of emitExpSum. S0 is M, or 0 if M is small: the difference to it is
// exact where an exponential is not 0. S3 + S4 is S0 - M, S3 having few digits.
const (
	numberBase  = iota // S0
	numberSteps        // (S0 - M)/log(2)
	numberLeast        // where exponentials are 0
	numberHead
	numberTail
	expNumbers
)

// Further variables of emitExpSum: the power of two.
const (
	varPower = functionVars
	sumVars  = functionVars + 1
)

// logHead has so few digits that its product with an exponent is exact, and the
// difference of that to S3, too.
const (
	logHead = 0x1.62e8p-1
	logTail = -0x1.e8082ep-16
)

// scaled times an exponential is a normal number.
const scaled = 1 / far

// emitExpSum emits the exponentials of a row and their sums: element i is added
// to lane i%16 of X4.
func emitExpSum(k *lanes, store bool) {
	name, doc := "VectorExpSum", " adds 2^65*exp(X1[i] - M) to X4[i%16], for each i in turn: M = S0-S3-S4, S1 = (S0-M)/log(2), S2 = M-S0-105, and S3 is a multiple of 2^-14 of at most 512."
	uses := []int{1}
	if store {
		name, doc = "VectorExpStore", " does what VectorExpSum does, and sets X0 to what it adds."
		uses = []int{0, 1}
	}
	k.function(name, vectorStruct, name+k.name+doc)
	k.Comment("DI X0, SI X1, DX bytes done, CX elements left; the first five vectors S0 to S4, then the sums (one with AVX-512)")
	k.start(uses)
	k.MOVQ(vectorStruct.at(reg.RAX, "X4"), vTmp)
	for i := range expNumbers {
		k.broadcast(vectorStruct.at(reg.RAX, fmt.Sprintf("S%d", i)), k.regs[i])
	}
	sums := k.sums()
	for i, r := range sums {
		k.VMOVUPS(operand.Mem{Base: vTmp, Disp: i * k.bytes()}, r)
	}
	k.holdExp()
	k.expTurns(store)
	k.Load(k.Param("a"), reg.RAX)
	k.MOVQ(vectorStruct.at(reg.RAX, "X4"), vTmp)
	for i, r := range sums {
		k.VMOVUPS(r, operand.Mem{Base: vTmp, Disp: i * k.bytes()})
	}
	k.done()
}

// expTogether is how many vectors of exponentials are treated together.
const expTogether = 2

// scaledExp is the polynomial of scaled exponentials.
var scaledExp = times(scaled, append(expPolynomial[:len(expPolynomial):len(expPolynomial)], 1, 1))

// sums are the registers of the 16 sums.
func (k *lanes) sums() []reg.Register { return k.regs[expNumbers:][:16/k.lanes] }

// firstVariable is the register of the first variable: the last, the mask of AVX2,
// is of no vector alone.
func (k *lanes) firstVariable() int { return len(k.regs) - sumVars*expTogether }

// holdExp keeps constants in the registers between sums and variables.
func (k *lanes) holdExp() {
	held := expNumbers + len(k.sums())
	constants := append([]float32{roundNumber, math.Log2E, logHead, logTail}, scaledExp...)
	for i, v := range constants[:min(len(constants), k.firstVariable()-held)] {
		k.set(v, k.regs[held+i])
		k.held[math.Float32bits(v)] = k.regs[held+i]
	}
}

// expTurns adds the exponentials of X1 to the sums, and stores them in X0 if store.
func (k *lanes) expTurns(store bool) {
	sums := k.sums()
	k.blocks(expTogether, func(n int) {
		g := &group{lanes: k, n: n, most: expTogether, first: k.firstVariable()}
		g.reduceDifference(k.regs)
		g.polynomial(scaledExp)
		g.each(func(u int) {
			q := g.reg(varQ, u)
			if g.lanes.lanes == 16 {
				g.VSCALEFPS(g.reg(varN, u), q, q)
				return
			}
			g.VPADDD(g.reg(varPower, u), q, q)
		})
		g.each(func(u int) {
			if store {
				m := g.x(u)
				m.Base = vOperands[0]
				g.store(g.reg(varQ, u), m)
			}
			sum := sums[u%len(sums)]
			switch {
			case !g.tail:
				g.VADDPS(g.reg(varQ, u), sum, sum)
			case g.lanes.lanes == 16:
				g.VADDPS(g.reg(varQ, u), sum, tailMask, sum)
			default:
				g.VANDPS(g.tailVector(), g.reg(varQ, u), g.reg(varQ, u))
				g.VADDPS(g.reg(varQ, u), sum, sum)
			}
		})
		if n == 1 && len(sums) == 2 && !k.tail {
			k.swap(sums[0], sums[1], g.reg(varQ, 0))
		}
	})
	if len(sums) == 2 {
		// An odd number of vectors before the tail has left them the wrong way.
		k.TESTQ(operand.U32(uint32(k.bytes())), vIndex)
		even := k.label("even")
		k.JZ(operand.LabelRef(even))
		k.swap(sums[0], sums[1], k.regs[0])
		k.Label(even)
	}
}

// reduceDifference leaves the difference to the maximum less n*log(2) in r. n is
// in n with AVX-512, else what adds it to an exponent is in the power. Sums are
// in the units beside those that multiply.
func (g *group) reduceDifference(numbers []reg.Register) {
	x, n, v, z := varR, varN, varQ, varPower
	const round = roundNumber
	g.each(func(u int) {
		g.load(g.x(u), g.reg(x, u))
		g.sub(g.reg(x, u), numbers[numberBase], g.reg(x, u))
	})
	// MAXPS returns its second source for NaN.
	g.each(func(u int) { g.VMAXPS(g.reg(x, u), numbers[numberLeast], g.reg(x, u)) })
	g.each(func(u int) {
		g.VMOVAPS(numbers[numberSteps], g.reg(z, u))
		g.VFMADD231PS(g.float(math.Log2E), g.reg(x, u), g.reg(z, u))
	})
	g.each(func(u int) {
		if g.lanes.lanes == 16 {
			g.VRNDSCALEPS(operand.U8(0), g.reg(z, u), g.reg(n, u))
		} else {
			g.add(g.reg(z, u), g.inRegister(round, nil), g.reg(z, u))
			g.sub(g.reg(z, u), g.inRegister(round, nil), g.reg(n, u))
		}
		g.VMOVAPS(numbers[numberHead], g.reg(v, u))
	})
	g.each(func(u int) { g.VFNMADD231PS(g.float(logHead), g.reg(n, u), g.reg(v, u)) })
	g.each(func(u int) { g.add(g.reg(x, u), g.reg(v, u), g.reg(x, u)) })
	g.each(func(u int) {
		if g.lanes.lanes == 16 {
			g.VMOVAPS(numbers[numberTail], g.reg(z, u))
			g.VFNMADD231PS(g.float(logTail), g.reg(n, u), g.reg(z, u))
			g.add(g.reg(x, u), g.reg(z, u), g.reg(x, u))
			return
		}
		g.VFNMADD132PS(g.float(logTail), numbers[numberTail], g.reg(n, u))
		g.add(g.reg(x, u), g.reg(n, u), g.reg(x, u))
		g.VPSLLD(operand.U8(23), g.reg(z, u), g.reg(z, u))
	})
}

// times returns the products of c and factor.
func times(factor float32, c []float32) []float32 {
	p := make([]float32, len(c))
	for i, v := range c {
		p[i] = factor * v
	}
	return p
}

func (k *lanes) swap(a, b, tmp reg.Register) {
	k.VMOVAPS(a, tmp)
	k.VMOVAPS(b, a)
	k.VMOVAPS(tmp, b)
}
