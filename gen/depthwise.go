package main

import (
	"fmt"
	"strings"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A depthwise emits kernels of convolutions whose channels do not mix: lanes
// are channels, and columns of TileArgs as many channels as there are.
type depthwise struct {
	*lanes
	rows int
}

// depthwiseRows is the most pixels of a call: as many chains as cover the
// latency of two pipes of multiply-adds (4 cycles).
const depthwiseRows = 8

// depthwiseVectors is the vectors of channels that DepthwiseOuter sums at once.
const depthwiseVectors = 4

// General registers of a depthwise kernel; RAX is the arguments.
var (
	dChan  = reg.RDX // bytes of channels done
	dLeft  = reg.R13 // channels left
	dSeg   = reg.RSI // current segment
	dSegs  = reg.RBX // segments left
	dA     = reg.RDI // A + AOff
	dB     = reg.R8  // B + BOff
	dPtr   = reg.R9
	dPtrB  = reg.R12
	dLDA   = reg.R10 // bytes
	dLD    = reg.R11 // of C, Residual, or B (Outer)
	dSteps = reg.RCX
	dTmp   = reg.RCX
)

func depthwiseFile(v *isa) *build.Context {
	k := newLanes(v)
	for rows := 1; rows <= depthwiseRows; rows++ {
		(&depthwise{k, rows}).emitRows()
	}
	(&depthwise{k, 1}).emitOuter()
	return k.Context
}

func depthwiseEntries(v *isa) (all []manifestEntry) {
	for rows := 1; rows <= depthwiseRows; rows++ {
		all = append(all, manifestEntry{name: fmt.Sprintf("Depthwise%d%s", rows, v.name)})
	}
	return append(all, manifestEntry{name: "DepthwiseOuter" + v.name})
}

func (d *depthwise) arg(name string) operand.Mem { return tileStruct.at(reg.RAX, name) }
func (d *depthwise) w() reg.Register             { return d.regs[12] }
func (d *depthwise) t() reg.Register             { return d.regs[13] }

// element points ptr at element off of slice name; it changes dTmp.
func (d *depthwise) element(ptr reg.GPPhysical, name, off string) {
	d.MOVQ(d.arg(name), ptr)
	d.MOVQ(d.arg(off), dTmp)
	d.LEAQ(operand.Mem{Base: ptr, Index: dTmp, Scale: 4}, ptr)
}

// distance loads a leading dimension in bytes.
func (d *depthwise) distance(name string, r reg.GPPhysical) {
	d.MOVQ(d.arg(name), r)
	d.SHLQ(operand.Imm(2), r)
}

// here is the current channels at ptr, vec vectors on.
func (d *depthwise) here(ptr reg.Register, vec int) operand.Mem {
	return operand.Mem{Base: ptr, Index: dChan, Scale: 1, Disp: vec * d.bytes()}
}

func (d *depthwise) begin() {
	d.Load(d.Param("a"), reg.RAX)
	d.element(dA, "A", "AOff")
	d.element(dB, "B", "BOff")
	d.distance("LDA", dLDA)
	d.MOVQ(d.arg("Cols"), dLeft)
	d.XORQ(dChan, dChan)
}

// channels runs body for vectors of channels, and once masked for the rest.
func (d *depthwise) channels(vectors int, body func()) {
	full, rest := d.label("channels"), d.label("rest")
	n := uint32(vectors * d.lanes.isa.lanes)
	d.Label(full)
	d.CMPQ(dLeft, operand.U32(n))
	d.JL(operand.LabelRef(rest))
	body()
	d.ADDQ(operand.U32(4*n), dChan)
	d.SUBQ(operand.U32(n), dLeft)
	d.JMP(operand.LabelRef(full))
	d.Label(rest)
}

func (d *depthwise) maskedChannels(end string, body func()) {
	d.TESTQ(dLeft, dLeft)
	d.JZ(operand.LabelRef(end))
	d.MOVQ(dLeft, reg.RCX)
	d.makeMask(dPtr)
	d.tail = true
	body()
	d.tail = false
	d.Label(end)
}

// emitRows emits the kernel that filters rows pixels.
func (d *depthwise) emitRows() {
	d.function(fmt.Sprintf("Depthwise%d", d.rows), tileStruct,
		fmt.Sprintf("Depthwise%d%s computes, for %d pixels i and Cols channels j,", d.rows, d.name, d.rows), "",
		"\tC[i,j] = act(Scale[j] * (Beta*C[i,j] + sum A[AOff+s.A+i*LDA+j] * B[BOff+s.B+j]) + Bias[j] + Residual[i,j])", "",
		"summing over the segments s in order, as one chain of fused multiply-adds. K of a",
		"segment is not read.")
	d.Commentf("%v..%v sums by pixel, %v weights, %v scratch", d.regs[0].Asm(), d.regs[d.rows-1].Asm(), d.w().Asm(), d.t().Asm())
	d.Comment("DI R8 bases of A B, R10 lda, SI BX segments, DX bytes of channels done, R13 channels left, R9 R11 R12 CX scratch")
	d.begin()
	d.channels(1, d.filter)
	d.Comment("The rest of the channels, masked")
	d.maskedChannels(d.label("end"), d.filter)
	d.done()
}

// filter computes one vector of channels.
func (d *depthwise) filter() {
	zero, taps, tap, sums := d.label("zero"), d.label("taps"), d.label("tap"), d.label("sums")
	d.unless("FlagLoad", zero)
	d.broadcast(d.arg("Beta"), d.w())
	d.eachRow("C", "COff", "LDC", func(i int, m operand.Mem) {
		d.load(m, d.regs[i])
		d.mul(d.w(), d.regs[i], d.regs[i])
	})
	d.JMP(operand.LabelRef(taps))
	d.Label(zero)
	for i := range d.rows {
		d.zero(d.regs[i])
	}
	d.Label(taps)
	d.MOVQ(d.arg("Segs"), dSeg)
	d.MOVQ(d.arg("Segs.len"), dSegs)
	d.TESTQ(dSegs, dSegs)
	d.JZ(operand.LabelRef(sums))
	d.Label(tap)
	d.MOVQ(segmentStruct.at(dSeg, "B"), dPtr)
	d.LEAQ(operand.Mem{Base: dB, Index: dPtr, Scale: 4}, dPtr)
	d.load(d.here(dPtr, 0), d.w())
	d.MOVQ(segmentStruct.at(dSeg, "A"), dPtr)
	d.LEAQ(operand.Mem{Base: dA, Index: dPtr, Scale: 4}, dPtr)
	for i := range d.rows {
		d.multiplyAdd(d.here(dPtr, 0), d.w(), d.regs[i], d.t())
		if i < d.rows-1 {
			d.ADDQ(dLDA, dPtr)
		}
	}
	d.ADDQ(operand.U32(uint32(segmentStruct.size())), dSeg)
	d.DECQ(dSegs)
	d.JNZ(operand.LabelRef(tap))
	d.Label(sums)
	d.epilogue()
	d.eachRow("C", "COff", "LDC", func(i int, m operand.Mem) { d.store(d.regs[i], m) })
}

// multiplyAdd adds a vector in memory times w to acc.
func (d *depthwise) multiplyAdd(m operand.Mem, w, acc, tmp reg.Register) {
	if d.tail {
		d.load(m, tmp)
		d.VFMADD231PS(tmp, w, acc)
		return
	}
	d.VFMADD231PS(m, w, acc)
}

// unless jumps to label if a flag is clear.
func (d *depthwise) unless(flag, label string) {
	d.TESTL(operand.U32(uint32(flagValue(flag))), d.arg("Flags"))
	d.JZ(operand.LabelRef(label))
}

// eachRow calls f with the current channels of every pixel of a matrix.
func (d *depthwise) eachRow(name, off, ld string, f func(i int, m operand.Mem)) {
	d.element(dPtr, name, off)
	d.distance(ld, dLD)
	for i := range d.rows {
		f(i, d.here(dPtr, 0))
		if i < d.rows-1 {
			d.ADDQ(dLD, dPtr)
		}
	}
}

// epilogue applies scale, bias, residual and activation to the sums.
func (d *depthwise) epilogue() {
	bias, residual, relu, store := d.label("bias"), d.label("residual"), d.label("relu"), d.label("store")
	d.unless("FlagScale", bias)
	d.element(dPtr, "Scale", "VOff")
	d.load(d.here(dPtr, 0), d.w())
	for i := range d.rows {
		d.mul(d.w(), d.regs[i], d.regs[i])
	}
	d.Label(bias)
	d.unless("FlagBias", residual)
	d.element(dPtr, "Bias", "VOff")
	d.load(d.here(dPtr, 0), d.w())
	for i := range d.rows {
		d.add(d.w(), d.regs[i], d.regs[i])
	}
	d.Label(residual)
	d.unless("FlagResidual", relu)
	d.eachRow("Residual", "ROff", "LDR", func(i int, m operand.Mem) {
		d.load(m, d.t())
		d.add(d.t(), d.regs[i], d.regs[i])
	})
	d.Label(relu)
	d.unless("FlagReLU", store)
	d.zero(d.t())
	for i := range d.rows {
		d.lanes.relu(d.regs[i], d.t(), d.regs[i])
	}
	d.Label(store)
}

// emitOuter emits the kernel of one tap's weight gradients.
func (d *depthwise) emitOuter() {
	d.function("DepthwiseOuter", tileStruct,
		"DepthwiseOuter"+d.name+" computes, for Cols channels j,", "",
		"\tC[j] = Beta*C[j] + sum A[AOff+s.A+k*LDA+j] * B[BOff+s.B+k*LDB+j]", "",
		"summing over the segments s in order and, in each, over the pixels k = 0 to s.K-1, as",
		"one chain of fused multiply-adds. Without FlagLoad the sum starts at zero.")
	d.Commentf("%v..%v sums by vector of channels, %v..%v A", d.regs[0].Asm(), d.regs[depthwiseVectors-1].Asm(),
		d.regs[depthwiseVectors].Asm(), d.regs[2*depthwiseVectors-1].Asm())
	d.Comment("DI R8 bases of A B, R10 R11 lda ldb, SI BX segments, CX pixels, DX bytes of channels done, R13 channels left, R9 R12 A B")
	d.begin()
	d.distance("LDB", dLD)
	d.channels(depthwiseVectors, func() { d.sum(depthwiseVectors) })
	d.Comment("One vector a turn")
	d.channels(1, func() { d.sum(1) })
	d.Comment("The rest of the channels, masked")
	d.maskedChannels(d.label("end"), func() { d.sum(1) })
	d.done()
}

// sum computes some vectors of channels over all pixels.
func (d *depthwise) sum(vectors int) {
	zero, segs, seg, pixel, store := d.label("zero"), d.label("segs"), d.label("seg"), d.label("pixel"), d.label("store")
	acc, x := d.regs[:vectors], d.regs[depthwiseVectors:]
	d.unless("FlagLoad", zero)
	d.element(dPtr, "C", "COff")
	d.broadcast(d.arg("Beta"), d.w())
	for v := range vectors {
		d.load(d.here(dPtr, v), acc[v])
		d.mul(d.w(), acc[v], acc[v])
	}
	d.JMP(operand.LabelRef(segs))
	d.Label(zero)
	for v := range vectors {
		d.zero(acc[v])
	}
	d.Label(segs)
	d.MOVQ(d.arg("Segs"), dSeg)
	d.MOVQ(d.arg("Segs.len"), dSegs)
	d.TESTQ(dSegs, dSegs)
	d.JZ(operand.LabelRef(store))
	d.Label(seg)
	d.MOVQ(segmentStruct.at(dSeg, "A"), dSteps)
	d.LEAQ(operand.Mem{Base: dA, Index: dSteps, Scale: 4}, dPtr)
	d.MOVQ(segmentStruct.at(dSeg, "B"), dSteps)
	d.LEAQ(operand.Mem{Base: dB, Index: dSteps, Scale: 4}, dPtrB)
	d.MOVQ(segmentStruct.at(dSeg, "K"), dSteps)
	d.Label(pixel)
	for v := range vectors {
		d.load(d.here(dPtr, v), x[v])
		d.multiplyAdd(d.here(dPtrB, v), x[v], acc[v], d.t())
	}
	d.ADDQ(dLDA, dPtr)
	d.ADDQ(dLD, dPtrB)
	d.DECQ(dSteps)
	d.JNZ(operand.LabelRef(pixel))
	d.ADDQ(operand.U32(uint32(segmentStruct.size())), dSeg)
	d.DECQ(dSegs)
	d.JNZ(operand.LabelRef(seg))
	d.Label(store)
	d.element(dPtr, "C", "COff")
	for v := range vectors {
		d.store(acc[v], d.here(dPtr, v))
	}
}

func depthwiseDispatch() []byte {
	var b strings.Builder
	b.WriteString(dispatchHeader)
	b.WriteString("func depthwise(t Tier, rows int, a *TileArgs) {\nswitch t {\n")
	for _, v := range tiers {
		fmt.Fprintf(&b, "case %s:\nswitch rows {\n", v.name)
		for rows := 1; rows <= depthwiseRows; rows++ {
			fmt.Fprintf(&b, "case %d:\nasm.Depthwise%d%s(a)\n", rows, rows, v.name)
		}
		b.WriteString("default:\npanic(badRows)\n}\n")
	}
	b.WriteString("default:\nportableDepthwise(rows, a)\n}\n}\n\n")
	b.WriteString("func depthwiseOuter(t Tier, a *TileArgs) {\nswitch t {\n")
	for _, v := range tiers {
		fmt.Fprintf(&b, "case %s:\nasm.DepthwiseOuter%s(a)\n", v.name, v.name)
	}
	b.WriteString("default:\nportableDepthwiseOuter(a)\n}\n}\n")
	return gofmt(b.String())
}
