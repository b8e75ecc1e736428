package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

var vectorStruct = &argStruct{
	name: "VectorArgs",
	doc: `VectorArgs describes one run of an element-wise kernel: elements Off to Off+N-1
of the operands that the kernel names.`,
	fields: []field{
		{"X0", "[]float32", "the first result"},
		{"X1", "[]float32", "further operands and results; nil if unused"},
		{"X2", "[]float32", ""},
		{"X3", "[]float32", ""},
		{"X4", "[]float32", "or 16 results of a reduction"},
		{"Off", "int", "first element"},
		{"N", "int", "elements, 0 to MaxVector"},
		{"Rows", "int", "of Softmax, of N elements each, one after another; at least 1"},
		{"S0", "float32", "numbers of the formula"},
		{"S1", "float32", ""},
		{"S2", "float32", ""},
		{"S3", "float32", ""},
		{"S4", "float32", ""},
		{"Found", "uint32", "result of a test: not 0 if it found something"},
		streamField,
	},
}

// maxVector keeps five operands within maxBytes.
const maxVector = 1 << 15

// A vectorOp is an element-wise kernel. Its body computes one vector: inputs are
// in x by operand, numbers in s, t is free. It leaves results in x.
type vectorOp struct {
	name    string
	in, out string // digits of the operands read and written
	numbers int
	formula string
	body    func(k *lanes, x, s, t []reg.Register)
}

var vectorOps = []vectorOp{
	{"Fill", "", "0", 1, "X0 = S0", func(k *lanes, x, s, t []reg.Register) {
		x[0] = s[0]
	}},
	{"Scale", "0", "0", 1, "X0 = X0 * S0", func(k *lanes, x, s, t []reg.Register) {
		k.mul(x[0], s[0], x[0])
	}},
	{"Axpy", "01", "0", 1, "X0 = X0 + S0*X1", func(k *lanes, x, s, t []reg.Register) {
		k.mul(x[1], s[0], x[1])
		k.add(x[0], x[1], x[0])
	}},
	{"Add", "12", "0", 0, "X0 = X1 + X2", func(k *lanes, x, s, t []reg.Register) {
		k.add(x[1], x[2], x[0])
	}},
	{"Mul", "12", "0", 0, "X0 = X1 * X2", func(k *lanes, x, s, t []reg.Register) {
		k.mul(x[1], x[2], x[0])
	}},
	{"ReLU", "1", "0", 0, "X0 = 0 where X1 < 0, else X1", func(k *lanes, x, s, t []reg.Register) {
		k.zero(t[0])
		k.relu(x[1], t[0], x[0])
	}},
	{"ReLUBackward", "12", "0", 0, "X0 = X1 where X2 > 0, else 0", func(k *lanes, x, s, t []reg.Register) {
		k.zero(t[0])
		x[0] = x[1]
		k.keepWhere(greaterThan, x[2], t[0], x[0], t[1])
	}},
	{"LeakyReLU", "1", "0", 1, "X0 = S0*X1 where X1 < 0, else X1", func(k *lanes, x, s, t []reg.Register) {
		k.zero(t[0])
		k.mul(x[1], s[0], t[1])
		x[0] = x[1]
		k.selectWhere(lessThan, x[1], t[0], t[1], x[0], t[2])
	}},
	{"LeakyReLUBackward", "12", "0", 1, "X0 = X1 where X2 > 0, else S0*X1", func(k *lanes, x, s, t []reg.Register) {
		k.zero(t[0])
		k.mul(x[1], s[0], x[0])
		k.selectWhere(greaterThan, x[2], t[0], x[1], x[0], t[2])
	}},
	{"SigmoidBackward", "12", "0", 1, "X0 = (X1*X2) * (S0-X2)", func(k *lanes, x, s, t []reg.Register) {
		k.mul(x[1], x[2], x[1])
		k.sub(s[0], x[2], x[2])
		k.mul(x[1], x[2], x[0])
	}},
	{"TanhBackward", "12", "0", 1, "X0 = X1 * (S0 - X2*X2)", func(k *lanes, x, s, t []reg.Register) {
		k.mul(x[2], x[2], x[2])
		k.sub(s[0], x[2], x[2])
		k.mul(x[1], x[2], x[0])
	}},
	{"Quotient", "1", "0", 1, "X0 = X1 / S0", func(k *lanes, x, s, t []reg.Register) {
		k.div(x[1], s[0], x[0])
	}},
	{"Share", "1", "0", 3, "X0 = X1 / S0, S1 + S2 being 1/S0", func(k *lanes, x, s, t []reg.Register) {
		k.share(x[0], x[1], s[1], s[2])
	}},
	{"Offset", "1", "0", 2, "X0 = (X1 - S0) - S1", func(k *lanes, x, s, t []reg.Register) {
		k.sub(x[1], s[0], x[0])
		k.sub(x[0], s[1], x[0])
	}},
}

// share sets y to x times the sum of inverse and rest, which is far smaller.
func (k *lanes) share(y, x, inverse, rest reg.Register) {
	k.mul(x, rest, y)
	k.VFMADD231PS(inverse, x, y)
}

func init() { vectorOps = slices.Concat(vectorOps, powerOps, optimizerOps) }

// General registers of an element-wise kernel.
var (
	vIndex    = reg.RDX // bytes from the first element
	vLeft     = reg.RCX // elements left
	vTmp      = reg.RBX
	vOperands = []reg.GPPhysical{reg.RDI, reg.RSI, reg.R8, reg.R9, reg.R10}
)

