package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A rowStep is what a kernel for rows does with the row of the windows that it
// was given: the first starts the partial results, others join them, and the last
// leaves the results and starts the next windows, which share that row.
type rowStep int

const (
	firstRow rowStep = iota
	middleRow
	lastRow
)

var rowSteps = []string{"First", "Middle", "Last"}

// A windowRowOp goes over one row of windows three wide and two apart, so that x
// is read in the order of memory, row after row.
type windowRowOp struct {
	max, arg bool
	step     rowStep
}

var windowRowOps = func() (ops []windowRowOp) {
	for step := firstRow; step <= lastRow; step++ {
		ops = append(ops, windowRowOp{true, false, step}, windowRowOp{true, true, step}, windowRowOp{false, false, step})
	}
	return ops
}()

func (op windowRowOp) name() string {
	what := "AverageRow"
	switch {
	case op.arg:
		what = "MaxArgRow"
	case op.max:
		what = "MaxRow"
	}
	return what + rowSteps[op.step]
}

func (op windowRowOp) doc() string {
	what := "the sum of three columns"
	if op.max {
		what = "the maximum of three columns"
	}
	if op.arg {
		what += " and its tap"
	}
	switch op.step {
	case firstRow:
		return " computes Part = " + what + "."
	case middleRow:
		return " joins " + what + " to Part."
	}
	return " computes Y from Part and " + what + ", and Part = the latter."
}

// General registers of a kernel for rows, and what a turn covers.
var (
	rowsPart   = reg.R9
	rowsTaps   = reg.R10
	rowsC      = reg.R11 // bytes
	rowsLeft   = reg.R12 // left of the pixel
	rowsPixel  = reg.R13 // left
	rowsBlocks = reg.RCX // of a pixel
	rowsStep   = reg.RDX // bytes from window to window
)

const (
	rowBlock = 32 // channels

	// The processor's own prefetch stops at the end of a page and needs some misses
	// to start again: the first lines of a page are asked for two pages before.
	// Average pooling of 3x3 takes 0.7 to 0.75 of the time, maxima 0.75 to 0.8.
	pageBytes  = 4096
	pagesAhead = 2
	pageLines  = 4
)

// A rowEmitter has the vector registers of a kernel for rows: the result of each
// vector, its comparisons, two columns, whether a NaN was seen and Tap.
type rowEmitter struct {
	*lanes
	op windowRowOp
}

func (e *rowEmitter) vectors() int            { return rowBlock / e.lanes.lanes }
func (e *rowEmitter) best(u int) reg.Register { return e.regs[u] }
func (e *rowEmitter) second(u int) reg.Register {
	return e.regs[4+u]
}
func (e *rowEmitter) third(u int) reg.Register { return e.regs[8+u] }
func (e *rowEmitter) column(i int) reg.Register {
	return e.regs[12+i]
}
func (e *rowEmitter) nan() reg.Register  { return e.regs[14] }
func (e *rowEmitter) base() reg.Register { return e.regs[15] } // Tap, or Count

var (
	rowsNaN  = reg.K7
	maskTwo  = []reg.Register{reg.K2, reg.K3} // where the second column is more
	maskLast = []reg.Register{reg.K4, reg.K5} // where the third is
)

