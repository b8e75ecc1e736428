package main

import (
	"strings"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

var channelStruct = &argStruct{
	name: "ChannelArgs",
	doc: `ChannelArgs describes Rows rows of Cols channels each, LD apart, that share the
numbers of their channels. Rows and MOff are used up: a call leaves other values
there.`,
	fields: []field{
		{"Y", "[]float32", "result"},
		{"Z", "[]float32", "residual or second result"},
		{"X", "[]float32", ""},
		{"DY", "[]float32", ""},
		{"Mean", "[]float32", "numbers of the channels, from POff"},
		{"Scale", "[]float32", ""},
		{"Shift", "[]float32", ""},
		{"Slope", "[]float32", ""},
		{"Sum", "[]float64", "sums of the channels, from SOff; room for Cols rounded up to 16"},
		{"Prod", "[]float64", ""},
		{"Mask", "[]uint8", "a bit for each channel, from MOff, in 16-bit words"},
		{"Off", "int", "first element of Y, Z, X and DY"},
		{"LD", "int", "between rows"},
		{"Rows", "int", "at least 1"},
		{"Cols", "int", "at least 1"},
		{"POff", "int", ""},
		{"SOff", "int", ""},
		{"MOff", "int", ""},
		{"MLD", "int", "bytes between rows of Mask"},
		streamField,
	},
}

// General registers of a kernel over rows. AX is free, BX walks the mask.
var rowRegs = map[string]reg.GPPhysical{
	"Y": reg.RDI, "Z": reg.RSI, "X": reg.R8, "DY": reg.R9,
	"Mean": reg.R10, "Scale": reg.R11, "Shift": reg.R12, "Slope": reg.R13,
}

var (
	rowTensors = []string{"Y", "Z", "X", "DY"}
	rowNumbers = []string{"Mean", "Scale", "Shift", "Slope"}
	rowMask    = reg.RBX
)

// A rowOp is a kernel that treats every element on its own, with the numbers of
// its channel. at gives the address of a vector of an operand.
type rowOp struct {
	name, formula string
	uses          string // operands, between blanks
	mask          bool
	body          func(k *lanes, at func(name string) operand.Mem, mask operand.Mem)
}

var rowOps = []rowOp{
	{"AddBias", "Y = Y + Shift", "Y Shift", false, func(k *lanes, at func(string) operand.Mem, _ operand.Mem) {
		y, t := k.regs[0], k.regs[1]
		k.load(at("Y"), y)
		k.add(y, k.operand(at("Shift"), t), y)
		k.store(y, at("Y"))
	}},
	normalizeOp(false, false, false), normalizeOp(false, true, false), normalizeOp(false, true, true),
	normalizeOp(true, false, false), normalizeOp(true, true, false), normalizeOp(true, true, true),
	propagateOp(false, false), propagateOp(true, false), propagateOp(true, true),
}

// normalizeOp is the normalisation and what may follow it.
func normalizeOp(residual, relu, mask bool) rowOp {
	op := rowOp{name: "Normalize", formula: "(X-Mean)*Scale + Shift", uses: "Y X Mean Scale Shift", mask: mask}
	if residual {
		op.name, op.formula, op.uses = op.name+"Add", op.formula+" + Z", op.uses+" Z"
	}
	op.formula = "Y = " + op.formula
	if relu {
		op.name, op.formula = op.name+"ReLU", op.formula+", and 0 where that is negative"
	}
	if mask {
		op.name, op.formula = op.name+"Mask", op.formula+"; Mask = whether Y > 0"
	}
	op.body = func(k *lanes, at func(string) operand.Mem, bits operand.Mem) {
		x, t, zero := k.regs[0], k.regs[1], k.regs[2]
		k.load(at("X"), x)
		k.sub(x, k.operand(at("Mean"), t), x)
		k.mul(x, k.operand(at("Scale"), t), x)
		k.add(x, k.operand(at("Shift"), t), x)
		if residual {
			k.add(x, k.operand(at("Z"), t), x)
		}
		if relu {
			k.zero(zero)
			k.relu(x, zero, x)
		}
		k.store(x, at("Y"))
		if mask {
			k.storeBits(greaterThan, x, zero, t, bits)
		}
	}
	return op
}

// propagateOp is the second pass of the gradient.
func propagateOp(mask, residual bool) rowOp {
	op := rowOp{name: "Propagate", formula: "Y = Scale * (DY - Shift - (X-Mean)*Slope)", uses: "Y X DY Mean Scale Shift Slope", mask: mask}
	if mask {
		op.name, op.formula = op.name+"Mask", op.formula+", DY being 0 where Mask is clear"
	}
	if residual {
		op.name, op.formula, op.uses = op.name+"Add", op.formula+"; Z = DY", op.uses+" Z"
	}
	op.body = func(k *lanes, at func(string) operand.Mem, bits operand.Mem) {
		x, dy, t := k.regs[0], k.regs[1], k.regs[2]
		k.load(at("DY"), dy)
		if mask {
			k.keepBits(bits, dy, t)
		}
		k.load(at("X"), x)
		k.sub(x, k.operand(at("Mean"), t), x)
		k.mul(x, k.operand(at("Slope"), t), x)
		if residual {
			k.store(dy, at("Z"))
		}
		k.sub(dy, k.operand(at("Shift"), t), dy)
		k.sub(dy, x, x)
		k.mul(x, k.operand(at("Scale"), t), x)
		k.store(x, at("Y"))
	}
	return op
}

// maskBytes is the size of the bits of one vector.
func (k *lanes) maskBytes() int { return k.lanes / 8 }

// storeBits stores whether the predicate of a and b holds in each lane, those
// beyond the tail among them: they hold zeros. It changes AX.
func (k *lanes) storeBits(p operand.U8, a, b, tmp reg.Register, m operand.Mem) {
	if k.lanes == 16 {
		k.VCMPPS(p, b, a, compareMask)
		k.KMOVW(compareMask, m)
		return
	}
	k.VCMPPS(p, b, a, tmp)
	k.VMOVMSKPS(tmp, reg.EAX)
	k.MOVB(reg.AL, m)
}

// keepBits clears the lanes of x whose bit is clear.
func (k *lanes) keepBits(m operand.Mem, x, tmp reg.Register) {
	if k.lanes == 16 {
		k.KMOVW(m, compareMask)
		k.VMOVAPS_Z(x, compareMask, x)
		return
	}
	bits := k.constant(1, 2, 4, 8, 16, 32, 64, 128)
	k.VPBROADCASTB(m, tmp)
	k.VPAND(bits, tmp, tmp)
	k.VPCMPEQD(bits, tmp, tmp)
	k.VANDPS(tmp, x, x)
}

func channelsFile(v *isa) *build.Context {
	k := newLanes(v)
	for _, op := range rowOps {
		op.emit(k)
	}
	for _, op := range columnOps {
		op.emit(k)
	}
	return k.Context
}

func channelsEntries(v *isa) (all []manifestEntry) {
	for _, name := range channelNames() {
		all = append(all, manifestEntry{name: "Channel" + name + v.name})
	}
	return all
}

func channelNames() (names []string) {
	for _, op := range rowOps {
		names = append(names, op.name)
	}
	for _, op := range columnOps {
		names = append(names, op.name)
	}
	return names
}

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

	k.Comment("One row a turn; AX is the arguments between rows")
	k.Label("row")
	k.MOVQ(arg("Cols"), vLeft)
	if op.mask {
		k.MOVQ(arg("Mask"), rowMask)
		k.ADDQ(arg("MOff"), rowMask)
	}
	k.blocks(vectorUnroll, func(n int) {
		for u := range n {
			op.body(k, func(name string) operand.Mem {
				return operand.Mem{Base: rowRegs[name], Index: vIndex, Scale: 1, Disp: u * k.bytes()}
			}, operand.Mem{Base: rowMask, Disp: u * k.maskBytes()})
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

func channelsDispatch() []byte { return operationDispatch("channels", "Channels", channelNames()) }
