package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// eachAcc calls f for every accumulator with the address of its vector in the
// matrix that rPtr walks, rows rLD apart.
func (t *tile) eachAcc(f func(row, vec int, m operand.Mem)) {
	for row := range t.rows {
		for vec := range tileVectors {
			f(row, vec, operand.Mem{Base: rPtr, Disp: vec * t.bytes()})
		}
		if row < t.rows-1 {
			t.ADDQ(rLD, rPtr)
		}
	}
}

// walk points rPtr at the tile in a matrix of the arguments.
func (t *tile) walk(name, off, ld string) {
	t.element(rPtr, name, off)
	t.MOVQ(t.arg(ld), rLD)
	t.SHLQ(operand.Imm(2), rLD)
}

// unless jumps to label if a flag is clear.
func (t *tile) unless(flag, label string) {
	t.TESTL(operand.U32(uint32(flagValue(flag))), rFlags.As32())
	t.JZ(operand.LabelRef(label))
}

// emitInit sets the accumulators to zero, or to Beta*C with FlagLoad.
func (t *tile) emitInit() {
	t.Comment("Start: zero, or Beta*C")
	t.MOVL(t.arg("Flags"), rFlags.As32())
	t.unless("FlagLoad", "zero")
	t.loadMasks()
	t.VBROADCASTSS(t.arg("Beta"), t.b(0))
	t.walk("C", "COff", "LDC")
	t.eachAcc(func(row, vec int, m operand.Mem) {
		t.loadColumns(m, vec, t.acc(row, vec))
		t.VMULPS(t.b(0), t.acc(row, vec), t.acc(row, vec))
	})
	t.JMP(operand.LabelRef("reduce"))
	t.Label("zero")
	for row := range t.rows {
		for vec := range tileVectors {
			t.clear(t.acc(row, vec))
		}
	}
	t.Label("reduce")
}

// emitPrefetch asks for the next tile of C, which is then in L1 when this tile's
// reduction has ended. It may point anywhere: a prefetch cannot fault.
func (t *tile) emitPrefetch() {
	t.Comment("Prefetch the next tile of C")
	t.walk("C", "Next", "LDC")
	const line = 64
	t.eachAcc(func(_, _ int, m operand.Mem) {
		if m.Disp%line == 0 {
			t.PREFETCHT0(m)
		}
	})
}

// streams is whether the form heeds FlagStream.
func (t *tile) streams() bool { return !t.outer && !t.fused && !t.panel }

func (t *tile) clear(r reg.Register) {
	if t.lanes == 16 {
		t.VPXORD(r, r, r)
		return
	}
	t.VXORPS(r, r, r)
}

// emitEpilogue applies scale, bias, residual and activation to the sums.
func (t *tile) emitEpilogue() {
	t.Comment("Epilogue: act(scale*sum + bias + residual)")
	t.Load(t.Param("a"), rArgs)
	if t.splits() {
		t.emitSplit()
	}
	t.loadMasks()
	t.MOVL(t.arg("Flags"), rFlags.As32())

	t.unless("FlagScale", "bias")
	t.perColumn("Scale", func(v, acc reg.Register) { t.VMULPS(v, acc, acc) })

	t.Label("bias")
	t.unless("FlagBias", "residual")
	t.perColumn("Bias", func(v, acc reg.Register) { t.VADDPS(v, acc, acc) })

	t.Label("residual")
	t.unless("FlagResidual", "relu")
	t.walk("Residual", "ROff", "LDR")
	t.eachAcc(func(row, vec int, m operand.Mem) {
		t.loadColumns(m, vec, t.b(vec))
		t.VADDPS(t.b(vec), t.acc(row, vec), t.acc(row, vec))
	})

	t.Label("relu")
	t.unless("FlagReLU", "store")
	t.clear(t.b(0))
	for row := range t.rows {
		for vec := range tileVectors {
			// MAXPS returns its second source for NaN and equal zeros: the sum.
			t.VMAXPS(t.acc(row, vec), t.b(0), t.acc(row, vec))
		}
	}
}

// perColumn loads the tile's part of a per-column vector and applies op to
// every accumulator.
func (t *tile) perColumn(name string, op func(v, acc reg.Register)) {
	t.element(rVec, name, "VOff")
	for vec := range tileVectors {
		t.loadColumns(operand.Mem{Base: rVec, Disp: vec * t.bytes()}, vec, t.b(vec))
	}
	for row := range t.rows {
		for vec := range tileVectors {
			op(t.b(vec), t.acc(row, vec))
		}
	}
}

// emitStore writes the tile and returns. Full tiles avoid masked stores, which
// are slow on some CPUs.
func (t *tile) emitStore() {
	t.Label("store")
	t.Comment("Store: whole vectors, or the columns in use")
	t.walk("C", "COff", "LDC")
	t.CMPQ(t.arg("Cols"), operand.Imm(uint64(t.nr())))
	t.JNE(operand.LabelRef("ragged_store"))
	if t.streams() {
		t.emitStream()
	}
	t.eachAcc(func(row, vec int, m operand.Mem) { t.VMOVUPS(t.acc(row, vec), m) })
	t.VZEROUPPER()
	t.RET()
	t.Label("ragged_store")
	t.eachAcc(func(row, vec int, m operand.Mem) { t.storeColumns(t.acc(row, vec), vec, m) })
	t.VZEROUPPER()
	t.RET()
}

// emitStream writes whole lines past the caches and returns, if FlagStream is set and
// all rows start on one.
func (t *tile) emitStream() {
	t.unless("FlagStream", "cached_store")
	t.MOVQ(rPtr, rTmp)
	t.ORQ(rLD, rTmp)
	t.TESTQ(operand.U32(streamAlign-1), rTmp)
	t.JNZ(operand.LabelRef("cached_store"))
	t.Comment("The same past the caches")
	t.eachAcc(func(row, vec int, m operand.Mem) { t.VMOVNTPS(t.acc(row, vec), m) })
	t.VZEROUPPER()
	t.RET()
	t.Label("cached_store")
}
