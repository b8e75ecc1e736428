package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// General registers between two blocks of a split sum, beside those that the reduction
// goes on with.
var (
	rSteps = reg.RCX // steps done
	rKept  = reg.RSI // C, where the sum so far is
	rSome  = reg.RDI
)

// splits is whether the form heeds Steps.
func (t *tile) splits() bool { return !t.outer && !t.fused }

// emitSplit adds what C keeps of the blocks before to the sums of the one that has
// ended. It puts that aside, unless it was the last, and starts the next at zero. A
// call for each block instead makes Winograd of 512 channels 3 to 5% slower, of 128
// and 256 1 to 2.
func (t *tile) emitSplit() {
	t.CMPQ(t.arg("Steps"), operand.Imm(0))
	t.JE(operand.LabelRef("sums"))
	t.Comment("A block of a split sum: onto those before it, which C keeps")
	t.elementBy(rSteps, rSome, "A", "AOff")
	t.MOVQ(rA, rSteps)
	t.SUBQ(rSome, rSteps)
	t.SHRQ(operand.Imm(2), rSteps)
	t.MOVQ(t.arg("Segs"), rSome)
	t.CMPQ(rSteps, segmentStruct.at(rSome, "K"))
	t.JLE(operand.LabelRef("first"))
	t.eachKept(func(row, vec int, m operand.Mem) { t.VADDPS(m, t.acc(row, vec), t.acc(row, vec)) })
	t.Label("first")
	t.CMPQ(rSteps, t.arg("Steps"))
	t.JE(operand.LabelRef("sums"))
	t.eachKept(func(row, vec int, m operand.Mem) {
		t.VMOVUPS(t.acc(row, vec), m)
		t.clear(t.acc(row, vec))
	})
	t.Comment("The next block")
	t.MOVQ(t.arg("Steps"), rSome)
	t.SUBQ(rSteps, rSome)
	t.MOVQ(t.arg("Segs"), rK)
	t.MOVQ(segmentStruct.at(rK, "K"), rK)
	t.CMPQ(rK, rSome)
	t.CMOVQGT(rSome, rK)
	t.resume()
	t.Label("sums")
}

// eachKept calls f for every accumulator with the address of its vector in C, whose
// rows hold whole tiles between blocks.
func (t *tile) eachKept(f func(row, vec int, m operand.Mem)) {
	t.elementBy(rSome, rKept, "C", "COff")
	t.MOVQ(t.arg("LDC"), rSome)
	for row := range t.rows {
		for vec := range tileVectors {
			f(row, vec, operand.Mem{Base: rKept, Disp: vec * t.bytes()})
		}
		if row < t.rows-1 {
			t.LEAQ(operand.Mem{Base: rKept, Index: rSome, Scale: 4}, rKept)
		}
	}
}

// resume goes on with rK steps. C is in L1 by now: Rows asks for one line of it again
// and again, Panel for the rows below.
func (t *tile) resume() {
	if t.panel {
		t.elementBy(rSome, rResult, "C", "COff")
		t.CMPQ(t.arg("AheadA"), operand.Imm(0))
		t.JNE(operand.LabelRef("steps_fetching"))
		t.JMP(operand.LabelRef("steps"))
		return
	}
	t.elementBy(rKept, rOwn, "C", "COff")
	t.MOVL(operand.U32(1), rNSegs.As32())
	t.CMPQ(t.arg("Cols"), operand.Imm(uint64(t.lanes)))
	t.MOVL(operand.U32(0), rFrom.As32())
	t.JLE(operand.LabelRef("steps_narrow"))
	t.JMP(operand.LabelRef("steps"))
}