const (
	vectorUnroll = 4 // vectors a turn: the loop's own instructions stay below a tenth
	vectorTemp   = 5 // first register free in a body
	vectorNumber = 9 // first register of a number
)

func vectorFile(v *isa) *build.Context {
	k := newLanes(v)
	for _, op := range vectorOps {
		op.emit(k)
	}
	for _, f := range functions {
		f.emit(k)
	}
	emitFinite(k)
	emitLargest(k)
	emitExpSum(k, false)
	emitExpSum(k, true)
	emitSoftmax(k)
	emitWindow(k)
	return k.Context
}

func vectorEntries(v *isa) (all []manifestEntry) {
	for _, name := range vectorNames() {
		all = append(all, manifestEntry{name: "Vector" + name + v.name})
	}
	return all
}

func vectorNames() (names []string) {
	for _, op := range vectorOps {
		names = append(names, op.name)
	}
	for _, f := range functions {
		names = append(names, f.name)
	}
	return append(names, "Finite", "Largest", "ExpSum", "ExpStore", "Softmax", "Window")
}

func (op *vectorOp) emit(k *lanes) {
	k.function("Vector"+op.name, vectorStruct, "Vector"+op.name+k.name+" computes "+op.formula+".")
	uses := op.operands()
	var doc []string
	for _, i := range uses {
		doc = append(doc, fmt.Sprintf("%s X%d", vOperands[i].Asm(), i))
	}
	k.Commentf("%s, DX bytes done, CX elements left", strings.Join(doc, ", "))
	k.start(uses)
	if !strings.ContainsAny(op.in, op.out) {
		k.streamable(vectorStruct, vOperands[0])
	}
	s := k.regs[vectorNumber:]
	for i := range op.numbers {
		k.broadcast(vectorStruct.at(reg.RAX, fmt.Sprintf("S%d", i)), s[i])
	}
	k.elements(vectorUnroll, func(u int) {
		at := func(digit byte) operand.Mem {
			return operand.Mem{Base: vOperands[digit-'0'], Index: vIndex, Scale: 1, Disp: u * k.bytes()}
		}
		x := append([]reg.Register(nil), k.regs[:vectorTemp]...)
		for i := range op.in {
			k.load(at(op.in[i]), x[op.in[i]-'0'])
		}
		op.body(k, x, s, k.regs[vectorTemp:vectorNumber])
		for i := range op.out {
			k.store(x[op.out[i]-'0'], at(op.out[i]))
		}
	})
	k.done()
}

// operands returns the numbers of all operands.
func (op *vectorOp) operands() (all []int) {
	for i := range vOperands {
		if strings.ContainsRune(op.in+op.out, rune('0'+i)) {
			all = append(all, i)
		}
	}
	return all
}

// start points the operands' registers at their first elements.
func (k *lanes) start(operands []int) {
	k.Load(k.Param("a"), reg.RAX)
	k.MOVQ(vectorStruct.at(reg.RAX, "Off"), vTmp)
	for _, i := range operands {
		k.MOVQ(vectorStruct.at(reg.RAX, fmt.Sprintf("X%d", i)), vOperands[i])
		k.LEAQ(operand.Mem{Base: vOperands[i], Index: vTmp, Scale: 4}, vOperands[i])
	}
	k.MOVQ(vectorStruct.at(reg.RAX, "N"), vLeft)
}

// elements runs body for every vector of vLeft elements, u being its number
// within the turn.
func (k *lanes) elements(unroll int, body func(u int)) {
	k.blocks(unroll, func(n int) {
		for u := range n {
			body(u)
		}
	})
}

// blocks runs body for vLeft elements: blocks of unroll vectors, then one vector
// at a time, then the masked rest.
func (k *lanes) blocks(unroll int, body func(n int)) {
	turn, few, one, rest, end := k.label("turn"), k.label("few"), k.label("one"), k.label("rest"), k.label("end")
	imm := func(n int) operand.Op { return operand.U32(uint32(n)) }
	k.XORQ(vIndex, vIndex)
	if unroll > 1 {
		k.SUBQ(imm(unroll*k.lanes), vLeft)
		k.JL(operand.LabelRef(few))
		k.Commentf("%d vectors a turn", unroll)
		many := func() {
			body(unroll)
			k.ADDQ(imm(unroll*k.bytes()), vIndex)
			k.SUBQ(imm(unroll*k.lanes), vLeft)
		}
		k.streamTurns(turn, few, many)
		k.alignLoop(turn)
		many()
		k.JGE(operand.LabelRef(turn))
		k.Label(few)
		k.ADDQ(imm((unroll-1)*k.lanes), vLeft)
	} else {
		k.SUBQ(imm(k.lanes), vLeft)
	}
	k.JL(operand.LabelRef(rest))
	k.Comment("One vector a turn")
	k.alignLoop(one)
	body(1)
	k.ADDQ(imm(k.bytes()), vIndex)
	k.SUBQ(imm(k.lanes), vLeft)
	k.JGE(operand.LabelRef(one))
	k.Label(rest)
	k.Comment("The rest, masked")
	k.ADDQ(imm(k.lanes), vLeft)
	k.JZ(operand.LabelRef(end))
	k.makeMask(reg.RAX)
	k.tail = true
	body(1)
	k.tail = false
	k.Label(end)
}

func vectorDispatch() []byte { return operationDispatch("vector", "Vector", vectorNames()) }
