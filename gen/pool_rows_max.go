package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func (e *rowEmitter) sumBlock() {
	for u := range e.vectors() {
		row, sum := e.best(u), e.second(u)
		if e.op.step != firstRow {
			e.load(e.part(u), sum)
		}
		for r := range e.rows() {
			e.load(e.x(r, 0, u), row)
			e.add(row, e.x(r, 1, u), row)
			e.add(row, e.x(r, 2, u), row)
			if e.op.step != firstRow {
				e.add(sum, row, sum)
			}
		}
		if e.op.step != firstRow {
			e.div(sum, e.base(), sum)
			e.store(sum, e.y(u))
		}
		e.plainStore(row, e.part(u))
	}
}

// maxBlock leaves equal maxima and a NaN to the first operand, which MAXPS has
// as its second source. Between two rows the results so far are in Part.
func (e *rowEmitter) maxBlock() {
	for r := range e.rows() {
		e.maxRow(r)
		if e.op.arg {
			e.numbers()
		}
		last := r == len(e.rows())-1
		for u := range e.vectors() {
			joined := e.best(u)
			if e.op.step != firstRow {
				joined = e.column(0)
				e.load(e.part(u), joined)
				e.greater(e.best(u), joined, e.second(u), maskTwo, u)
				e.VMAXPS(joined, e.best(u), joined)
			}
			switch {
			case e.op.step == firstRow || !last:
				e.plainStore(joined, e.part(u))
			default:
				e.store(joined, e.y(u))
				e.plainStore(e.best(u), e.part(u))
			}
		}
		if e.op.arg {
			e.joinNumbers(r, last)
		}
	}
}

// maxRow leaves the maxima of a row's columns in best, and in second and third
// where a later column was more.
func (e *rowEmitter) maxRow(r int) {
	two, three := e.column(0), e.column(1)
	for u := range e.vectors() {
		e.load(e.x(r, 0, u), e.best(u))
		e.load(e.x(r, 1, u), two)
		e.load(e.x(r, 2, u), three)
		e.greater(two, e.best(u), e.second(u), maskTwo, u)
		e.VMAXPS(e.best(u), two, e.best(u))
		e.noteNaN(two, three, two)
		e.greater(three, e.best(u), e.third(u), maskLast, u)
		e.VMAXPS(e.best(u), three, e.best(u))
	}
}

// greater notes where x > y, if taps are asked for.
func (e *rowEmitter) greater(x, y, dst reg.Register, masks []reg.Register, u int) {
	switch {
	case !e.op.arg:
	case e.lanes.lanes == 16:
		e.VCMPPS(greaterThan, y, x, masks[u])
	default:
		e.VCMPPS(greaterThan, y, x, dst)
	}
}

// tapRegister is the part of a register that holds taps, a byte each: of one
// vector with AVX-512, and of all four with AVX2, in the order in which masks of
// four vectors are packed.
func (e *rowEmitter) tapRegister(r reg.Register) reg.Register {
	if e.lanes.lanes == 16 {
		return r.(reg.Vec).AsX()
	}
	return r
}

// pack narrows AVX2's masks of four vectors, from first on, to bytes in the first.
func (e *rowEmitter) pack(mask func(u int) reg.Register) reg.Register {
	e.VPACKSSDW(mask(1), mask(0), mask(0))
	e.VPACKSSDW(mask(3), mask(2), mask(2))
	e.VPACKSSWB(mask(2), mask(0), mask(0))
	return mask(0)
}

const oneByte, twoBytes, threeBytes = 0x01010101, 0x02020202, 0x03030303

// numbers leaves the columns of the maxima, 0 to 2, in the registers of taps.
func (e *rowEmitter) numbers() {
	if e.lanes.lanes == 16 {
		for u := range e.vectors() {
			t := e.taps(u)
			e.VMOVDQU8_Z(e.constantBytes(oneByte, e.column(1)), maskTwo[u], t)
			e.VMOVDQU8(e.constantBytes(twoBytes, e.column(1)), maskLast[u], t)
		}
		return
	}
	two, three, t := e.pack(e.second), e.pack(e.third), e.taps(0)
	e.VPAND(e.constant(oneByte), two, t)
	e.VPBLENDVB(three, e.constant(twoBytes), t, t)
}

