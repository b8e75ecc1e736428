package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A rowStep is what a kernel for rows does with the rows of the windows that it
// was given: the first starts the partial results, and the last, or the last two,
// leave the results and start the next windows, which share the last row.
type rowStep int

const (
	firstRow rowStep = iota
	lastRow
	lastRows
)

var rowSteps = []string{"First", "Last", "Both"}

// A windowRowOp goes over one or two rows of windows three wide and two apart:
// each row of x is read once, in order, and two at a time are faster than one.
type windowRowOp struct {
	max, arg bool
	step     rowStep
}

var windowRowOps = func() (ops []windowRowOp) {
	for step := firstRow; step <= lastRows; step++ {
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
	case lastRows:
		what += " of two rows"
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
	rowsNext   = reg.RDX // row of X, if there are two
)

const (
	rowBlock = 32 // channels

	// The processor's own prefetch stops at the end of a page and needs some misses
	// to start again: the first lines of a page are asked for six pages before.
	// 3x3 windows over x in memory take 0.65 to 0.8 of the time, 2x2 ones 0.65 to 0.95.
	pageBytes  = 4096
	pagesAhead = 6
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

// rows are the registers of the rows.
func (e *rowEmitter) rows() []reg.GPPhysical {
	if e.op.step == lastRows {
		return []reg.GPPhysical{poolX, rowsNext}
	}
	return []reg.GPPhysical{poolX}
}

var (
	rowsNaN  = reg.K7
	maskTwo  = []reg.Register{reg.K2, reg.K3} // where the second column is more
	maskLast = []reg.Register{reg.K4, reg.K5} // where the third is
)

func (op windowRowOp) emit(k *lanes) {
	k.function("Pool"+op.name(), poolStruct, "Pool"+op.name()+k.name+op.doc())
	arg := func(name string) operand.Mem { return poolStruct.at(reg.RAX, name) }
	k.Comment("DI Y, SI X, R8 Arg, R9 Part, R10 PartArg, R11 bytes and CX blocks of the channels, DX the next row of X")
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
	if op.step == lastRows {
		k.MOVQ(arg("RowStep"), rowsNext)
		k.LEAQ(operand.Mem{Base: poolX, Index: rowsNext, Scale: 4}, rowsNext)
	}
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
	if op.step != firstRow {
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

// pixels goes over the windows.
func (e *rowEmitter) pixels() {
	pixel, block := e.label("pixel"), e.label("block")
	e.Label(pixel)
	e.LEAQ(operand.Mem{Base: rowsC, Index: rowsC, Scale: 1}, rowsLeft)
	for _, row := range e.rows() {
		e.prefetchPage(row, rowsLeft, reg.RBX, reg.RAX)
	}
	e.MOVQ(rowsBlocks, rowsLeft)
	e.alignLoop(block)
	if e.op.max {
		e.maxBlock()
	} else {
		e.sumBlock()
	}
	for _, r := range append(e.rows(), poolY, rowsPart) {
		e.ADDQ(operand.U32(4*rowBlock), r)
	}
	if e.op.arg {
		e.ADDQ(operand.Imm(rowBlock), poolArg)
		e.ADDQ(operand.Imm(rowBlock), rowsTaps)
	}
	e.DECQ(rowsLeft)
	e.JNZ(operand.LabelRef(block))
	for _, row := range e.rows() {
		e.ADDQ(rowsC, row)
	}
	e.DECQ(rowsPixel)
	e.JNZ(operand.LabelRef(pixel))
}

// prefetchPage asks for the first lines of a page if one begins between this window
// and the one before, which is step bytes back. It changes offset and page.
func (k *lanes) prefetchPage(row, step, offset, page reg.GPPhysical) {
	near := k.label("near")
	k.MOVQ(row, offset)
	k.ANDQ(operand.U32(pageBytes-1), offset)
	k.MOVQ(row, page)
	k.SUBQ(offset, page)
	k.CMPQ(offset, step)
	k.JAE(operand.LabelRef(near))
	for i := range pageLines {
		k.PREFETCHT0(operand.Mem{Base: page, Disp: pagesAhead*pageBytes + 64*i})
	}
	k.Label(near)
}

func (e *rowEmitter) x(row, col, u int) operand.Mem {
	m := operand.Mem{Base: e.rows()[row], Disp: u * e.bytes()}
	if col > 0 {
		m.Index, m.Scale = rowsC, uint8(col)
	}
	return m
}

func (e *rowEmitter) part(u int) operand.Mem { return operand.Mem{Base: rowsPart, Disp: u * e.bytes()} }

func (e *rowEmitter) y(u int) operand.Mem { return operand.Mem{Base: poolY, Disp: u * e.bytes()} }

// plainStore stores what is read again soon.
func (e *rowEmitter) plainStore(src reg.Register, m operand.Mem) { e.VMOVUPS(src, m) }

func windowRowNames() (names []string) {
	for _, op := range windowRowOps {
		names = append(names, op.name())
	}
	return names
}
