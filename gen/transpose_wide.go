package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// wideCols is the columns of a block that goes over all rows.
const wideCols = 8

// General registers of a wide transposition, beside those of one by places.
var (
	wideLDS   = reg.R8
	wideWalk  = reg.RAX // down the rows
	wideLDS3  = reg.RBX
	wideLeft  = reg.RCX // rows
	wideRows  = reg.RDX
	widePlace = []reg.GPPhysical{reg.R11, reg.R12, reg.R13}
)

func transposeWideName(v *isa) string { return "TransposeWide" + v.name }

// emitTransposeWide transposes eight columns of all rows at a time, so that lines side by
// side are written soon after each other: where 2 KiB lie between results they crowd into
// two sets of L1, which hold 16 lines.
func emitTransposeWide(k *lanes) {
	k.function("TransposeWide", transposeStruct,
		transposeWideName(k.isa)+" copies rows to columns, wherever these are:",
		"",
		"\tDst[DOff+To[j]+i] = Src[SOff+i*LDS+j]",
		"",
		fmt.Sprintf("for i = 0 to Rows-1, a multiple of %d, and j = 0 to Cols-1, in blocks of %d and of four", atRows, wideCols),
		"columns, each over all rows; the last overlaps the one before.")
	k.Comment("SI DI rows and result, R8 BX distance of rows and of three, AX walks down the rows, R9 places of columns, R10 columns left, R11-R13 a place, CX DX rows left and all")
	k.Load(k.Param("a"), trArgs)
	emitEnds(k)
	at := func(f string) operand.Mem { return transposeStruct.at(trArgs, f) }
	k.LEAQ(operand.Mem{Base: wideLDS, Index: wideLDS, Scale: 2}, wideLDS3)
	k.MOVQ(at("To"), atTo)
	k.MOVQ(at("Cols"), atCols)
	k.MOVQ(at("Rows"), wideRows)
	k.emitColumns("", wideCols, func() { k.emitStrips(k.emitBlockWide) }, func() { k.emitStrips(k.emitQuadWide) })
}

// emitStrips goes through the rows of some columns.
func (k *lanes) emitStrips(emit func(row int)) {
	strip := k.label("strip")
	k.MOVQ(atSrc, wideWalk)
	k.MOVQ(wideRows, wideLeft)
	k.alignLoop(strip)
	for row := 0; row < atRows; row += k.lanes {
		emit(row)
	}
	k.ADDQ(operand.Imm(4*atRows), atDst)
	k.SUBQ(operand.Imm(atRows), wideLeft)
	k.JNZ(operand.LabelRef(strip))
	k.MOVQ(wideRows, wideLeft)
	k.SHLQ(operand.Imm(2), wideLeft)
	k.SUBQ(wideLeft, atDst)
}

// wideRow is where a row of the strip is, whose rows are asked for in order.
func (k *lanes) wideRow(row int) operand.Mem {
	if row > 0 && row%4 == 0 {
		k.nextRows()
	}
	switch row % 4 {
	case 0:
		return operand.Mem{Base: wideWalk}
	case 3:
		return operand.Mem{Base: wideWalk, Index: wideLDS3, Scale: 1}
	}
	return operand.Mem{Base: wideWalk, Index: wideLDS, Scale: uint8(row % 4)}
}

// nextRows walks down four rows.
func (k *lanes) nextRows() {
	k.LEAQ(operand.Mem{Base: wideWalk, Index: wideLDS, Scale: 4}, wideWalk)
}

// emitBlockWide transposes a block of columns of a vector of rows: a square of AVX2, half
// of AVX-512's.
func (k *lanes) emitBlockWide(row int) {
	low, high := k.regs[:wideCols], k.regs[wideCols:2*wideCols]
	for i := range k.lanes {
		if k.lanes == wideCols {
			k.load(k.wideRow(i), low[i])
		} else {
			k.loadHalf(k.wideRow(i), low, i)
		}
	}
	k.nextRows()
	k.unpack(low, high)
	for c := range 4 {
		if k.lanes == wideCols {
			k.gather(low, high, c)
		} else {
			k.joinHalves(low, high, c)
		}
		k.storeWide(high[0], c, row)
		k.storeWide(high[1], 4+c, row)
	}
}

// emitQuadWide transposes four columns of a vector of rows.
func (k *lanes) emitQuadWide(row int) {
	k.emitQuad(k.wideRow)
	k.nextRows()
	for c, column := range k.regs[:4] {
		k.storeWide(column, c, row)
	}
}

// storeWide writes rows from row on of a column.
func (k *lanes) storeWide(column reg.Register, c, row int) {
	place := widePlace[c%3]
	k.MOVQ(operand.Mem{Base: atTo, Disp: 8 * c}, place)
	k.store(column, operand.Mem{Base: atDst, Index: place, Scale: 4, Disp: 4 * row})
}
