package main

import (
	"strings"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// address points the registers of the operands named at their first elements.
// It changes AX and BX.
func (k *lanes) address(uses []string, regs map[string]reg.GPPhysical) {
	k.Load(k.Param("a"), reg.RAX)
	for _, group := range []struct {
		off   string
		names []string
	}{{"Off", rowTensors}, {"POff", rowNumbers}} {
		k.MOVQ(channelStruct.at(reg.RAX, group.off), reg.RBX)
		for _, name := range group.names {
			for _, u := range uses {
				if u == name {
					k.MOVQ(channelStruct.at(reg.RAX, name), regs[name])
					k.LEAQ(operand.Mem{Base: regs[name], Index: reg.RBX, Scale: 4}, regs[name])
				}
			}
		}
	}
}

// results returns the registers of what is written and not read.
func (op *rowOp) results() (outs []reg.GPPhysical) {
	if op.name != "AddBias" {
		outs = append(outs, rowRegs["Y"])
	}
	if op.name == "PropagateMaskAdd" {
		outs = append(outs, rowRegs["Z"])
	}
	return outs
}

func (op *rowOp) emit(k *lanes) {
	k.function("Channel"+op.name, channelStruct, "Channel"+op.name+k.name+" computes "+op.formula+".")
	uses := strings.Fields(op.uses)
	var doc []string
	for _, name := range uses {
		doc = append(doc, rowRegs[name].Asm()+" "+name)
	}
	k.Commentf("%s, BX mask, DX bytes of the row done, CX channels left", strings.Join(doc, ", "))
	k.address(uses, rowRegs)
	k.streamable(channelStruct, op.results()...)
	arg := func(name string) operand.Mem { return channelStruct.at(reg.RAX, name) }
	op.emitHeld(k, uses)

	k.Comment("One row a turn; AX is the arguments between rows")
	k.Label("row")
	k.MOVQ(arg("Cols"), vLeft)
	if op.mask {
		k.MOVQ(arg("Mask"), rowMask)
		k.ADDQ(arg("MOff"), rowMask)
	}
	k.blocks(vectorUnroll, func(n int) {
		for u := range n {
			at := func(name string) operand.Mem {
				return operand.Mem{Base: rowRegs[name], Index: vIndex, Scale: 1, Disp: u * k.bytes()}
			}
			number := func(name string, tmp reg.Register) operand.Op { return k.operand(at(name), tmp) }
			op.body(k, rowVector{at, number, operand.Mem{Base: rowMask, Disp: u * k.maskBytes()}})
		}
		if op.mask {
			k.ADDQ(operand.Imm(uint64(n*k.maskBytes())), rowMask)
		}
	})
	k.Load(k.Param("a"), reg.RAX)
	k.MOVQ(arg("LD"), vLeft)
	for _, name := range uses {
		for _, tensor := range rowTensors {
			if name == tensor {
				k.LEAQ(operand.Mem{Base: rowRegs[name], Index: vLeft, Scale: 4}, rowRegs[name])
			}
		}
	}
	if op.mask {
		k.MOVQ(arg("MLD"), vLeft)
		k.ADDQ(vLeft, arg("MOff"))
	}
	k.DECQ(arg("Rows"))
	k.JNZ(operand.LabelRef("row"))
	k.done()
}

// Registers of rows whose numbers are held: the arguments are needed no more.
var (
	heldLD   = reg.RDX // bytes
	heldRows = reg.RCX // left
	heldMLD  = reg.RAX
)

// heldNumber is the first register of numbers that are held.
const heldNumber = 8

// emitHeld emits rows of as many vectors as a turn has, whose numbers AVX-512 keeps
// in registers. Half the instructions for each line let the processor look ahead
// over twice the lines: inference and gradients of 32x112x112x64 and 32x56x56x64 take
// 0.87 to 0.96 of the time. The loops are not aligned: Go's assembler does not come to
// an end with that many.
func (op *rowOp) emitHeld(k *lanes, uses []string) {
	if k.lanes != 16 {
		return
	}
	arg := func(name string) operand.Mem { return channelStruct.at(reg.RAX, name) }
	k.CMPQ(arg("Cols"), operand.Imm(uint64(vectorUnroll*k.lanes)))
	k.JNE(operand.LabelRef("general"))
	k.Comment("Rows of 4 vectors: CX rows left, DX bytes between them, AX those of the mask, numbers in Z8 and more")
	held := map[string]int{}
	for _, name := range rowNumbers {
		for _, u := range uses {
			if u == name {
				held[name] = heldNumber + vectorUnroll*len(held)
			}
		}
	}
	for _, name := range rowNumbers {
		first, ok := held[name]
		for u := 0; ok && u < vectorUnroll; u++ {
			k.load(operand.Mem{Base: rowRegs[name], Disp: u * k.bytes()}, k.regs[first+u])
		}
	}
	k.MOVQ(arg("Rows"), heldRows)
	k.MOVQ(arg("LD"), heldLD)
	k.SHLQ(operand.Imm(2), heldLD)
	if outs := op.results(); len(outs) > 0 {
		k.MOVL(arg("Stream"), reg.EBX)
		k.TESTL(reg.EBX, reg.EBX)
		k.JZ(operand.LabelRef("plain"))
		k.MOVQ(heldLD, reg.RBX)
		for _, out := range outs {
			k.ORQ(out, reg.RBX)
		}
		k.TESTQ(operand.U32(streamAlign-1), reg.RBX)
		k.JNZ(operand.LabelRef("plain"))
		k.Comment("The same past the caches")
		k.streaming = true
		op.emitHeldRows(k, uses, held)
		k.streaming = false
		k.Label("plain")
	}
	op.emitHeldRows(k, uses, held)
	k.Label("general")
}

// emitHeldRows emits all rows and the end of the kernel.
func (op *rowOp) emitHeldRows(k *lanes, uses []string, held map[string]int) {
	if op.mask {
		k.MOVQ(channelStruct.at(reg.RAX, "Mask"), rowMask)
		k.ADDQ(channelStruct.at(reg.RAX, "MOff"), rowMask)
		k.MOVQ(channelStruct.at(reg.RAX, "MLD"), heldMLD)
	}
	row := k.label("held")
	k.Label(row)
	for u := range vectorUnroll {
		op.body(k, rowVector{
			at: func(name string) operand.Mem {
				return operand.Mem{Base: rowRegs[name], Disp: u * k.bytes()}
			},
			number: func(name string, _ reg.Register) operand.Op { return k.regs[held[name]+u] },
			mask:   operand.Mem{Base: rowMask, Disp: u * k.maskBytes()},
		})
	}
	for _, name := range rowTensors {
		for _, u := range uses {
			if u == name {
				k.ADDQ(heldLD, rowRegs[name])
			}
		}
	}
	if op.mask {
		k.ADDQ(heldMLD, rowMask)
	}
	k.DECQ(heldRows)
	k.JNZ(operand.LabelRef(row))
	k.done()
}
