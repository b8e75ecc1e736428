package main

import (
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A tile emits one SGEMM register tile of rows x NR results. In the Rows form
// A is read along its rows (image rows, rows of a matrix); in the Outer form
// along its columns, so that each step adds an outer product (weight
// gradients, transposed A). The Fused form is Rows with B in place, which it
// copies to a panel as it goes: see fused.go.
type tile struct {
	*build.Context
	*isa
	rows      int
	outer     bool
	fused     bool
	panel     bool
	maskTable operand.Mem // AVX2's
}

// General registers of a tile. R14, R15 and BP stay untouched: the first two
// belong to Go, BP is the frame pointer.
var (
	rArgs  = reg.RAX // *TileArgs
	rB     = reg.RBX // B of the current step
	rK     = reg.RCX // steps left in the segment
	rNSegs = reg.RDX // segments left
	rSeg   = reg.RSI // current segment
	rABase = reg.RDI // A + AOff
	rA     = reg.R8  // A of the current step, rows 0 to 6
	rAHigh = reg.R9  // rows 7 to 13
	rLDA   = reg.R10 // 4*LDA
	rLDA3  = reg.R11 // 3*rLDA
	rLDA5  = reg.R12 // 5*rLDA (Rows)
	rBBase = reg.R13 // B + BOff
	rLDB   = reg.R12 // 4*LDB (Outer)
	rLDB3  = reg.R9  // 3*rLDB (Outer)
	rOuter = reg.RAX // A and B some steps ahead (Outer)

	rPtr   = reg.RDI // C or Residual, outside the reduction
	rLD    = reg.R8  // its leading dimension in bytes
	rVec   = reg.RBX // Scale or Bias
	rFlags = reg.R11
	rTmp   = reg.R9
	rMask  = reg.RAX // AVX2's column masks, while rArgs is not needed
)

const (
	unroll      = 4 // steps per turn: the loop's own cost falls under 2% of the tile's FMAs
	basePerHalf = 7 // rows one base register reaches: 0..6 times LDA by index scaling
	loopAlign   = 32
)

// align starts a loop on a fetch boundary; avo has no PCALIGN of its own.
func (t *tile) align() {
	t.Instruction(&ir.Instruction{Opcode: "PCALIGN", Operands: []operand.Op{operand.Imm(loopAlign)}})
}

func (t *tile) emit() {
	t.registerMap()
	t.Load(t.Param("a"), rArgs)
	t.emitMasks()
	t.emitInit()
	t.emitPrefetch()
	t.emitReduction()
	t.emitEpilogue()
	t.emitStore()
}

func (t *tile) arg(name string) operand.Mem { return tileStruct.at(rArgs, name) }

// element sets ptr to the address of element off of slice name.
func (t *tile) element(ptr reg.GPPhysical, name, off string) {
	t.MOVQ(t.arg(name), ptr)
	t.MOVQ(t.arg(off), rTmp)
	t.LEAQ(operand.Mem{Base: ptr, Index: rTmp, Scale: 4}, ptr)
}

// emitReduction adds every segment to the accumulators.
func (t *tile) emitReduction() {
	if t.fused {
		t.emitFused()
		return
	}
	if t.panel {
		t.emitPanel()
		return
	}
	t.Comment("Reduction: one turn of the outer loop per segment")
	t.element(rABase, "A", "AOff")
	t.element(rBBase, "B", "BOff")
	t.MOVQ(t.arg("LDA"), rLDA)
	t.SHLQ(operand.Imm(2), rLDA)
	if t.outer || t.rows > 3 {
		t.LEAQ(operand.Mem{Base: rLDA, Index: rLDA, Scale: 2}, rLDA3)
	}
	if t.outer {
		t.MOVQ(t.arg("LDB"), rLDB)
		t.SHLQ(operand.Imm(2), rLDB)
		t.LEAQ(operand.Mem{Base: rLDB, Index: rLDB, Scale: 2}, rLDB3)
	} else if t.rows > 5 {
		t.LEAQ(operand.Mem{Base: rLDA, Index: rLDA, Scale: 4}, rLDA5)
	}
	t.MOVQ(t.arg("Segs"), rSeg)
	t.MOVQ(t.arg("Segs.len"), rNSegs)
	t.TESTQ(rNSegs, rNSegs)
	t.JZ(operand.LabelRef("epilogue"))

	if t.outer && t.lanes == 8 {
		t.CMPQ(t.arg("Cols"), operand.Imm(uint64(t.nr())))
		t.JNE(operand.LabelRef("ragged"))
		t.emitSegments("", t.loadB)
		t.JMP(operand.LabelRef("epilogue"))
		t.Label("ragged")
		t.addressMasks(rMask)
		t.emitSegments("_ragged", t.loadRaggedB)
	} else if t.outer {
		t.emitSegments("", t.loadMaskedB)
	} else {
		t.emitSegments("", t.loadB)
	}
	t.Label("epilogue")
}

// emitSegments loops over the segments and their steps; loadB fetches the two
// vectors of B of one step.
func (t *tile) emitSegments(suffix string, loadB func(step int)) {
	// AVX2's masks are where the address of what is fetched would be.
	fetch := !t.outer || t.lanes == 16 || suffix == ""
	segment, quad, single, tail, next := "segment"+suffix, "quad"+suffix, "single"+suffix, "tail"+suffix, "next"+suffix
	t.Label(segment)
	t.MOVQ(segmentStruct.at(rSeg, "A"), rK)
	t.LEAQ(operand.Mem{Base: rABase, Index: rK, Scale: 4}, rA)
	if !t.outer && t.rows > basePerHalf {
		// 7*lda = lda5 + 2*lda
		t.LEAQ(operand.Mem{Base: rA, Index: rLDA5, Scale: 1}, rAHigh)
		t.LEAQ(operand.Mem{Base: rAHigh, Index: rLDA, Scale: 2}, rAHigh)
	}
	t.MOVQ(segmentStruct.at(rSeg, "B"), rK)
	t.LEAQ(operand.Mem{Base: rBBase, Index: rK, Scale: 4}, rB)
	t.MOVQ(segmentStruct.at(rSeg, "K"), rK)
	t.SUBQ(operand.Imm(unroll), rK)
	t.JL(operand.LabelRef(tail))

	t.align()
	t.Label(quad)
	for step := range unroll {
		t.emitStep(step, loadB)
		if fetch {
			t.prefetch(step)
		}
	}
	t.advance(unroll)
	t.SUBQ(operand.Imm(unroll), rK)
	t.JGE(operand.LabelRef(quad))

	t.Label(tail)
	t.ADDQ(operand.Imm(unroll), rK)
	t.JZ(operand.LabelRef(next))
	t.Label(single)
	t.emitStep(0, loadB)
	t.advance(1)
	t.DECQ(rK)
	t.JNZ(operand.LabelRef(single))

	t.Label(next)
	t.ADDQ(operand.U32(uint32(segmentStruct.size())), rSeg)
	t.DECQ(rNSegs)
	t.JNZ(operand.LabelRef(segment))
}

// prefetch asks for what the turn some steps ahead will read; the loop calls it
// after each step.
func (t *tile) prefetch(step int) {
	if t.outer {
		if step == 0 {
			t.prefetchOuter()
		}
		return
	}
	t.prefetchB(step)
}

// prefetchB asks for a step of B a little ahead. The processor's own prefetch
// starts anew with each panel, page and pass over a panel: Winograd's products of
// 512 channels gain 15 to 25%, none measured loses.
func (t *tile) prefetchB(step int) {
	const ahead, line = 64, 64
	width := tileVectors * t.bytes()
	for at := 0; at < width; at += line {
		t.PREFETCHT0(operand.Mem{Base: rB, Disp: (step+ahead)*width + at})
	}
}

// prefetchOuter asks for the lines of a turn of A and B, outerAhead steps ahead:
// steps lie too far apart for the processor to foresee.
func (t *tile) prefetchOuter() {
	const outerAhead = 8 // at most the largest scale of an address
	t.LEAQ(operand.Mem{Base: rB, Index: rLDB, Scale: outerAhead}, rOuter)
	for step := range unroll {
		for at := 0; at < tileVectors*t.bytes(); at += 64 {
			m := stepped(rOuter, rLDB, rLDB3, step)
			m.Disp = at
			t.PREFETCHT0(m)
		}
	}
	t.LEAQ(operand.Mem{Base: rA, Index: rLDA, Scale: outerAhead}, rOuter)
	for step := range unroll {
		m := stepped(rOuter, rLDA, rLDA3, step)
		t.PREFETCHT0(m)
		if t.rows > 1 {
			m.Disp = 4 * (t.rows - 1)
			t.PREFETCHT0(m)
		}
	}
}

// emitStep adds one k: 2*rows fused multiply-adds.
func (t *tile) emitStep(step int, loadB func(step int)) {
	loadB(step)
	for row := range t.rows {
		t.VBROADCASTSS(t.aElement(row, step), t.bcast(row))
		for vec := range tileVectors {
			t.VFMADD231PS(t.bcast(row), t.b(vec), t.acc(row, vec))
		}
	}
}

// aElement is A of the given row, step k's ahead.
func (t *tile) aElement(row, step int) operand.Mem {
	if t.outer {
		m := stepped(rA, rLDA, rLDA3, step)
		m.Disp = 4 * row
		return m
	}
	m := operand.Mem{Base: rA, Disp: 4 * step}
	if row >= basePerHalf {
		m.Base = rAHigh
		row -= basePerHalf
	}
	switch row {
	case 1, 2, 4:
		m.Index, m.Scale = rLDA, uint8(row)
	case 3, 6:
		m.Index, m.Scale = rLDA3, uint8(row/3)
	case 5:
		m.Index, m.Scale = rLDA5, 1
	}
	return m
}

// stepped addresses base + step*ld for step 0 to 3.
func stepped(base, ld, ld3 reg.Register, step int) operand.Mem {
	switch step {
	case 0:
		return operand.Mem{Base: base}
	case 3:
		return operand.Mem{Base: base, Index: ld3, Scale: 1}
	}
	return operand.Mem{Base: base, Index: ld, Scale: uint8(step)}
}

func (t *tile) bElement(vec, step int) operand.Mem {
	if !t.outer {
		return operand.Mem{Base: rB, Disp: step*tileVectors*t.bytes() + vec*t.bytes()}
	}
	m := stepped(rB, rLDB, rLDB3, step)
	m.Disp = vec * t.bytes()
	return m
}

func (t *tile) loadB(step int) {
	for vec := range tileVectors {
		t.VMOVUPS(t.bElement(vec, step), t.b(vec))
	}
}

// loadMaskedB reads only the columns in use: B is the caller's own memory.
func (t *tile) loadMaskedB(step int) {
	for vec := range tileVectors {
		t.VMOVUPS_Z(t.bElement(vec, step), t.mask(vec), t.b(vec))
	}
}

// loadRaggedB is loadMaskedB for AVX2, where the mask passes through the
// register it fills because no other is free.
func (t *tile) loadRaggedB(step int) {
	for vec := range tileVectors {
		t.VMOVUPS(operand.Mem{Base: rMask, Disp: vec * t.bytes()}, t.b(vec))
		t.VMASKMOVPS(t.bElement(vec, step), t.b(vec), t.b(vec))
	}
}

func (t *tile) advance(steps int) {
	if !t.outer {
		t.ADDQ(operand.Imm(uint64(4*steps)), rA)
		if t.rows > basePerHalf {
			t.ADDQ(operand.Imm(uint64(4*steps)), rAHigh)
		}
		t.ADDQ(operand.U32(uint32(steps*tileVectors*t.bytes())), rB)
		return
	}
	if steps == 1 {
		t.ADDQ(rLDA, rA)
		t.ADDQ(rLDB, rB)
		return
	}
	t.LEAQ(operand.Mem{Base: rA, Index: rLDA, Scale: uint8(steps)}, rA)
	t.LEAQ(operand.Mem{Base: rB, Index: rLDB, Scale: uint8(steps)}, rB)
}
