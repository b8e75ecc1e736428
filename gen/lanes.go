package main

import (
	"fmt"
	"math"
	"strings"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A lanes emits vector arithmetic, the same calls for either tier. Operands come
// in the order of the formula and the destination last.
type lanes struct {
	*build.Context
	*isa
	table  operand.Mem             // AVX2's masks
	consts map[string]operand.Mem  // constants of the file, by their bits
	held   map[uint32]reg.Register // of them, those that the function keeps in registers
	tail   bool                    // loads and stores are masked
	labels int                     // labels of the function so far

	streaming  bool             // stores go past the caches
	streamArgs *argStruct       // of the function, and its results
	streamOuts []reg.GPPhysical // that may be streamed
}

// newLanes begins the file of a tier.
func newLanes(v *isa) *lanes {
	c := build.NewContext()
	c.ConstraintExpr("amd64,!purego")
	k := &lanes{Context: c, isa: v, consts: map[string]operand.Mem{}}
	if v.lanes == 8 {
		k.table = emitMaskTable(c)
	}
	return k
}

// function begins a kernel that takes a pointer to s.
func (k *lanes) function(name string, s *argStruct, doc ...string) {
	begin(k.Context, name+k.name, argPointer(s), doc)
	k.labels, k.tail, k.held = 0, false, map[uint32]reg.Register{}
	k.streamable(nil)
}

// done ends a kernel.
func (k *lanes) done() {
	k.VZEROUPPER()
	k.RET()
}

// label returns a label of the function that no other has.
func (k *lanes) label(name string) string {
	k.labels++
	return fmt.Sprintf("%s%d", name, k.labels)
}

// alignLoop starts a loop on a fetch boundary.
func (k *lanes) alignLoop(label string) {
	k.Instruction(&ir.Instruction{Opcode: "PCALIGN", Operands: []operand.Op{operand.Imm(loopAlign)}})
	k.Label(label)
}

// half is the lower half of a vector register.
func half(r reg.Register) reg.Register {
	if r.Size() == 64 {
		return r.(reg.Vec).AsY()
	}
	return r.(reg.Vec).AsX()
}

// The masks of the lanes in use at the end of a run. The mask of AVX2 fills its
// last vector register.
var tailMask = reg.K1

func (k *lanes) tailVector() reg.Register { return k.regs[15] }

// makeMask sets the tail mask to the lowest CX lanes, 1 to one vector less one.
// It changes CX and tmp.
func (k *lanes) makeMask(tmp reg.GPPhysical) {
	if k.lanes == 16 {
		k.MOVQ(operand.U32(1), tmp)
		k.SHLQ(reg.CL, tmp)
		k.DECQ(tmp)
		k.KMOVW(tmp.As32(), tailMask)
		return
	}
	k.LEAQ(k.table, tmp)
	k.NEGQ(reg.RCX)
	k.VMOVUPS(operand.Mem{Base: tmp, Index: reg.RCX, Scale: 4, Disp: 4 * maskLanes}, k.tailVector())
}

// load reads a vector, or its lanes in use and zeros in the tail.
func (k *lanes) load(m operand.Mem, dst reg.Register) {
	switch {
	case !k.tail:
		k.VMOVUPS(m, dst)
	case k.lanes == 16:
		k.VMOVUPS_Z(m, tailMask, dst)
	default:
		k.VMASKMOVPS(m, k.tailVector(), dst)
	}
}

// store writes a vector, or its lanes in use in the tail.
func (k *lanes) store(src reg.Register, m operand.Mem) {
	switch {
	case k.streaming:
		k.VMOVNTPS(src, m)
	case !k.tail:
		k.VMOVUPS(src, m)
	case k.lanes == 16:
		k.VMOVUPS(src, tailMask, m)
	default:
		k.VMASKMOVPS(src, k.tailVector(), m)
	}
}

// operand is a vector in memory as the second operand of an instruction: in the
// tail it passes through tmp.
func (k *lanes) operand(m operand.Mem, tmp reg.Register) operand.Op {
	if !k.tail {
		return m
	}
	k.load(m, tmp)
	return tmp
}

func (k *lanes) add(a reg.Register, b operand.Op, dst reg.Register) { k.VADDPS(b, a, dst) }
func (k *lanes) sub(a reg.Register, b operand.Op, dst reg.Register) { k.VSUBPS(b, a, dst) }
func (k *lanes) mul(a reg.Register, b operand.Op, dst reg.Register) { k.VMULPS(b, a, dst) }
func (k *lanes) div(a reg.Register, b operand.Op, dst reg.Register) { k.VDIVPS(b, a, dst) }
func (k *lanes) zero(r reg.Register)                                { k.VXORPS(r, r, r) }

// broadcast fills r with one number in memory.
func (k *lanes) broadcast(m operand.Mem, r reg.Register) { k.VBROADCASTSS(m, r) }

// constant is a vector of the file's constants: the bits, again and again.
func (k *lanes) constant(bits ...uint32) operand.Mem {
	key := fmt.Sprintf("%08x", bits)
	key = strings.Trim(strings.ReplaceAll(key, " ", "_"), "[]")
	if m, ok := k.consts[key]; ok {
		return m
	}
	name := "c" + key
	if len(name) > 32 {
		name = fmt.Sprintf("table%d", len(k.consts))
	}
	m := k.StaticGlobal(name)
	k.DataAttributes(attr.RODATA | attr.NOPTR)
	for i := range max(k.lanes, len(bits)) {
		k.AddDatum(4*i, operand.U32(bits[i%len(bits)]))
	}
	k.consts[key] = m
	return m
}

// float is a vector of one constant: a register or memory.
func (k *lanes) float(v float32) operand.Op {
	bits := math.Float32bits(v)
	if r, ok := k.held[bits]; ok {
		return r
	}
	return k.constant(bits)
}

// set fills r with a constant.
func (k *lanes) set(v float32, r reg.Register) { k.VMOVUPS(k.float(v), r) }

// inRegister returns a register full of a constant, which is tmp unless one is
// held.
func (k *lanes) inRegister(v float32, tmp reg.Register) reg.Register {
	if r, ok := k.held[math.Float32bits(v)]; ok {
		return r
	}
	k.set(v, tmp)
	return tmp
}

// hold keeps constants in registers, as many as there are from first on.
func (k *lanes) hold(first int, values []float32) {
	last := len(k.regs)
	if k.lanes == 8 {
		last-- // the mask
	}
	for i, v := range values[:min(len(values), last-first)] {
		r := k.regs[first+i]
		k.set(v, r)
		k.held[math.Float32bits(v)] = r
	}
}

// Predicates of VCMPPS.
const (
	lessThan     = operand.U8(0x11) // LT_OQ
	greaterThan  = operand.U8(0x1e) // GT_OQ
	notLess      = operand.U8(0x15) // NLT_UQ: not less or unordered
	notLessEqual = operand.U8(0x16) // NLE_UQ: greater or unordered
	ordered      = operand.U8(0x07) // ORD_Q
	unordered    = operand.U8(0x03) // UNORD_Q
)

// compareMask is the register that compare leaves its result in.
var compareMask = reg.K2

// keepWhere clears the lanes of x where the predicate of a and b is false.
func (k *lanes) keepWhere(p operand.U8, a, b, x, tmp reg.Register) {
	if k.lanes == 16 {
		k.VCMPPS(p, b, a, compareMask)
		k.VMOVAPS_Z(x, compareMask, x)
		return
	}
	k.VCMPPS(p, b, a, tmp)
	k.VANDPS(tmp, x, x)
}

// selectWhere sets dst to y in the lanes where the predicate of a and b holds.
func (k *lanes) selectWhere(p operand.U8, a, b, y, dst, tmp reg.Register) {
	if k.lanes == 16 {
		k.VCMPPS(p, b, a, compareMask)
		k.VMOVAPS(y, compareMask, dst)
		return
	}
	k.VCMPPS(p, b, a, tmp)
	k.VBLENDVPS(tmp, y, dst, dst)
}

// relu replaces negative lanes by zero: MAXPS returns its second source, x, for
// NaN and for equal zeros.
func (k *lanes) relu(x, zero, dst reg.Register) { k.VMAXPS(x, zero, dst) }
