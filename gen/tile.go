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
// copies to a panel as it goes, and Panel is Rows for one segment: see panel.go.
type tile struct {
	*build.Context
	*isa
	rows      int
	outer     bool
	fused     bool
	panel     bool
	narrow    bool        // one vector of B, while the reduction for few columns is emitted
	short     bool        // while the reduction of few steps is emitted
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
	rABase = reg.RDI // A + AOff (Outer)
	rA     = reg.R8  // A of the current step, rows 0 to 6
	rAHigh = reg.R9  // rows 7 to 13
	rLDA   = reg.R10 // 4*LDA
	rLDA3  = reg.R11 // 3*rLDA
	rLDA5  = reg.R12 // 5*rLDA (Rows)
	rBBase = reg.R13 // B + BOff (Outer)
	rLDB   = reg.R12 // 4*LDB (Outer)
	rLDB3  = reg.R9  // 3*rLDB (Outer)
	rOuter = reg.RAX // A and B some steps ahead (Outer)
	rOwn   = reg.RDI // a row of C (Rows)
	rNext  = reg.R13 // the next one, for a while (Rows)
	rFrom  = reg.RAX // steps left of the segment from which on C's rows are asked for (Rows)

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
	if t.outer || t.fused {
		t.emitPrefetch()
	}
	t.emitReduction()
	t.emitEpilogue()
	t.emitStore()
}

func (t *tile) arg(name string) operand.Mem { return tileStruct.at(rArgs, name) }

// element sets ptr to the address of element off of slice name.
func (t *tile) element(ptr reg.GPPhysical, name, off string) { t.elementBy(rTmp, ptr, name, off) }

// elementBy is element by way of another register than rTmp.
func (t *tile) elementBy(tmp, ptr reg.GPPhysical, name, off string) {
	t.MOVQ(t.arg(name), ptr)
	t.MOVQ(t.arg(off), tmp)
	t.LEAQ(operand.Mem{Base: ptr, Index: tmp, Scale: 4}, ptr)
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
	if t.outer {
		t.element(rABase, "A", "AOff")
		t.element(rBBase, "B", "BOff")
	}
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
		t.element(rOwn, "C", "COff")
		t.CMPQ(t.arg("Cols"), operand.Imm(uint64(t.lanes)))
		t.JLE(operand.LabelRef("narrow"))
		t.jumpIfShort()
		t.emitSegments("", t.loadB)
		t.JMP(operand.LabelRef("epilogue"))
		t.Label("short")
		t.emitPrefetch()
		t.Comment("The same for few steps")
		t.short = true
		t.emitSegments("_short", t.loadB)
		t.short = false
		t.JMP(operand.LabelRef("epilogue"))
		t.Label("narrow")
		t.Comment("The same for the columns of one vector")
		t.narrow = true
		t.emitSegments("_narrow", t.loadB)
		t.narrow = false
	}
	t.Label("epilogue")
}

// emitSegments loops over the segments and their steps; loadB fetches the two
// vectors of B of one step.
func (t *tile) emitSegments(suffix string, loadB func(step int)) {
	fetch := t.fetchRows
	if t.outer {
		fetch = t.prefetchOuter
	}
	if t.outer && t.lanes == 8 && suffix != "" {
		fetch = func(int) {} // AVX2's masks are where the address of what is fetched would be
	}
	segment := "segment" + suffix
	t.Label(segment)
	if t.outer {
		t.MOVQ(segmentStruct.at(rSeg, "A"), rK)
		t.LEAQ(operand.Mem{Base: rABase, Index: rK, Scale: 4}, rA)
		t.MOVQ(segmentStruct.at(rSeg, "B"), rK)
		t.LEAQ(operand.Mem{Base: rBBase, Index: rK, Scale: 4}, rB)
		t.MOVQ(segmentStruct.at(rSeg, "K"), rK)
	} else {
		t.startSegment()
	}
	t.emitSteps(suffix, loadB, fetch, t.advance)
	t.ADDQ(operand.U32(uint32(segmentStruct.size())), rSeg)
	t.DECQ(rNSegs)
	t.JNZ(operand.LabelRef(segment))
}

// addressHigh sets the second base of A: 7*LDA is 5*LDA and twice LDA.
func (t *tile) addressHigh() {
	t.LEAQ(operand.Mem{Base: rA, Index: rLDA5, Scale: 1}, rAHigh)
	t.LEAQ(operand.Mem{Base: rAHigh, Index: rLDA, Scale: 2}, rAHigh)
}
