package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// resultLead is how many turns before its tile ends the last row of C is asked for:
// 900 cycles with AVX-512, which memory takes. 24 are the same, 3 lose a point of
// %peak at 12544 x 64 x 147.
const resultLead = 8

// resultSteps is how many steps before its end a tile starts to ask for its rows
// of C, a turn each.
func (t *tile) resultSteps() operand.Op {
	return operand.U32(uint32(unroll * (t.rows + resultLead)))
}

// fetchResult asks for a row of C a turn, the first one until the others have to
// follow, and at last for some below the tile. All of them at once, as the tile
// before begins, fill the queue of misses, and have left L1 when they are written:
// stores then wait for one another, and the next tile for them. That loses 2 to 8
// points of %peak (AVX-512), most at 12544 x 64 x 147, and 5 there with AVX2, which gains
// nowhere else. Rows loses 1 to 3 in 3x3 layers whose results come from memory.
func (t *tile) fetchResult(step int, result, next reg.GPPhysical, from operand.Op) {
	const line = 64
	if step != 1 {
		return
	}
	for at := 0; at < t.vectors()*t.bytes(); at += line {
		t.PREFETCHT0(operand.Mem{Base: result, Disp: at})
	}
	t.Load(t.Param("a"), next)
	t.MOVQ(tileStruct.at(next, "LDC"), next)
	t.LEAQ(operand.Mem{Base: result, Index: next, Scale: 4}, next)
	t.CMPQ(rK, from)
	t.CMOVQLT(next, result)
}

// pointResult points rResult at the rows of C that a Panel tile asks for: its own or,
// with AVX-512 and sums that start from C, those of the next tile, which otherwise
// starts with 28 misses at once: 1 point of %peak at 512^3 and 1024 x 1024 x 256 with
// beta = 1. AVX2, with 6 lines a tile, does not gain.
func (t *tile) pointResult() {
	if t.lanes == 8 {
		t.element(rResult, "C", "COff")
		return
	}
	t.MOVQ(t.arg("COff"), rTmp)
	t.TESTL(operand.U32(uint32(flagValue("FlagLoad"))), t.arg("Flags"))
	t.CMOVQNE(t.arg("Next"), rTmp)
	t.MOVQ(t.arg("C"), rResult)
	t.LEAQ(operand.Mem{Base: rResult, Index: rTmp, Scale: 4}, rResult)
}

// jumpIfShort jumps to short if a Rows tile has few steps, and, behind short's
// prefetch, if its results go past the caches.
func (t *tile) jumpIfShort() {
	t.TESTL(operand.U32(uint32(flagValue("FlagStream"))), t.arg("Flags"))
	t.JNZ(operand.LabelRef("segment_short"))
	t.MOVQ(segmentStruct.at(rSeg, "K"), rK)
	t.IMULQ(rNSegs, rK)
	t.CMPQ(rK, operand.Imm(fewSteps))
	t.JL(operand.LabelRef("short"))
}

// fewSteps is the least number of steps whose tile asks for its own rows of C: a turn
// for each of 14. A 3x3 window of 3 channels has 27; 24 lose 5% there with AVX2.
const fewSteps = 56

// prefetchShort asks for the next tile of C at once if this one has few steps.
func (t *tile) prefetchShort() {
	t.CMPQ(rK, operand.Imm(fewSteps))
	t.JGE(operand.LabelRef("long"))
	t.emitPrefetch()
	t.Label("long")
}

// startSegment points A and B of a Rows tile at a segment, and counts from how many
// of its steps on C is asked for: the segments after it are taken to be as long.
func (t *tile) startSegment() {
	t.Load(t.Param("a"), rArgs)
	t.element(rA, "A", "AOff")
	t.MOVQ(segmentStruct.at(rSeg, "A"), rK)
	t.LEAQ(operand.Mem{Base: rA, Index: rK, Scale: 4}, rA)
	t.element(rB, "B", "BOff")
	t.MOVQ(segmentStruct.at(rSeg, "B"), rK)
	t.LEAQ(operand.Mem{Base: rB, Index: rK, Scale: 4}, rB)
	if t.rows > basePerHalf {
		t.addressHigh()
	}
	t.MOVQ(segmentStruct.at(rSeg, "K"), rK)
	if t.short {
		return
	}
	t.MOVL(operand.U32(1), rFrom.As32())
	t.SUBQ(rNSegs, rFrom)
	t.IMULQ(rK, rFrom)
	t.ADDQ(t.resultSteps(), rFrom)
}

// fetchRows asks for B a little ahead and for C.
func (t *tile) fetchRows(step int) {
	t.prefetchB(step)
	if t.short {
		return
	}
	t.fetchResult(step, rOwn, rNext, rFrom)
}
