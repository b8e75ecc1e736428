package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// atRows is the rows of a strip whose places are listed: a line of the result.
const atRows = 16

// General registers of a transposition by places.
var (
	atSrc   = reg.RSI // of the current columns
	atDst   = reg.RDI
	atFrom  = reg.R8 // places of the rows
	atTo    = reg.R9 // places of the current columns
	atCols  = reg.R10
	atPlace = []reg.GPPhysical{reg.R11, reg.R12, reg.R13, reg.RBX}
)

func transposeAtName(v *isa) string { return "TransposeAt" + v.name }

// emitTransposeAt transposes squares, and the columns that are left four at a time.
func emitTransposeAt(k *lanes) {
	k.function("TransposeAt", transposeStruct,
		transposeAtName(k.isa)+fmt.Sprintf(" copies %d rows, wherever they are, to columns:", atRows),
		"",
		"\tDst[DOff+To[j]+i] = Src[SOff+From[i]+j]",
		"",
		fmt.Sprintf("for i = 0 to %d and j = 0 to Cols-1, in squares of %d and blocks of four columns; the", atRows-1, k.lanes),
		"last overlaps the one before. If Stream is not 0 every result starts on a line and",
		"goes to memory past the caches.")
	k.Comment("SI DI strip and result, R8 R9 places of rows and columns, R10 columns left, R11-R13 BX a place")
	k.Load(k.Param("a"), trArgs)
	at := func(f string) operand.Mem { return transposeStruct.at(trArgs, f) }
	for _, p := range []struct {
		ptr       reg.GPPhysical
		name, off string
	}{{atSrc, "Src", "SOff"}, {atDst, "Dst", "DOff"}} {
		k.MOVQ(at(p.name), p.ptr)
		k.MOVQ(at(p.off), atCols)
		k.LEAQ(operand.Mem{Base: p.ptr, Index: atCols, Scale: 4}, p.ptr)
	}
	k.MOVQ(at("From"), atFrom)
	k.MOVQ(at("To"), atTo)
	k.MOVQ(at("Cols"), atCols)
	k.MOVL(at("Stream"), reg.EAX)
	k.TESTL(reg.EAX, reg.EAX)
	k.JNZ(operand.LabelRef("stream"))
	oneStrip := func(emit func(row int)) {
		for row := 0; row < atRows; row += k.lanes {
			emit(row)
		}
	}
	k.emitColumns("", k.lanes, func() { oneStrip(k.emitSquareAt) }, func() { oneStrip(k.emitQuadAt) })
	k.Label("stream")
	k.Comment("The same past the caches")
	k.streaming = true
	squares := k.lanes
	if squares < atRows {
		squares = 0 // halves of eight lines at once do not combine
	}
	k.emitColumns("_stream", squares, func() { oneStrip(k.emitSquareAt) }, func() { oneStrip(k.emitQuadAt) })
	k.streaming = false
}

// emitColumns goes through the columns, in blocks of so many, unless it is 0, and then by
// fours, and returns.
func (k *lanes) emitColumns(suffix string, cols int, block, four func()) {
	few, quad, done := "few"+suffix, "quad"+suffix, "done"+suffix
	if cols > 0 {
		square := "square" + suffix
		k.SUBQ(operand.Imm(uint64(cols)), atCols)
		k.JL(operand.LabelRef(few))
		k.alignLoop(square)
		block()
		k.nextColumns(cols)
		k.SUBQ(operand.Imm(uint64(cols)), atCols)
		k.JGE(operand.LabelRef(square))

		k.Label(few)
		k.ADDQ(operand.Imm(uint64(cols)), atCols)
		k.JZ(operand.LabelRef(done))
	}
	k.CMPQ(atCols, operand.Imm(4))
	k.JGE(operand.LabelRef(quad))
	back := "back" + suffix
	k.Label(back)
	k.Comment("The last columns again from where four are left")
	k.SUBQ(operand.Imm(4), atCols)
	k.LEAQ(operand.Mem{Base: atSrc, Index: atCols, Scale: 4}, atSrc)
	k.LEAQ(operand.Mem{Base: atTo, Index: atCols, Scale: 8}, atTo)
	k.MOVQ(operand.U32(4), atCols)

	k.Comment("Four columns at a time")
	k.Label(quad)
	four()
	k.nextColumns(4)
	k.SUBQ(operand.Imm(4), atCols)
	k.JZ(operand.LabelRef(done))
	k.CMPQ(atCols, operand.Imm(4))
	k.JGE(operand.LabelRef(quad))
	k.JMP(operand.LabelRef(back))
	k.Label(done)
	k.done()
}

// nextColumns moves on.
func (k *lanes) nextColumns(n int) {
	k.ADDQ(operand.Imm(uint64(4*n)), atSrc)
	k.ADDQ(operand.U32(uint32(8*n)), atTo)
}

// emitSquareAt transposes a square of rows from row on.
func (k *lanes) emitSquareAt(row int) {
	low, high := k.regs[:k.lanes], k.regs[k.lanes:2*k.lanes]
	for i := range low {
		place := atPlace[i%4]
		k.MOVQ(operand.Mem{Base: atFrom, Disp: 8 * (row + i)}, place)
		k.loadRow(operand.Mem{Base: atSrc, Index: place, Scale: 4}, low, i)
	}
	k.unpack(low, high)
	for c := range 4 {
		for l, column := range k.joinParts(low, high, c) {
			k.storeAt(column, 4*l+c, row)
		}
	}
}

// emitQuadAt transposes four columns of a vector of rows from row on.
func (k *lanes) emitQuadAt(row int) {
	k.emitQuad(func(i int) operand.Mem {
		place := atPlace[i%4]
		k.MOVQ(operand.Mem{Base: atFrom, Disp: 8 * (row + i)}, place)
		return operand.Mem{Base: atSrc, Index: place, Scale: 4}
	})
	for c, column := range k.regs[:4] {
		k.storeAt(column, c, row)
	}
}

// emitQuad transposes four columns of a vector of rows in the first registers: quarter q
// of operand i has row 4q+i, which at says the place of, in order.
func (k *lanes) emitQuad(at func(row int) operand.Mem) {
	low, high := k.regs[:4], k.regs[4:8]
	for row := range k.lanes {
		q, m, r := row/4, at(row), low[row%4]
		switch {
		case q == 0:
			k.VMOVUPS(m, r.(reg.Vec).AsX())
		case k.lanes == 16:
			k.VINSERTF32X4(operand.Imm(uint64(q)), m, r, r)
		default:
			k.VINSERTF128(operand.Imm(uint64(q)), m, r, r)
		}
	}
	k.unpack(low, high)
}

// storeAt writes rows from row on of a column.
func (k *lanes) storeAt(column reg.Register, c, row int) {
	place := atPlace[c%4]
	k.MOVQ(operand.Mem{Base: atTo, Disp: 8 * c}, place)
	k.store(column, operand.Mem{Base: atDst, Index: place, Scale: 4, Disp: 4 * row})
}
