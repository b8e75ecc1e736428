package main

import (
	"fmt"
	"strings"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

var transposeStruct = &argStruct{
	name: "TransposeArgs",
	doc: `TransposeArgs describes the transposition of a strip of rows. Offsets and leading
dimensions are in elements.`,
	fields: []field{
		{"Dst", "[]float32", "result, LDD apart by columns of the strip"},
		{"Src", "[]float32", "strip, LDS apart by rows"},
		{"DOff", "int", "where the result starts in Dst"},
		{"SOff", "int", "where the strip starts in Src"},
		{"LDD", "int", "between rows of the result"},
		{"LDS", "int", "between rows of the strip"},
		{"Rows", "int", "of the strip, 1 to one vector; of TransposeWide a multiple of 16"},
		{"Cols", "int", "of the strip, at least 1"},
		{"Width", "int", "columns of the result to write, Rows to one vector: zeros past Rows"},
		{"From", "[]int", "places of the rows in Src (TransposeAt)"},
		{"To", "[]int", "places of the columns in Dst (TransposeAt, TransposeWide)"},
		streamField,
	},
}

// General registers of a transposition.
var (
	trArgs = reg.RAX
	trSrc  = reg.RSI // of the current block of columns
	trDst  = reg.RDI
	trLDS  = reg.R8
	trLDD  = reg.R9
	trCols = reg.R10 // left
	trWide = reg.R11 // columns of a ragged block
	trRow  = reg.R12 // walks down the rows
	trOut  = []reg.GPPhysical{reg.R13, reg.RBX, reg.RDX, reg.RCX}
)

func transposeName(v *isa) string { return "Transpose" + v.name }

func transposeEntries(v *isa) []manifestEntry {
	return append([]manifestEntry{{name: transposeName(v)}, {name: transposeAtName(v)}, {name: transposeWideName(v)}}, colorEntries(v)...)
}

func transposeFile(v *isa) *build.Context {
	k := newLanes(v)
	emitTranspose(k)
	emitTransposeAt(k)
	emitTransposeWide(k)
	emitColors(k, joinColors)
	emitColors(k, splitColors)
	return k.Context
}

func transposeDispatch() []byte {
	var b strings.Builder
	b.WriteString(dispatchHeader)
	for _, f := range []struct {
		name string
		of   func(*isa) string
	}{{"transpose", transposeName}, {"transposeAt", transposeAtName}, {"transposeWide", transposeWideName}} {
		fmt.Fprintf(&b, "func %s(t Tier, a *TransposeArgs) {\nswitch t {\n", f.name)
		for _, v := range tiers {
			fmt.Fprintf(&b, "case %s:\nasm.%s(a)\n", v.name, f.of(v))
		}
		fmt.Fprintf(&b, "default:\nportable%s(a)\n}\n}\n\n", strings.ToUpper(f.name[:1])+f.name[1:])
	}
	b.WriteString(colorDispatch())
	return gofmt(b.String())
}

func emitTranspose(k *lanes) {
	name := transposeName(k.isa)
	k.function("Transpose", transposeStruct,
		name+" copies the rows of a strip to the columns of its result:",
		"",
		"\tDst[DOff+j*LDD+i] = Src[SOff+i*LDS+j], zeros for i = Rows to Width-1",
		"",
		fmt.Sprintf("for j = 0 to Cols-1, in squares of %d that are transposed in registers.", k.lanes))
	k.Comment("SI DI strip and result, R8 R9 their strides, R10 columns left, R11 of this block, R12 row, R13 BX DX CX results")
	k.Load(k.Param("a"), trArgs)
	at := func(f string) operand.Mem { return transposeStruct.at(trArgs, f) }
	emitEnds(k)
	k.MOVQ(at("Cols"), trCols)
	k.CMPQ(at("Rows"), operand.Imm(uint64(k.lanes)))
	k.JNE(operand.LabelRef("ragged"))

	k.Comment("Whole squares")
	k.CMPQ(trCols, operand.Imm(uint64(k.lanes)))
	k.JL(operand.LabelRef("rest"))
	k.alignLoop("square")
	emitSquare(k, false)
	k.SUBQ(operand.Imm(uint64(k.lanes)), trCols)
	k.CMPQ(trCols, operand.Imm(uint64(k.lanes)))
	k.JGE(operand.LabelRef("square"))
	k.Label("rest")
	k.TESTQ(trCols, trCols)
	k.JZ(operand.LabelRef("done"))
	k.MOVQ(at("Cols"), trWide)
	k.CMPQ(trWide, operand.Imm(uint64(k.lanes)))
	k.JL(operand.LabelRef("ragged"))

	k.Comment("The last columns in a square that overlaps the one before")
	k.SUBQ(operand.Imm(uint64(k.lanes)), trCols)
	k.LEAQ(operand.Mem{Base: trSrc, Index: trCols, Scale: 4}, trSrc)
	k.MOVQ(trCols, trRow)
	k.IMULQ(trLDD, trRow)
	k.ADDQ(trRow, trDst)
	k.MOVQ(operand.U32(uint32(k.lanes)), trCols)
	k.JMP(operand.LabelRef("square"))

	k.Comment("Blocks of fewer rows or columns")
	k.Label("ragged")
	k.MOVQ(operand.U32(uint32(k.lanes)), trWide)
	k.CMPQ(trCols, trWide)
	k.JGE(operand.LabelRef("wide"))
	k.MOVQ(trCols, trWide)
	k.Label("wide")
	emitSquare(k, true)
	k.SUBQ(trWide, trCols)
	k.JNZ(operand.LabelRef("ragged"))
	k.Label("done")
	k.done()
}

// emitEnds loads where the operand and the result begin and their strides, in bytes.
func emitEnds(k *lanes) {
	at := func(f string) operand.Mem { return transposeStruct.at(trArgs, f) }
	for _, p := range []struct {
		ptr, stride   reg.GPPhysical
		s, o, leading string
	}{{trSrc, trLDS, "Src", "SOff", "LDS"}, {trDst, trLDD, "Dst", "DOff", "LDD"}} {
		k.MOVQ(at(p.s), p.ptr)
		k.MOVQ(at(p.o), trRow)
		k.LEAQ(operand.Mem{Base: p.ptr, Index: trRow, Scale: 4}, p.ptr)
		k.MOVQ(at(p.leading), p.stride)
		k.SHLQ(operand.Imm(2), p.stride)
	}
}

// emitSquare transposes one block and moves on by a vector of columns. A ragged
// one reads trWide columns of Rows rows and writes Width lanes of trWide rows.
func emitSquare(k *lanes, ragged bool) {
	n := k.lanes
	low, high := k.regs[:n], k.regs[n:2*n]
	if ragged {
		k.MOVQ(trWide, reg.RCX)
		k.makeMask(trRow)
		k.tail = true
	}
	k.MOVQ(trSrc, trRow)
	for i := range n {
		if !ragged {
			k.loadRow(operand.Mem{Base: trRow}, low, i)
			k.ADDQ(trLDS, trRow)
			continue
		}
		skip := k.label("skip")
		k.VXORPS(low[i], low[i], low[i])
		k.CMPQ(transposeStruct.at(trArgs, "Rows"), operand.Imm(uint64(i)))
		k.JLE(operand.LabelRef(skip))
		k.load(operand.Mem{Base: trRow}, low[i])
		k.ADDQ(trLDS, trRow)
		k.Label(skip)
	}
	k.tail = false
	k.unpack(low, high)
	join := k.joinParts
	if ragged {
		join = k.gather
		k.MOVQ(transposeStruct.at(trArgs, "Width"), reg.RCX)
		k.makeMask(trRow)
		k.tail = true
	}
	outs := trOut[:n/4]
	k.MOVQ(trDst, outs[0])
	for l := 1; l < len(outs); l++ {
		k.LEAQ(operand.Mem{Base: outs[l-1], Index: trLDD, Scale: 4}, outs[l])
	}
	for c := range 4 {
		for l, column := range join(low, high, c) {
			skip := ""
			if ragged {
				skip = k.label("skip")
				k.CMPQ(trWide, operand.Imm(uint64(4*l+c)))
				k.JLE(operand.LabelRef(skip))
			}
			k.store(column, operand.Mem{Base: outs[l]})
			if ragged {
				k.Label(skip)
			}
		}
		if c < 3 {
			for _, p := range outs {
				k.ADDQ(trLDD, p)
			}
		}
	}
	k.tail = false
	k.ADDQ(operand.Imm(uint64(4*n)), trSrc)
	// trLDD times the lanes: one more stride below the last result.
	k.MOVQ(trLDD, trRow)
	k.SHLQ(operand.Imm(map[int]uint64{8: 3, 16: 4}[n]), trRow)
	k.ADDQ(trRow, trDst)
}

// unpack joins pairs of rows, then fours: afterwards 128-bit lane l of low[4g+c]
// holds column 4l+c of rows 4g to 4g+3.
func (k *lanes) unpack(low, high []reg.Register) {
	for i := 0; i < len(low); i += 2 {
		k.VUNPCKLPS(low[i+1], low[i], high[i])
		k.VUNPCKHPS(low[i+1], low[i], high[i+1])
	}
	for i := 0; i < len(low); i += 4 {
		k.VUNPCKLPD(high[i+2], high[i], low[i])
		k.VUNPCKHPD(high[i+2], high[i], low[i+1])
		k.VUNPCKLPD(high[i+3], high[i+1], low[i+2])
		k.VUNPCKHPD(high[i+3], high[i+1], low[i+3])
	}
}

// gather joins the 128-bit lanes of columns c, 4+c, and so on.
func (k *lanes) gather(low, tmp []reg.Register, c int) []reg.Register {
	if k.lanes == 8 {
		k.VPERM2F128(operand.U8(0x20), low[4+c], low[c], tmp[0])
		k.VPERM2F128(operand.U8(0x31), low[4+c], low[c], tmp[1])
		return tmp[:2]
	}
	k.VSHUFF32X4(operand.U8(0x44), low[4+c], low[c], tmp[0])
	k.VSHUFF32X4(operand.U8(0x44), low[12+c], low[8+c], tmp[1])
	k.VSHUFF32X4(operand.U8(0xee), low[4+c], low[c], tmp[2])
	k.VSHUFF32X4(operand.U8(0xee), low[12+c], low[8+c], tmp[3])
	k.VSHUFF32X4(operand.U8(0x88), tmp[1], tmp[0], tmp[4])
	k.VSHUFF32X4(operand.U8(0xdd), tmp[1], tmp[0], tmp[5])
	k.VSHUFF32X4(operand.U8(0x88), tmp[3], tmp[2], tmp[6])
	k.VSHUFF32X4(operand.U8(0xdd), tmp[3], tmp[2], tmp[7])
	return tmp[4:8]
}

// loadRow reads a row of a whole square. With AVX-512 its halves go beside those of the
// row four below or above: what the load joins no shuffle has to, 48 in place of 64, and
// half as many loads cross lines. 56 x 56 of 64 channels take 0.94 of the time; with AVX2,
// which would need 16 in place of 24, nothing is gained.
func (k *lanes) loadRow(m operand.Mem, low []reg.Register, row int) {
	if k.lanes == 8 {
		k.load(m, low[row])
		return
	}
	for part := range 2 {
		k.loadHalf(m, low[8*part:], row)
		m.Disp += k.bytes() / 2
	}
}

// loadHalf reads half of a row, with AVX-512, for joinHalves.
func (k *lanes) loadHalf(m operand.Mem, low []reg.Register, row int) {
	r := low[row/8*4+row%4]
	if row/4%2 == 0 {
		k.VMOVUPS(m, half(r))
	} else {
		k.VINSERTF64X4(operand.Imm(1), m, r, r)
	}
}

// joinParts is gather for the rows that loadRow has read.
func (k *lanes) joinParts(low, tmp []reg.Register, c int) []reg.Register {
	if k.lanes == 8 {
		return k.gather(low, tmp, c)
	}
	for part := range 2 {
		k.joinHalves(low[8*part:], tmp[2*part:], c)
	}
	return tmp[:4]
}

// joinHalves makes columns c and 4+c of the halves that loadHalf has read.
func (k *lanes) joinHalves(low, tmp []reg.Register, c int) {
	k.VSHUFF32X4(operand.U8(0x88), low[4+c], low[c], tmp[0])
	k.VSHUFF32X4(operand.U8(0xdd), low[4+c], low[c], tmp[1])
}
