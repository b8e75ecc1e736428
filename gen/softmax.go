package main

import (
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
	acc, least, nan := k.regs[:vectorUnroll], k.regs[8], k.regs[9]
	k.set(float32(math.Inf(-1)), least)
	for _, r := range acc {
		k.VMOVAPS(least, r)
	}
	k.zero(nan)
	if k.lanes == 16 {
		k.KXORW(nanMask, nanMask, nanMask)
	}
	k.blocks(vectorUnroll, func(n int) {
		x := k.regs[vectorUnroll:]
		for u := range n {
			m := operand.Mem{Base: vOperands[0], Index: vIndex, Scale: 1, Disp: u * k.bytes()}
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
		for u := 0; u < n; u += 2 {
			k.findNaN(x[u], x[min(u+1, n-1)], nan, k.regs[10])
		}
	})
	k.VMAXPS(acc[1], acc[0], acc[0])
	k.VMAXPS(acc[3], acc[2], acc[2])
	k.VMAXPS(acc[2], acc[0], acc[0])
	if k.lanes == 16 {
		k.VPMOVM2D(nanMask, nan)
	}
	k.Comment("Lanes of all bits are NaN")
	k.VORPS(nan, acc[0], acc[0])
	k.Load(k.Param("a"), reg.RAX)
	k.MOVQ(vectorStruct.at(reg.RAX, "X4"), vTmp)
	for at := 0; at < 64; at += k.bytes() {
		k.VMOVUPS(acc[0], operand.Mem{Base: vTmp, Disp: at})
	}
	k.done()
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

// Further variables of emitExpSum: what rounding the argument has lost, and with
// AVX2 the lanes that are not 0.
const (
	varLow  = functionVars
	varKeep = functionVars + 1

	sumVars  = functionVars + 2
	sumsFrom = sumVars * 2
)

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
	k.Comment("DI X0, SI X1, DX bytes done, CX elements left; vectors from 10 on the sums (one with AVX-512), then S0")
	k.start(uses)
	k.MOVQ(vectorStruct.at(reg.RAX, "X4"), vTmp)
	sums := k.regs[sumsFrom:][:16/k.lanes]
	for i, r := range sums {
		k.VMOVUPS(operand.Mem{Base: vTmp, Disp: i * k.bytes()}, r)
	}
	top := k.regs[sumsFrom+2]
	k.broadcast(vectorStruct.at(reg.RAX, "S0"), top)
	k.hold(sumsFrom+3, append([]float32{1, expLeast}, reductionConstants...))
	most := k.together(sumVars)
	one := k.inRegister(1, nil) // sums in units that multiply are free when those that add are not
	k.blocks(most, func(n int) {
		g := &group{k, n, most}
		g.difference(top)
		g.reduceDifference()
		g.exponential()
		g.each(g.powerKept)
		g.each(func(u int) {
			if store {
				m := g.x(u)
				m.Base = vOperands[0]
				g.store(g.reg(varQ, u), m)
			}
			g.VFMADD231PS(g.reg(varQ, u), one, sums[u%len(sums)])
		})
		if n == 1 && len(sums) == 2 && !k.tail {
			k.swap(sums[0], sums[1], g.reg(varQ, 0))
		}
	})
	if len(sums) == 2 {
		// An odd number of vectors before the tail has left them the wrong way.
		k.TESTQ(operand.U32(uint32(k.bytes())), vIndex)
		k.JZ(operand.LabelRef("even"))
		k.swap(sums[0], sums[1], k.regs[0])
		k.Label("even")
	}
	k.Load(k.Param("a"), reg.RAX)
	k.MOVQ(vectorStruct.at(reg.RAX, "X4"), vTmp)
	for i, r := range sums {
		k.VMOVUPS(r, operand.Mem{Base: vTmp, Disp: i * k.bytes()})
	}
	k.done()
}

// difference leaves x - top in r, what rounding it has lost in low, and which
// lanes have an exponential other than 0, NaN among them: D. E. Knuth, TAOCP 2,
// section 4.2.2, theorem B.
func (g *group) difference(top reg.Register) {
	x, t, d, low := varN, varQ, varR, varLow
	g.each(func(u int) {
		g.load(g.x(u), g.reg(x, u))
		g.sub(g.reg(x, u), top, g.reg(d, u))
	})
	g.each(func(u int) { g.sub(g.reg(d, u), g.reg(x, u), g.reg(t, u)) })
	g.each(func(u int) {
		g.sub(g.reg(d, u), g.reg(t, u), g.reg(low, u))
		g.add(top, g.reg(t, u), g.reg(t, u))
	})
	g.each(func(u int) {
		g.sub(g.reg(x, u), g.reg(low, u), g.reg(low, u))
		g.sub(g.reg(low, u), g.reg(t, u), g.reg(low, u))
		if g.lanes.lanes == 8 {
			g.VCMPPS(notLess, g.float(expLeast), g.reg(d, u), g.reg(varKeep, u))
			if g.tail {
				g.VANDPS(g.tailVector(), g.reg(varKeep, u), g.reg(varKeep, u))
			}
			return
		}
		g.VCMPPS(notLess, g.float(expLeast), g.reg(d, u), keepMasks[u])
		if g.tail {
			g.KANDW(tailMask, keepMasks[u], keepMasks[u])
		}
	})
}

// keepMasks are AVX-512's lanes that are not 0.
var keepMasks = []reg.Register{reg.K2, reg.K3}

// reduceDifference is reduce for the sum of r and low.
func (g *group) reduceDifference() {
	n := g.whole(math.Log2E, g.negativeBias())
	g.each(func(u int) {
		g.VFNMADD231PS(g.float(logUpper), g.reg(n, u), g.reg(varR, u))
		g.VFNMADD231PS(g.float(logLower), g.reg(n, u), g.reg(varLow, u))
	})
	g.shift(g.negativeBias(), varN)
	g.each(func(u int) { g.VFMADD231PS(g.reg(varLow, u), g.inRegister(1, nil), g.reg(varR, u)) })
}

// powerKept multiplies q by 2^n and clears the other lanes.
func (g *group) powerKept(u int) {
	q := g.reg(varQ, u)
	if g.lanes.lanes == 16 {
		g.VSCALEFPS_Z(g.reg(varN, u), q, keepMasks[u], q)
		return
	}
	g.mul(q, g.reg(varN, u), q)
	g.VMULPS(g.float(far), q, q)
	g.VANDPS(g.reg(varKeep, u), q, q)
}

func (k *lanes) swap(a, b, tmp reg.Register) {
	k.VMOVAPS(a, tmp)
	k.VMOVAPS(b, a)
	k.VMOVAPS(tmp, b)
}
