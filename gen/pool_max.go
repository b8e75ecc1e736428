package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// emitMax replaces the maximum by x where x is greater, or the first NaN.
func (p *poolEmitter) emitMax(u int, m operand.Mem, arg bool) {
	x, best := p.temp(0), p.best(u)
	p.load(m, x)
	if p.lanes.lanes == 16 {
		p.VCMPPS(ordered, best, best, reg.K2)
		p.VCMPPS(notLessEqual, best, x, reg.K2, reg.K3)
		p.VMOVAPS(x, reg.K3, best)
		if arg {
			p.VMOVAPS(p.number(), reg.K3, p.also(u))
		}
		return
	}
	where, number := p.temp(1), p.temp(2)
	p.VCMPPS(ordered, best, best, number)
	p.VCMPPS(notLessEqual, best, x, where)
	p.VANDPS(number, where, where)
	p.VBLENDVPS(where, x, best, best)
	if arg {
		p.VBLENDVPS(where, p.number(), p.also(u), p.also(u))
	}
}

// storeTaps narrows the numbers of the taps to bytes.
func (p *poolEmitter) storeTaps() {
	p.Comment("Taps, a byte each")
	p.LEAQ(operand.Mem{Base: poolY, Index: vIndex, Scale: 1}, reg.RAX)
	p.SHRQ(operand.Imm(2), reg.RAX)
	for u := range p.n {
		m := operand.Mem{Base: reg.RAX, Index: poolArg, Scale: 1, Disp: u * p.lanes.lanes}
		taps := p.also(u).(reg.Vec).AsX()
		if p.lanes.lanes == 16 {
			p.VPMOVDB(p.also(u), taps)
			if p.tail {
				p.VMOVDQU8(taps, tailMask, m)
			} else {
				p.VMOVDQU(taps, m)
			}
			continue
		}
		high := p.temp(0).(reg.Vec).AsX()
		p.VEXTRACTI128(operand.U8(1), p.also(u), high)
		p.VPACKUSDW(high, taps, taps)
		p.VPACKUSWB(taps, taps, taps)
		if !p.tail {
			p.VMOVQ(taps, m)
			continue
		}
		// CX is minus the number of channels in use.
		p.VMOVQ(taps, reg.RBX)
		next := p.label("tap")
		p.Label(next)
		p.MOVB(reg.BL, m)
		p.SHRQ(operand.Imm(8), reg.RBX)
		p.INCQ(reg.RAX)
		p.INCQ(vLeft)
		p.JNZ(operand.LabelRef(next))
	}
}

// prepareBytes makes what shifts AVX2's bytes in the tail, of which the last 8
// are read: CX is minus the number of channels in use.
func (p *poolEmitter) prepareBytes() {
	if p.tail && p.lanes.lanes == 8 {
		p.MOVQ(vLeft, reg.RAX)
		p.SHLQ(operand.Imm(3), reg.RAX)
		p.ADDQ(operand.Imm(64), reg.RAX)
		p.VMOVQ(reg.RAX, p.shift().(reg.Vec).AsX())
	}
}

// emitGather adds the elements whose number in Arg is the tap's. AX is where
// the numbers of the block are.
func (p *poolEmitter) emitGather(u int, x operand.Mem) {
	m := operand.Mem{Base: reg.RAX, Index: poolArg, Scale: 1, Disp: u * p.lanes.lanes}
	v, where := p.temp(0), p.temp(1)
	bytes := where.(reg.Vec).AsX()
	switch {
	case p.lanes.lanes == 16:
		tap := p.number().(reg.Vec).AsX()
		if p.tail {
			p.VMOVDQU8_Z(m, tailMask, bytes)
			p.VPCMPEQB(tap, bytes, tailMask, reg.K2)
		} else {
			p.VPCMPEQB(m, tap, reg.K2)
		}
		p.VMOVUPS_Z(x, reg.K2, v)
		p.add(p.best(u), v, p.best(u))
		return
	case p.tail:
		m.Index, m.Scale = nil, 0
		p.ADDQ(poolArg, reg.RAX)
		p.SUBQ(vLeft, reg.RAX)
		m.Disp = -8
		p.VMOVQ(m, bytes)
		p.VPSRLQ(p.shift().(reg.Vec).AsX(), bytes, bytes)
		p.VPMOVZXBD(bytes, where)
	default:
		p.VPMOVZXBD(m, where)
	}
	p.VPCMPEQD(p.number(), where, where)
	p.load(x, v)
	p.VANDPS(where, v, v)
	p.add(p.best(u), v, p.best(u))
}
