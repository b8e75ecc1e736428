package main

import (
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
// its channel.
type rowOp struct {
	name, formula string
	uses          string // operands, between blanks
	mask          bool
	body          func(k *lanes, v rowVector)
}

// A rowVector is a vector of the operands: at gives its address in a tensor, and
// number the numbers of its channels, which may pass through tmp.
type rowVector struct {
	at     func(tensor string) operand.Mem
	number func(name string, tmp reg.Register) operand.Op
	mask   operand.Mem
}

var rowOps = []rowOp{
	{"AddBias", "Y = Y + Shift", "Y Shift", false, func(k *lanes, v rowVector) {
		y, t := k.regs[0], k.regs[1]
		k.load(v.at("Y"), y)
		k.add(y, v.number("Shift", t), y)
		k.store(y, v.at("Y"))
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
	op.body = func(k *lanes, v rowVector) {
		x, t, zero := k.regs[0], k.regs[1], k.regs[2]
		k.load(v.at("X"), x)
		k.sub(x, v.number("Mean", t), x)
		k.mul(x, v.number("Scale", t), x)
		k.add(x, v.number("Shift", t), x)
		if residual {
			k.add(x, k.operand(v.at("Z"), t), x)
		}
		if relu {
			k.zero(zero)
			k.relu(x, zero, x)
		}
		k.store(x, v.at("Y"))
		if mask {
			k.storeBits(greaterThan, x, zero, t, v.mask)
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
	op.body = func(k *lanes, v rowVector) {
		x, dy, t := k.regs[0], k.regs[1], k.regs[2]
		k.load(v.at("DY"), dy)
		if mask {
			k.keepBits(v.mask, dy, t)
		}
		k.load(v.at("X"), x)
		k.sub(x, v.number("Mean", t), x)
		k.mul(x, v.number("Slope", t), x)
		if residual {
			k.store(dy, v.at("Z"))
		}
		k.sub(dy, v.number("Shift", t), dy)
		k.sub(dy, x, x)
		k.mul(x, v.number("Scale", t), x)
		k.store(x, v.at("Y"))
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

func channelsDispatch() []byte { return operationDispatch("channels", "Channels", channelNames()) }