// constantBytes loads a constant into tmp.
func (e *rowEmitter) constantBytes(bits uint32, tmp reg.Register) reg.Register {
	x := tmp.(reg.Vec).AsX()
	e.VMOVUPS(e.constant(bits), x)
	return x
}

// taps is the register of the columns of vector u's maxima, or of those of all.
func (e *rowEmitter) taps(u int) reg.Register {
	if e.lanes.lanes == 8 {
		return e.third(1) // free once its mask is packed
	}
	return e.tapRegister(e.third(u))
}

// joinNumbers does to taps what was done to the maxima of row r.
func (e *rowEmitter) joinNumbers(r int, last bool) {
	blocks, size := 1, rowBlock
	if e.lanes.lanes == 16 {
		blocks, size = e.vectors(), e.lanes.lanes
	}
	for u := range blocks {
		part := operand.Mem{Base: rowsTaps, Disp: u * size}
		now, joined := e.tapRegister(e.column(0)), e.tapRegister(e.column(1))
		e.VPADDB(e.tapRegister(e.base()), e.taps(u), now)
		if r > 0 {
			e.VPADDB(e.constant(threeBytes), now, now)
		}
		if e.op.step == firstRow {
			e.VMOVDQU(now, part)
			continue
		}
		e.VMOVDQU(part, joined)
		if e.lanes.lanes == 16 {
			e.VMOVDQU8(now, maskTwo[u], joined)
		} else {
			e.VPBLENDVB(e.pack(e.second), now, joined, joined)
		}
		if !last {
			e.VMOVDQU(joined, part)
			continue
		}
		if e.lanes.lanes == 8 {
			e.VMOVDQU(e.constant(0, 4, 1, 5, 2, 6, 3, 7), now)
			e.VPERMD(joined, now, joined)
		}
		e.VMOVDQU(joined, operand.Mem{Base: poolArg, Disp: u * size})
		e.VMOVDQU(e.taps(u), part)
	}
}

// findFirst looks for NaN in the first column, which no later window has as its
// second or third.
func (e *rowEmitter) findFirst() {
	e.Comment("NaN in the first column")
	next := e.label("first")
	if e.lanes.lanes == 16 {
		e.KXORW(rowsNaN, rowsNaN, rowsNaN)
	} else {
		e.zero(e.nan())
	}
	e.XORQ(reg.RBX, reg.RBX)
	e.Label(next)
	for u := range e.vectors() {
		for i, row := range e.rows() {
			e.load(operand.Mem{Base: row, Index: reg.RBX, Scale: 1, Disp: u * e.bytes()}, e.column(i))
		}
		e.noteNaN(e.column(0), e.column(len(e.rows())-1), e.second(0))
	}
	e.ADDQ(operand.U32(4*rowBlock), reg.RBX)
	e.CMPQ(reg.RBX, rowsC)
	e.JB(operand.LabelRef(next))
}

// noteNaN notes whether x or y has a NaN.
func (e *rowEmitter) noteNaN(x, y, tmp reg.Register) {
	if e.lanes.lanes == 16 {
		e.VCMPPS(unordered, x, y, reg.K6)
		e.KORW(reg.K6, rowsNaN, rowsNaN)
		return
	}
	e.VCMPPS(unordered, x, y, tmp)
	e.VORPS(tmp, e.nan(), e.nan())
}

// leaveNaN adds what was noted to the arguments.
func (e *rowEmitter) leaveNaN() {
	e.Load(e.Param("a"), reg.RAX)
	if e.lanes.lanes == 16 {
		e.KMOVW(rowsNaN, reg.EBX)
	} else {
		e.VMOVMSKPS(e.nan(), reg.EBX)
	}
	e.ORL(reg.EBX, poolStruct.at(reg.RAX, "NaN"))
}
