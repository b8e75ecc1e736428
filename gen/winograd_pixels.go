package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// General registers of the transform into pixels. It has rArgs and rLeft, too.
var (
	rMCol  = reg.RBX // current column of planes
	rMNext = reg.RSI // distances in bytes: between columns of planes,
	rMRow  = reg.RDI // between their rows
	rMRow3 = reg.R8
	rMUp   = reg.R9  // current column, one row of planes on
	rDone  = reg.RDX // bytes of the channels done
	rPix   = reg.R10 // current pixel of Y
	rYCol  = reg.R11 // bytes between pixels
	rRes   = reg.R12 // current pixel of Residual
	rTail  = reg.R13 // AVX2's mask
)

// emitPixels emits the transform of planes back into pixels.
func (w *winograd) emitPixels() {
	w.Comment("AX args, CX channels left, DX bytes done; BX M, SI DI R8 plane row 3row of planes, R9 M one row on; R10 Y, R11 pixel, R12 Residual, R13 mask")
	w.Load(w.Param("a"), rArgs)
	w.hold(w.constants()...)
	w.bytesOf("Plane", rMNext)
	w.triple(rMNext, rMRow3)
	w.XORL(rMRow.As32(), rMRow.As32())
	w.LEAQ(w.rowOf(rMRow, rMNext, rMRow3), rMRow)
	w.triple(rMRow, rMRow3)
	w.bytesOf("YCol", rYCol)
	w.XORQ(rDone, rDone)
	w.MOVQ(w.arg("N"), rLeft)
	w.eachVector(rPix, rTail, w.pixels, func() { w.ADDQ(operand.U32(uint32(w.bytes())), rDone) })
}

// at sets ptr to element off of slice name at the current channels.
func (w *winograd) at(ptr reg.GPPhysical, name, off string) {
	w.MOVQ(w.arg(name), ptr)
	w.MOVQ(w.arg(off), rRes)
	w.LEAQ(operand.Mem{Base: ptr, Index: rRes, Scale: 4}, ptr)
	w.ADDQ(rDone, ptr)
}

// pixels transforms one vector of channels.
func (w *winograd) pixels(ragged bool) {
	stages := w.stages()
	for _, s := range stages.first(w.isa) {
		w.Commentf("Rows %v: the columns, then along each row", s.rows)
		w.at(rMCol, "M", "MOff")
		rows := w.firstDimension(s, func(col int) {
			if col > 0 {
				w.ADDQ(rMNext, rMCol)
			}
			w.LEAQ(operand.Mem{Base: rMCol, Index: rMRow, Scale: 1}, rMUp)
		}, func(i int) value {
			return w.load(multiple(rMCol, rMUp, rMRow, rMRow3, i), false, nil)
		})
		for _, row := range s.rows {
			suffix := fmt.Sprintf("_%d", row)
			if ragged {
				suffix += "_ragged"
			}
			if row > 0 {
				w.CMPQ(w.arg("Rows"), operand.Imm(uint64(row)))
				w.JLE(operand.LabelRef("end" + suffix))
			}
			y := make([]value, w.out)
			w.secondDimension(stages, rows[row], func(col int, v value) { y[col] = v })
			w.pixelRow(row)
			w.epilogue(y, suffix, ragged)
			w.storeRow(y, suffix, ragged)
			for _, v := range y {
				w.drop(v)
			}
			w.Label("end" + suffix)
		}
	}
}

// pixelRow points rPix at the first pixel of a row.
func (w *winograd) pixelRow(row int) {
	w.at(rPix, "Y", "YOff")
	if row == 0 {
		return
	}
	w.bytesOf("YRow", rRes)
	if row == 3 || row == 5 {
		w.ADDQ(rRes, rPix)
		row--
	}
	w.LEAQ(operand.Mem{Base: rPix, Index: rRes, Scale: uint8(row)}, rPix)
}

// unless jumps to label if a flag is clear.
func (w *winograd) unless(flags uint64, label string) {
	w.MOVL(w.arg("Flags"), rRes.As32())
	w.TESTL(operand.U32(uint32(flags)), rRes.As32())
	w.JZ(operand.LabelRef(label))
}

