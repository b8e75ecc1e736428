package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// General registers of a Fused tile beside those of Rows.
var (
	rStride  = reg.RDI // 4*LDB
	rStride3 = reg.RAX // 3*rStride
	rPanel   = reg.RSI // P of the current step
	rAhead   = reg.R13 // B some steps ahead
	rRagged  = reg.RDX // AVX2's column masks
)

var fusedDoc = []string{
	"",
	"for k = 0 to Segs[0].K-1 as one chain of fused multiply-adds, and, unless P is nil,",
	"copies B to P[POff+k*NR+j], with zeros for j = Cols to NR-1: the first tile of a panel",
	"packs it for the others. See the package documentation for the contract.",
}

// emitFused adds the one segment of a Fused tile to the accumulators.
func (t *tile) emitFused() {
	t.Comment("Reduction: B is read in place and copied to the panel")
	t.element(rABase, "A", "AOff")
	t.MOVQ(rABase, rA)
	t.element(rB, "B", "BOff")
	t.element(rPanel, "P", "POff")
	t.strides()
	t.MOVQ(t.arg("LDB"), rStride)
	t.SHLQ(operand.Imm(2), rStride)
	t.MOVQ(t.arg("AheadB"), rAhead)
	t.LEAQ(operand.Mem{Base: rB, Index: rAhead, Scale: 4}, rAhead)
	if t.lanes == 8 {
		t.addressMasks(rRagged)
	}
	t.MOVQ(t.arg("Segs"), rK)
	t.MOVQ(segmentStruct.at(rK, "K"), rK)
	t.CMPQ(t.arg("P"), operand.Imm(0))
	t.JEQ(operand.LabelRef("placed"))
	t.emitInPlace("", t.loadFused, t.loadFusedRagged, t.fetchAhead, t.advanceFused)
	t.JMP(operand.LabelRef("epilogue"))
	t.Label("placed")
	t.Comment("The same without a copy")
	t.emitInPlace("_placed", t.loadPlaced, t.loadPlacedRagged, func(int) {}, t.advancePlaced)
	t.Label("epilogue")
}

// emitInPlace loops over B in place: load reads whole vectors or, with AVX-512, all
// columns in use, ragged those with AVX2.
func (t *tile) emitInPlace(suffix string, load, ragged, fetch, advance func(steps int)) {
	if t.lanes == 8 {
		t.CMPQ(t.arg("Cols"), operand.Imm(uint64(t.nr())))
	}
	t.LEAQ(operand.Mem{Base: rStride, Index: rStride, Scale: 2}, rStride3)
	if t.lanes == 8 {
		t.JNE(operand.LabelRef("ragged" + suffix))
	}
	t.emitSteps(suffix, load, fetch, advance)
	if t.lanes == 8 {
		t.JMP(operand.LabelRef("epilogue"))
		t.Label("ragged" + suffix)
		t.emitSteps("_ragged"+suffix, ragged, fetch, advance)
	}
}

// strides computes the multiples of LDA and the second base.
func (t *tile) strides() {
	t.MOVQ(t.arg("LDA"), rLDA)
	t.SHLQ(operand.Imm(2), rLDA)
	t.LEAQ(operand.Mem{Base: rLDA, Index: rLDA, Scale: 2}, rLDA3)
	t.LEAQ(operand.Mem{Base: rLDA, Index: rLDA, Scale: 4}, rLDA5)
	if t.rows > basePerHalf {
		t.addressHigh()
	}
}

// advancePlaced moves A and B on.
func (t *tile) advancePlaced(steps int) {
	t.advanceA(steps)
	t.LEAQ(operand.Mem{Base: rB, Index: rStride, Scale: uint8(steps)}, rB)
}

// advanceFused moves A, B and the panel on.
func (t *tile) advanceFused(steps int) {
	t.advancePlaced(steps)
	t.LEAQ(operand.Mem{Base: rAhead, Index: rStride, Scale: uint8(steps)}, rAhead)
	t.ADDQ(operand.U32(uint32(steps*tileVectors*t.bytes())), rPanel)
}

// loadPlaced reads one step of B in place, with AVX-512 the columns in use.
func (t *tile) loadPlaced(step int) {
	for vec := range tileVectors {
		m := stepped(rB, rStride, rStride3, step)
		m.Disp = vec * t.bytes()
		if t.lanes == 16 {
			t.VMOVUPS_Z(m, t.mask(vec), t.b(vec))
		} else {
			t.VMOVUPS(m, t.b(vec))
		}
	}
}

// loadPlacedRagged is loadPlaced for AVX2 and fewer columns than NR.
func (t *tile) loadPlacedRagged(step int) {
	for vec := range tileVectors {
		m := stepped(rB, rStride, rStride3, step)
		m.Disp = vec * t.bytes()
		t.VMOVUPS(operand.Mem{Base: rRagged, Disp: vec * t.bytes()}, t.b(vec))
		t.VMASKMOVPS(m, t.b(vec), t.b(vec))
	}
}

// loadFused reads one step and writes whole vectors.
func (t *tile) loadFused(step int) {
	t.loadPlaced(step)
	t.pack(step)
}

// loadFusedRagged is loadFused for AVX2 and fewer columns than NR.
func (t *tile) loadFusedRagged(step int) {
	t.loadPlacedRagged(step)
	t.pack(step)
}

// pack writes one step of B to the panel.
func (t *tile) pack(step int) {
	for vec := range tileVectors {
		t.VMOVUPS(t.b(vec), t.packed(step, vec))
	}
}

func (t *tile) packed(step, vec int) operand.Mem {
	return operand.Mem{Base: rPanel, Disp: (step*tileVectors + vec) * t.bytes()}
}

// fetchAhead asks for every line of a later step: up to three of 128 bytes that
// start anywhere.
func (t *tile) fetchAhead(step int) {
	const line = 64
	last := tileVectors*t.bytes() - 4
	for at := 0; at < last; at += line {
		m := stepped(rAhead, rStride, rStride3, step)
		m.Disp = at
		t.PREFETCHT0(m)
	}
	m := stepped(rAhead, rStride, rStride3, step)
	m.Disp = last
	t.PREFETCHT0(m)
}
