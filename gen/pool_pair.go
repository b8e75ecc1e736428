package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A pairOp gathers two neighbouring pixels at once, A and B, of an image that
// windows cover two apart. Windows of rows rows cover both pixels; in each row
// cols windows cover A, and the last of them B. What both need is read once, and
// there is no loop over windows.
type pairOp struct {
	max        bool // of them, only elements that have the tap's own number in Arg
	rows, cols int
}

var pairOps = []pairOp{
	{true, 1, 1}, {true, 1, 2}, {true, 2, 1}, {true, 2, 2},
	{false, 1, 1}, {false, 1, 2}, {false, 2, 1}, {false, 2, 2},
}

func (op pairOp) name() string {
	if op.max {
		return fmt.Sprintf("MaxBackwardPair%dx%d", op.rows, op.cols)
	}
	return fmt.Sprintf("SumPair%dx%d", op.rows, op.cols)
}

func (op pairOp) doc() string {
	what := "Sum"
	if op.max {
		what = "MaxBackward"
	}
	return fmt.Sprintf(" computes two pixels at a time, ColStep apart: Pool%s of %d x %d windows, and of the last column of them with numbers one higher.", what, op.rows, op.cols)
}

// General registers of a kernel for pairs: X and Arg at the first window of each
// row, bytes from there on to the window of A and of B, and the same for Arg.
var (
	pairX      = []reg.GPPhysical{reg.RSI, reg.R8}
	pairArg    = []reg.GPPhysical{reg.R9, reg.R10}
	pairNext   = reg.R11 // DX for the second pixel or window
	pairBytes  = []reg.GPPhysical{reg.R12, reg.R13}
	pairColumn = reg.RBX
)

// Vector registers: results and what they add, the windows' numbers, and those
// of the taps by row: of A by column, then of B.
const (
	pairSum, pairAdd, pairFound, pairTaps = 0, 2, 3, 5

	pairRowTaps = 3
)

func (op pairOp) emit(k *lanes) {
	k.function("Pool"+op.name(), poolStruct, "Pool"+op.name()+k.name+op.doc())
	arg := func(name string) operand.Mem { return poolStruct.at(reg.RAX, name) }
	k.Comment("DI Y, SI R8 X and R9 R10 Arg by row, BX bytes between columns, DX bytes of the pixel done, CX channels left")
	k.Comment("R11 DX and a column, R12 R13 a quarter of DX and R11")
	k.Load(k.Param("a"), reg.RAX)
	for _, s := range []struct {
		name string
		reg  reg.GPPhysical
	}{{"Y", poolY}, {"X", pairX[0]}} {
		k.MOVQ(arg(s.name+"Off"), reg.RBX)
		k.MOVQ(arg(s.name), s.reg)
		k.LEAQ(operand.Mem{Base: s.reg, Index: reg.RBX, Scale: 4}, s.reg)
	}
	if op.max {
		k.MOVQ(arg("Arg"), pairArg[0])
		k.ADDQ(reg.RBX, pairArg[0])
		op.emitTaps(k)
	}
	if op.rows == 2 {
		k.MOVQ(arg("RowStep"), reg.RBX)
		k.LEAQ(operand.Mem{Base: pairX[0], Index: reg.RBX, Scale: 4}, pairX[1])
		if op.max {
			k.LEAQ(operand.Mem{Base: pairArg[0], Index: reg.RBX, Scale: 1}, pairArg[1])
		}
	}
	k.MOVQ(arg("ColStep"), pairColumn)
	k.SHLQ(operand.Imm(2), pairColumn)

	k.streamable(poolStruct, poolY, pairColumn)
	k.Comment("Two pixels a turn; AX is the arguments between them")
	k.Label("pair")
	k.MOVQ(arg("C"), vLeft)
	k.blocks(vectorUnroll, func(n int) {
		k.LEAQ(operand.Mem{Base: vIndex, Index: pairColumn, Scale: 1}, pairNext)
		if op.max {
			op.emitBytes(k)
		}
		for u := range n {
			op.emitVector(k, u)
		}
	})
	k.Load(k.Param("a"), reg.RAX)
	k.MOVQ(arg("YStep"), vLeft)
	k.LEAQ(operand.Mem{Base: poolY, Index: vLeft, Scale: 4}, poolY)
	k.MOVQ(arg("XStep"), vLeft)
	for r := range op.rows {
		k.LEAQ(operand.Mem{Base: pairX[r], Index: vLeft, Scale: 4}, pairX[r])
		if op.max {
			k.ADDQ(vLeft, pairArg[r])
		}
	}
	k.DECQ(arg("Pixels"))
	k.JNZ(operand.LabelRef("pair"))
	k.done()
}

// tap is the register of the numbers of a tap: column op.cols is that of B.
func (op pairOp) tap(k *lanes, row, col int) reg.Register {
	r := k.regs[pairTaps+pairRowTaps*row+col]
	if k.lanes == 16 {
		return r.(reg.Vec).AsX()
	}
	return r
}

