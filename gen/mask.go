package main

import (
	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

const (
	maskTable = "masks"
	maskLanes = 16 // NR of AVX2
)

// emitMaskTable writes the table behind AVX2's column masks: maskLanes set
// lanes, then as many clear ones. The masks of c columns start maskLanes-c in.
func emitMaskTable(c *build.Context) operand.Mem {
	table := c.StaticGlobal(maskTable)
	c.DataAttributes(attr.RODATA | attr.NOPTR)
	for i := range 2 * maskLanes {
		lane := operand.U32(0)
		if i < maskLanes {
			lane = 1<<32 - 1
		}
		c.AddDatum(4*i, lane)
	}
	return table
}

// emitMasks prepares the column masks: K1 and K2 with AVX-512, for good; with
// AVX2 they live in vectors and are loaded again where they are needed.
func (t *tile) emitMasks() {
	if t.lanes != 16 {
		return
	}
	t.Comment("K1 K2 = the columns in use")
	t.MOVQ(t.arg("Cols"), rK)
	t.MOVQ(operand.U32(1), rTmp)
	t.SHLQ(reg.CL, rTmp)
	t.DECQ(rTmp)
	t.KMOVW(rTmp.As32(), reg.K1)
	t.SHRQ(operand.Imm(16), rTmp)
	t.KMOVW(rTmp.As32(), reg.K2)
}

// addressMasks points dst at the AVX2 masks of Cols; rArgs must be valid and
// may be dst.
func (t *tile) addressMasks(dst reg.GPPhysical) {
	t.MOVQ(t.arg("Cols"), rK)
	t.LEAQ(t.maskTable, dst)
	t.SHLQ(operand.Imm(2), rK)
	t.SUBQ(rK, dst)
	t.ADDQ(operand.Imm(4*maskLanes), dst)
}

// loadMasks fills AVX2's mask vectors, which are broadcast registers during
// the reduction.
func (t *tile) loadMasks() {
	if t.lanes == 16 {
		return
	}
	t.addressMasks(rTmp)
	for vec := range tileVectors {
		t.VMOVUPS(operand.Mem{Base: rTmp, Disp: vec * t.bytes()}, t.mask(vec))
	}
}

// mask is the column mask of one of the tile's two vectors.
func (t *tile) mask(vec int) reg.Register {
	if t.lanes == 16 {
		return []reg.Register{reg.K1, reg.K2}[vec]
	}
	return t.bcast(vec)
}

// loadColumns reads the columns in use of a vector and clears the others.
func (t *tile) loadColumns(m operand.Mem, vec int, dst reg.Register) {
	if t.lanes == 16 {
		t.VMOVUPS_Z(m, t.mask(vec), dst)
		return
	}
	t.VMASKMOVPS(m, t.mask(vec), dst)
}

// storeColumns writes the columns in use of a vector.
func (t *tile) storeColumns(src reg.Register, vec int, m operand.Mem) {
	if t.lanes == 16 {
		t.VMOVUPS(src, t.mask(vec), m)
		return
	}
	t.VMASKMOVPS(src, t.mask(vec), m)
}
