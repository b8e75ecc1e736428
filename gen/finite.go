package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// emitFinite emits the search for NaN and infinities: the largest magnitude as
// an integer is at least that of +Inf.
func emitFinite(k *lanes) {
	const infinity, magnitude = 0x7f800000, 0x7fffffff
	k.function("VectorFinite", vectorStruct,
		"VectorFinite"+k.name+" sets Found to 0 if all elements of X0 are finite, and else to another number.")
	k.Comment("DI X0, DX bytes done, CX elements left, the first four vectors the largest magnitudes")
	k.start([]int{0})
	acc, mask := k.regs[:vectorUnroll], k.regs[8]
	for _, r := range acc {
		k.zero(r)
	}
	k.VMOVUPS(k.constant(magnitude), mask)
	k.elements(vectorUnroll, func(u int) {
		m := operand.Mem{Base: vOperands[0], Index: vIndex, Scale: 1, Disp: u * k.bytes()}
		x := k.regs[vectorUnroll+u]
		if k.tail {
			k.load(m, x)
			k.VANDPS(mask, x, x)
		} else {
			k.VANDPS(m, mask, x)
		}
		k.VPMAXSD(x, acc[u], acc[u])
	})
	k.Comment("Fold, and compare with infinity")
	k.VPMAXSD(acc[1], acc[0], acc[0])
	k.VPMAXSD(acc[3], acc[2], acc[2])
	k.VPMAXSD(acc[2], acc[0], acc[0])
	y0, y1 := reg.Y0, reg.Y1
	if k.lanes == 16 {
		k.VEXTRACTF32X8(operand.U8(1), acc[0], y1)
		k.VPMAXSD(y1, y0, y0)
	}
	k.VMOVUPS(k.constant(infinity-1), y1)
	k.VPCMPGTD(y1, y0, y0)
	k.VMOVMSKPS(y0, vTmp.As32())
	k.Load(k.Param("a"), reg.RAX)
	k.MOVL(vTmp.As32(), vectorStruct.at(reg.RAX, "Found"))
	k.done()
}