func (op windowRowOp) emit(k *lanes) {
	k.function("Pool"+op.name(), poolStruct, "Pool"+op.name()+k.name+op.doc())
	arg := func(name string) operand.Mem { return poolStruct.at(reg.RAX, name) }
	k.Comment("DI Y, SI X, R8 Arg, R9 Part, R10 PartArg, R11 bytes and CX blocks of the channels, DX bytes between windows")
	k.Comment("R12 blocks and R13 windows left, AX BX free")
	k.Load(k.Param("a"), reg.RAX)
	for _, s := range []struct {
		name, off string
		reg       reg.GPPhysical
		scale     uint8
	}{{"Y", "YOff", poolY, 4}, {"X", "XOff", poolX, 4}, {"Arg", "YOff", poolArg, 1}, {"Part", "POff", rowsPart, 4}, {"PartArg", "POff", rowsTaps, 1}} {
		k.MOVQ(arg(s.name), s.reg)
		k.MOVQ(arg(s.off), reg.RBX)
		k.LEAQ(operand.Mem{Base: s.reg, Index: reg.RBX, Scale: s.scale}, s.reg)
	}
	k.MOVQ(arg("C"), rowsC)
	k.SHLQ(operand.Imm(2), rowsC)
	k.MOVQ(rowsC, rowsBlocks)
	k.SHRQ(operand.Imm(7), rowsBlocks)
	k.LEAQ(operand.Mem{Base: rowsC, Index: rowsC, Scale: 1}, rowsStep)
	k.MOVQ(arg("Pixels"), rowsPixel)
	e := &rowEmitter{k, op}
	switch {
	case !op.max:
		k.broadcast(arg("Count"), e.base())
	case op.arg:
		k.VPBROADCASTB(arg("Tap"), e.tapRegister(e.base()))
	}
	if op.max {
		e.findFirst()
	}
	if op.step == lastRow {
		k.MOVL(arg("Stream"), reg.EBX)
		k.TESTL(reg.EBX, reg.EBX)
		k.JZ(operand.LabelRef("plain"))
		k.TESTQ(operand.U32(streamAlign-1), poolY)
		k.JNZ(operand.LabelRef("plain"))
		k.Comment("Results past the caches")
		k.streaming = true
		e.pixels()
		k.streaming = false
		k.JMP(operand.LabelRef("end"))
		k.Label("plain")
	}
	e.pixels()
	k.Label("end")
	if op.max {
		e.leaveNaN()
	}
	k.done()
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
		e.load(operand.Mem{Base: poolX, Index: reg.RBX, Scale: 1, Disp: u * e.bytes()}, e.column(0))
		e.noteNaN(e.column(0), e.column(0), e.column(1))
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

// pixels goes over the windows.
func (e *rowEmitter) pixels() {
	pixel, near, block := e.label("pixel"), e.label("near"), e.label("block")
	e.Label(pixel)
	e.MOVQ(poolX, reg.RBX)
	e.ANDQ(operand.U32(pageBytes-1), reg.RBX)
	e.CMPQ(reg.RBX, rowsStep)
	e.JAE(operand.LabelRef(near))
	e.MOVQ(poolX, reg.RAX)
	e.SUBQ(reg.RBX, reg.RAX)
	for i := range pageLines {
		e.PREFETCHT0(operand.Mem{Base: reg.RAX, Disp: pagesAhead*pageBytes + 64*i})
	}
	e.Label(near)
	e.MOVQ(rowsBlocks, rowsLeft)
	e.alignLoop(block)
	if e.op.max {
		e.maxBlock()
	} else {
		e.sumBlock()
	}
	for _, r := range []reg.GPPhysical{poolY, poolX, rowsPart} {
		e.ADDQ(operand.U32(4*rowBlock), r)
	}
	if e.op.arg {
		e.ADDQ(operand.Imm(rowBlock), poolArg)
		e.ADDQ(operand.Imm(rowBlock), rowsTaps)
	}
	e.DECQ(rowsLeft)
	e.JNZ(operand.LabelRef(block))
	e.ADDQ(rowsC, poolX)
	e.DECQ(rowsPixel)
	e.JNZ(operand.LabelRef(pixel))
}

func (e *rowEmitter) x(col, u int) operand.Mem {
	m := operand.Mem{Base: poolX, Disp: u * e.bytes()}
	if col > 0 {
		m.Index, m.Scale = rowsC, uint8(col)
	}
	return m
}

func (e *rowEmitter) part(u int) operand.Mem { return operand.Mem{Base: rowsPart, Disp: u * e.bytes()} }

func (e *rowEmitter) y(u int) operand.Mem { return operand.Mem{Base: poolY, Disp: u * e.bytes()} }

// plainStore stores what is read again soon.
func (e *rowEmitter) plainStore(src reg.Register, m operand.Mem) { e.VMOVUPS(src, m) }

func (e *rowEmitter) sumBlock() {
	for u := range e.vectors() {
		e.load(e.x(0, u), e.best(u))
		e.add(e.best(u), e.x(1, u), e.best(u))
		e.add(e.best(u), e.x(2, u), e.best(u))
	}
	for u := range e.vectors() {
		sum := e.second(u)
		switch e.op.step {
		case firstRow:
			e.plainStore(e.best(u), e.part(u))
		case middleRow:
			e.load(e.part(u), sum)
			e.add(sum, e.best(u), sum)
			e.plainStore(sum, e.part(u))
		case lastRow:
			e.load(e.part(u), sum)
			e.add(sum, e.best(u), sum)
			e.div(sum, e.base(), sum)
			e.store(sum, e.y(u))
			e.plainStore(e.best(u), e.part(u))
		}
	}
}

// maxBlock leaves equal maxima and a NaN to the first operand, which MAXPS has
// as its second source.
func (e *rowEmitter) maxBlock() {
	for u := range e.vectors() {
		two, three := e.column(0), e.column(1)
		e.load(e.x(0, u), e.best(u))
		e.load(e.x(1, u), two)
		e.load(e.x(2, u), three)
		e.greater(two, e.best(u), e.second(u), maskTwo, u)
		e.VMAXPS(e.best(u), two, e.best(u))
		e.noteNaN(two, three, two)
		e.greater(three, e.best(u), e.third(u), maskLast, u)
		e.VMAXPS(e.best(u), three, e.best(u))
	}
	if e.op.arg {
		e.numbers()
	}
	for u := range e.vectors() {
		joined := e.column(0)
		if e.op.step != firstRow {
			e.load(e.part(u), joined)
			e.greater(e.best(u), joined, e.second(u), maskTwo, u)
			e.VMAXPS(joined, e.best(u), joined)
		}
		switch e.op.step {
		case firstRow:
			e.plainStore(e.best(u), e.part(u))
		case middleRow:
			e.plainStore(joined, e.part(u))
		case lastRow:
			e.store(joined, e.y(u))
			e.plainStore(e.best(u), e.part(u))
		}
	}
	if e.op.arg {
		e.joinNumbers()
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

const oneByte, twoBytes = 0x01010101, 0x02020202

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

// joinNumbers does to taps what was done to maxima.
func (e *rowEmitter) joinNumbers() {
	blocks, size := 1, rowBlock
	if e.lanes.lanes == 16 {
		blocks, size = e.vectors(), e.lanes.lanes
	}
	for u := range blocks {
		part := operand.Mem{Base: rowsTaps, Disp: u * size}
		now, joined := e.tapRegister(e.column(0)), e.tapRegister(e.column(1))
		e.VPADDB(e.tapRegister(e.base()), e.taps(u), now)
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
		if e.op.step == middleRow {
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

func windowRowNames() (names []string) {
	for _, op := range windowRowOps {
		names = append(names, op.name())
	}
	return names
}