// epilogue applies scale, bias, residual and activation to a row of pixels.
func (w *winograd) epilogue(y []value, suffix string, ragged bool) {
	bias, residual, relu, store := "bias"+suffix, "residual"+suffix, "relu"+suffix, "store"+suffix
	scale, add, res, max := flagValue("FlagScale"), flagValue("FlagBias"), flagValue("FlagResidual"), flagValue("FlagReLU")
	w.unless(scale|add|res|max, store)
	perChannel := func(name string, op func(v, y value)) {
		w.at(rMCol, name, "COff")
		v := w.load(operand.Mem{Base: rMCol}, ragged, rTail)
		for _, y := range y {
			op(v, y)
		}
		w.drop(v)
	}
	w.unless(scale, bias)
	perChannel("Scale", func(v, y value) { w.VMULPS(v.Register, y.Register, y.Register) })
	w.Label(bias)
	w.unless(add, residual)
	perChannel("Bias", func(v, y value) { w.VADDPS(v.Register, y.Register, y.Register) })

	w.Label(residual)
	w.unless(res, relu)
	w.MOVQ(w.arg("Residual"), rRes)
	w.SUBQ(w.arg("Y"), rRes)
	w.ADDQ(rPix, rRes)
	w.eachPixel(y, rRes, relu, func(y value, m operand.Mem) {
		v := w.load(m, ragged, rTail)
		w.VADDPS(v.Register, y.Register, y.Register)
		w.drop(v)
	})

	w.Label(relu)
	w.unless(max, store)
	zero := w.take()
	if w.lanes == 16 {
		w.VPXORD(zero.Register, zero.Register, zero.Register)
	} else {
		w.VXORPS(zero.Register, zero.Register, zero.Register)
	}
	for _, y := range y {
		// MAXPS returns its second source for NaN and equal zeros: the sum.
		w.VMAXPS(y.Register, zero.Register, y.Register)
	}
	w.drop(zero)
	w.Label(store)
}

// eachPixel calls f for the pixels of a row that there are, and goes on at end.
func (w *winograd) eachPixel(y []value, ptr reg.Register, end string, f func(y value, m operand.Mem)) {
	for col, v := range y {
		if col > 0 {
			w.CMPQ(w.arg("Cols"), operand.Imm(uint64(col)))
			w.JLE(operand.LabelRef(end))
			w.ADDQ(rYCol, ptr)
		}
		f(v, operand.Mem{Base: ptr})
	}
}

// streamRow writes the pixels of a row past the caches, if Stream asks for it and
// they start on lines.
func (w *winograd) streamRow(y []value, suffix string) {
	usual := "usual" + suffix
	w.MOVL(w.arg("Stream"), rRes.As32())
	w.TESTL(rRes.As32(), rRes.As32())
	w.JZ(operand.LabelRef(usual))
	w.MOVQ(rPix, rRes)
	w.ORQ(rYCol, rRes)
	w.TESTQ(operand.U32(streamAlign-1), rRes)
	w.JNZ(operand.LabelRef(usual))
	w.eachPixel(y, rPix, "end"+suffix, func(y value, m operand.Mem) { w.VMOVNTPS(y.Register, m) })
	w.JMP(operand.LabelRef("end" + suffix))
	w.Label(usual)
}

// storeRow writes the pixels of a row that there are.
func (w *winograd) storeRow(y []value, suffix string, ragged bool) {
	if !ragged && w.streams() {
		w.streamRow(y, suffix)
	}
	w.eachPixel(y, rPix, "end"+suffix, func(y value, m operand.Mem) {
		switch {
		case !ragged:
			w.VMOVUPS(y.Register, m)
		case w.lanes == 16:
			w.VMOVUPS(y.Register, reg.K1, m)
		default:
			mask := w.take()
			w.VMOVUPS(operand.Mem{Base: rTail}, mask.Register)
			w.VMASKMOVPS(y.Register, mask.Register, m)
			w.drop(mask)
		}
	})
}
