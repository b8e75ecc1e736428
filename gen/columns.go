package main

import (
	"strings"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// General registers of a kernel over columns: X and DY at the first row of all
// columns, the numbers of the channels, and what walks down the rows.
var (
	columnRegs = map[string]reg.GPPhysical{
		"X": reg.RDI, "DY": reg.RSI, "Mean": reg.R8, "Shift": reg.R8,
	}
	columnSum  = reg.R9
	columnProd = reg.R10
	columnLD   = reg.R11
	columnRows = reg.R12
	columnRow  = reg.R13 // of X, or of DY where there is no X
	columnMask = reg.RAX
	columnMLD  = reg.RBX
)

// A columnOp adds up rows: it keeps the sums of some channels in registers and
// walks down all rows before it goes on to the next channels.
type columnOp struct {
	name, formula string
	uses          string
	mask          bool
	moments       bool // sums in float64 of two kinds
}

var columnOps = []columnOp{
	{"SumRows", "Shift = Shift + sum of the rows of DY, one after another", "DY Shift", false, false},
	{"Moments", "Sum += d and Prod += d*d, d = X-Mean, row after row; sums are in float64", "X Mean", false, true},
	{"Products", "Sum += DY and Prod += DY*X, row after row; sums are in float64", "X DY", false, true},
	{"ProductsMask", "what ChannelProducts does, DY being 0 where Mask is clear", "X DY", true, true},
}

// columnVectors is the number of vectors whose sums are kept in registers:
// with AVX2 two, of four vectors of float64 each.
func (k *lanes) columnVectors() int { return k.lanes / 4 }

func (op *columnOp) emit(k *lanes) {
	k.function("Channel"+op.name, channelStruct, "Channel"+op.name+k.name+" computes "+op.formula+".")
	uses := strings.Fields(op.uses)
	k.Comment("DI X, SI DY (less X), R8 numbers, R9 R10 sums, R11 row length, R12 rows left, R13 row, AX BX mask")
	k.Comment("DX bytes of the row done, CX channels left")
	k.address(uses, columnRegs)
	arg := func(name string) operand.Mem { return channelStruct.at(reg.RAX, name) }
	if op.moments {
		k.MOVQ(arg("SOff"), reg.RBX)
		for _, s := range []struct {
			name string
			reg  reg.GPPhysical
		}{{"Sum", columnSum}, {"Prod", columnProd}} {
			k.MOVQ(arg(s.name), s.reg)
			k.LEAQ(operand.Mem{Base: s.reg, Index: reg.RBX, Scale: 8}, s.reg)
		}
	}
	if op.products() {
		k.SUBQ(columnRegs["X"], columnRegs["DY"])
	}
	k.MOVQ(arg("LD"), columnLD)
	k.SHLQ(operand.Imm(2), columnLD)
	k.MOVQ(arg("Cols"), vLeft)
	k.blocks(k.columnVectors(), func(n int) {
		k.Load(k.Param("a"), reg.RAX)
		k.MOVQ(arg("Rows"), columnRows)
		base := columnRegs[uses[0]]
		k.LEAQ(operand.Mem{Base: base, Index: vIndex, Scale: 1}, columnRow)
		if op.mask {
			// 8 channels of 4 bytes have one byte of bits.
			k.MOVQ(arg("MLD"), columnMLD)
			k.MOVQ(vIndex, columnRegs["X"])
			k.SHRQ(operand.Imm(5), columnRegs["X"])
			k.ADDQ(arg("MOff"), columnRegs["X"])
			k.ADDQ(arg("Mask"), columnRegs["X"])
			k.MOVQ(columnRegs["X"], columnMask)
		}
		if op.moments {
			if k.aheadInColumns() {
				op.emitAhead(k)
			}
			op.emitMoments(k, n)
		} else {
			op.emitSums(k, n)
		}
		if op.mask { // X again, which the mask and what is ahead went through
			k.Load(k.Param("a"), columnMLD)
			k.MOVQ(channelStruct.at(columnMLD, "X"), columnRegs["X"])
			k.MOVQ(channelStruct.at(columnMLD, "Off"), columnRow)
			k.LEAQ(operand.Mem{Base: columnRegs["X"], Index: columnRow, Scale: 4}, columnRegs["X"])
		}
	})
	k.done()
}

// walkRows runs body once for each row.
func (op *columnOp) walkRows(k *lanes, body func()) {
	row := k.label("row")
	k.alignLoop(row)
	body()
	k.ADDQ(columnLD, columnRow)
	if op.mask {
		k.ADDQ(columnMLD, columnMask)
	}
	k.DECQ(columnRows)
	k.JNZ(operand.LabelRef(row))
}

// aheadInColumns says whether sums of moments prefetch. With AVX2 a column is one
// line wide, and a processor that foresees only lines that follow one another is
// of no use: prefetching takes training and its gradient to 0.53 and 0.74 of the
// time. With AVX-512 it is four lines, often the whole row.
func (k *lanes) aheadInColumns() bool { return k.columnVectors()*k.bytes() == columnLine }

const columnLine = 64

// ahead is the register that walks ahead of the rows.
func (op *columnOp) ahead() reg.GPPhysical {
	if op.mask {
		return columnRegs["X"]
	}
	return columnMLD
}

// emitAhead points at what this column prefetches of the rows that follow those
// of the call: a line for each row, so that all columns together go over as many
// rows in order.
func (op *columnOp) emitAhead(k *lanes) {
	ahead := op.ahead()
	k.LEAQ(operand.Mem{Base: columnLD, Index: vIndex, Scale: 1}, ahead)
	k.IMULQ(columnRows, ahead)
	k.ADDQ(columnRow, ahead)
	k.SUBQ(vIndex, ahead)
}

// prefetch asks for the next line ahead of X, and of DY where there is one.
func (op *columnOp) prefetch(k *lanes) {
	ahead := op.ahead()
	k.PREFETCHT0(operand.Mem{Base: ahead})
	if op.products() {
		k.PREFETCHT0(operand.Mem{Base: ahead, Index: columnRegs["DY"], Scale: 1})
	}
	k.ADDQ(operand.Imm(columnLine), ahead)
}

func (op *columnOp) emitSums(k *lanes, n int) {
	acc := k.regs[:n]
	at := func(u int) operand.Mem {
		return operand.Mem{Base: columnRegs["Shift"], Index: vIndex, Scale: 1, Disp: u * k.bytes()}
	}
	for u := range n {
		k.load(at(u), acc[u])
	}
	op.walkRows(k, func() {
		for u := range n {
			k.add(acc[u], k.operand(operand.Mem{Base: columnRow, Disp: u * k.bytes()}, k.regs[n]), acc[u])
		}
	})
	for u := range n {
		k.store(acc[u], at(u))
	}
}

// products says whether the second sum is that of DY*X.
func (op *columnOp) products() bool { return op.uses == "X DY" }

// emitMoments keeps four vectors of sums for each vector of channels: those of
// the lower and upper half, of Sum and Prod. Products of float32 are exact in
// float64, so that fusing them with the addition changes nothing.
func (op *columnOp) emitMoments(k *lanes, n int) {
	acc := k.regs[:4*n]
	t := k.regs[4*n:]
	each := func(f func(m operand.Mem, r reg.Register)) {
		for u := range n {
			for i := range 4 {
				base := []reg.Register{columnSum, columnProd}[i/2]
				f(operand.Mem{Base: base, Index: vIndex, Scale: 2, Disp: (2*u + i%2) * k.bytes()}, acc[4*u+i])
			}
		}
	}
	each(func(m operand.Mem, r reg.Register) { k.VMOVUPD(m, r) })
	op.walkRows(k, func() {
		if k.aheadInColumns() {
			op.prefetch(k)
		}
		for u := range n {
			a, x, low, high := acc[4*u:], t[0], t[1], t[2]
			m := operand.Mem{Base: columnRow, Disp: u * k.bytes()}
			if op.products() {
				op.emitProducts(k, m, u, a, t)
				continue
			}
			k.load(m, x)
			k.sub(x, k.operand(operand.Mem{Base: columnRegs["Mean"], Index: vIndex, Scale: 1, Disp: u * k.bytes()}, low), x)
			k.widen(x, low, high)
			k.VADDPD(low, a[0], a[0])
			k.VADDPD(high, a[1], a[1])
			k.VFMADD231PD(low, low, a[2])
			k.VFMADD231PD(high, high, a[3])
		}
	})
	each(func(m operand.Mem, r reg.Register) { k.VMOVUPD(r, m) })
}

// emitProducts adds the vector u of a row, X of which is at m, to its four sums.
func (op *columnOp) emitProducts(k *lanes, m operand.Mem, u int, sums, t []reg.Register) {
	dy := m
	dy.Index, dy.Scale = columnRegs["DY"], 1
	x, low, high := t[0], t[1], t[2]
	bits := operand.Mem{Base: columnMask, Disp: u * k.maskBytes()}
	switch {
	case op.mask && k.lanes == 16 && !k.tail:
		for i, y := range []reg.Register{low, high} {
			k.KMOVB(bits.Offset(i), compareMask)
			k.VCVTPS2PD_Z(dy.Offset(i*k.bytes()/2), compareMask, y)
		}
	case op.mask:
		k.load(dy, high)
		k.keepBits(bits, high, x)
		k.widen(high, low, high)
	case k.tail:
		k.load(dy, high)
		k.widen(high, low, high)
	default:
		k.VCVTPS2PD(dy, low)
		k.VCVTPS2PD(dy.Offset(k.bytes()/2), high)
	}
	k.VADDPD(low, sums[0], sums[0])
	k.VADDPD(high, sums[1], sums[1])
	if k.tail {
		k.load(m, x)
		k.VCVTPS2PD(half(x), t[3])
		k.VFMADD231PD(t[3], low, sums[2])
		k.upper(x, half(x))
		k.VCVTPS2PD(half(x), x)
		k.VFMADD231PD(x, high, sums[3])
		return
	}
	for i, y := range []reg.Register{low, high} {
		k.VCVTPS2PD(m.Offset(i*k.bytes()/2), x)
		k.VFMADD231PD(x, y, sums[2+i])
	}
}

// widen converts x to float64. high may be x.
func (k *lanes) widen(x, low, high reg.Register) {
	k.VCVTPS2PD(half(x), low)
	k.upper(x, half(high))
	k.VCVTPS2PD(half(high), high)
}

// upper copies the upper half of x.
func (k *lanes) upper(x, dst reg.Register) {
	if k.lanes == 16 {
		k.VEXTRACTF32X8(operand.U8(1), x, dst)
	} else {
		k.VEXTRACTF128(operand.U8(1), x, dst)
	}
}