// emitTaps fills the registers of the taps. It changes the results' registers.
func (op pairOp) emitTaps(k *lanes) {
	broadcast := func(name string, dst reg.Register) {
		if k.lanes == 16 {
			k.VPBROADCASTB(poolStruct.at(reg.RAX, name), dst)
			return
		}
		k.VPBROADCASTD(poolStruct.at(reg.RAX, name), dst)
	}
	add := func(x operand.Op, y, dst reg.Register) {
		if k.lanes == 16 {
			k.VPADDB(x, y, dst)
			return
		}
		k.VPADDD(x, y, dst)
	}
	one := k.constant(1)
	tap, byRow, byCol := k.regs[0], k.regs[1], k.regs[2]
	if k.lanes == 16 {
		one = k.constant(0x01010101)
		tap, byRow, byCol = tap.(reg.Vec).AsX(), byRow.(reg.Vec).AsX(), byCol.(reg.Vec).AsX()
	}
	broadcast("Tap", tap)
	broadcast("TapRow", byRow)
	broadcast("TapCol", byCol)
	for r := range op.rows {
		for c := range op.cols {
			k.VMOVAPS(tap, op.tap(k, r, c))
			add(one, tap, op.tap(k, r, op.cols))
			add(byCol, tap, tap)
		}
		add(byRow, tap, tap)
	}
}

// emitBytes sets what the numbers of a block are addressed by. AVX2 reads 8 of
// them at once: in the tail the last 8, CX being minus the channels in use.
func (op pairOp) emitBytes(k *lanes) {
	for i, from := range []reg.GPPhysical{vIndex, pairNext}[:op.cols] {
		k.MOVQ(from, pairBytes[i])
		k.SHRQ(operand.Imm(2), pairBytes[i])
		if k.tail && k.lanes == 8 {
			k.SUBQ(vLeft, pairBytes[i])
		}
	}
	if k.tail && k.lanes == 8 {
		k.MOVQ(vLeft, reg.RAX)
		k.SHLQ(operand.Imm(3), reg.RAX)
		k.ADDQ(operand.Imm(64), reg.RAX)
		k.VMOVQ(reg.RAX, k.pairShift())
	}
}

// pairShift is the register of what shifts AVX2's bytes in the tail.
func (k *lanes) pairShift() reg.Register { return k.regs[14].(reg.Vec).AsX() }

// emitVector computes a vector of both pixels.
func (op pairOp) emitVector(k *lanes, u int) {
	index := []reg.GPPhysical{vIndex, pairNext}
	at := func(base reg.GPPhysical, i int) operand.Mem {
		return operand.Mem{Base: base, Index: index[i], Scale: 1, Disp: u * k.bytes()}
	}
	sums := 0 // pixels that have a sum already
	add := func(pixel int, x reg.Register) {
		sum := k.regs[pairSum+pixel]
		if sums>>pixel&1 == 0 {
			k.VMOVAPS(x, sum)
		} else {
			k.add(sum, x, sum)
		}
		sums |= 1 << pixel
	}
	for r := range op.rows {
		for c := range op.cols {
			x := k.regs[pairAdd]
			k.load(at(pairX[r], c), x)
			if op.max {
				op.emitNumbers(k, operand.Mem{Base: pairArg[r], Index: pairBytes[c], Scale: 1, Disp: u * k.lanes})
				x = op.emitOwn(k, op.tap(k, r, c))
			}
			add(0, x)
			if c < op.cols-1 {
				continue
			}
			if op.max {
				x = op.emitOwn(k, op.tap(k, r, op.cols))
			}
			add(1, x)
		}
	}
	for i := range index {
		k.store(k.regs[pairSum+i], at(poolY, i))
	}
}

// emitNumbers reads the numbers of a window.
func (op pairOp) emitNumbers(k *lanes, m operand.Mem) {
	found := k.regs[pairFound]
	bytes := found.(reg.Vec).AsX()
	switch {
	case k.lanes == 16 && k.tail:
		k.VMOVDQU8_Z(m, tailMask, bytes)
	case k.lanes == 16:
		k.VMOVDQU(m, bytes)
	case k.tail:
		m.Disp = -8
		k.VMOVQ(m, bytes)
		k.VPSRLQ(k.pairShift(), bytes, bytes)
		k.VPMOVZXBD(bytes, found)
	default:
		k.VPMOVZXBD(m, found)
	}
}

// emitOwn returns the elements whose number is the tap's, and else zeros.
func (op pairOp) emitOwn(k *lanes, tap reg.Register) reg.Register {
	found, own := k.regs[pairFound], k.regs[pairFound+1]
	if k.lanes == 16 {
		k.VPCMPEQB(found.(reg.Vec).AsX(), tap, compareMask)
		k.VMOVAPS_Z(k.regs[pairAdd], compareMask, own)
		return own
	}
	k.VPCMPEQD(found, tap, own)
	k.VANDPS(k.regs[pairAdd], own, own)
	return own
}
