package main

import (
	"fmt"
	"strings"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

var dropoutStruct = &argStruct{
	name: "DropoutArgs",
	doc: `DropoutArgs describes one run of dropout: elements Off to Off+N-1, by random
numbers of Philox4x32-10 whose counter starts at (Block, Count2, Count3).`,
	fields: []field{
		{"Y", "[]float32", "result, may be X"},
		{"X", "[]float32", ""},
		{"Off", "int", "first element"},
		{"N", "int", "elements, a multiple of DropoutRun, at least 1 and at most MaxVector"},
		{"Block", "int", "block of the first four elements"},
		{"Count2", "uint32", "the counter's third word"},
		{"Count3", "uint32", "and fourth"},
		{"Key0", "uint32", ""},
		{"Key1", "uint32", ""},
		{"Drop", "uint32", "below it elements become 0"},
		{"Scale", "float32", "of the others"},
	},
}

// dropoutRun is the elements of a turn with AVX-512: 8 blocks of 4 numbers.
const dropoutRun = 32

// Constants of Philox4x32-10: multipliers and increments of the key.
const (
	philoxMul0, philoxMul1   = 0xD2511F53, 0xCD9E8D57
	philoxWeyl0, philoxWeyl1 = 0x9E3779B9, 0xBB67AE85
	philoxRounds             = 10
)

func dropoutFile(v *isa) *build.Context {
	k := newLanes(v)
	k.function("Dropout", dropoutStruct, "Dropout"+k.name+" computes Y = X*Scale, or 0 where the element's random number is below Drop.")
	emitDropout(k)
	return k.Context
}

func dropoutEntries(v *isa) []manifestEntry { return []manifestEntry{{name: "Dropout" + v.name}} }

// emitDropout emits the loop over blocks. A block's words are in 64-bit lanes,
// of which the lower half counts, so that a product needs no other place.
func emitDropout(k *lanes) {
	arg := func(name string) operand.Mem { return dropoutStruct.at(reg.RAX, name) }
	r := k.regs
	c0, c1, c2, c3, p0, p1, key0, key1 := r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7]
	block, start2, start3, first0, first1, drop, scale := r[8], r[9], r[10], r[11], r[12], r[13], r[14]
	k.Commentf("DI Y, SI X, CX elements left, %s..%s counter, %s %s products, %s %s key", c0.Asm(), c3.Asm(), p0.Asm(), p1.Asm(), key0.Asm(), key1.Asm())
	k.Load(k.Param("a"), reg.RAX)
	k.MOVQ(arg("Off"), reg.RBX)
	k.MOVQ(arg("Y"), reg.RDI)
	k.LEAQ(operand.Mem{Base: reg.RDI, Index: reg.RBX, Scale: 4}, reg.RDI)
	k.MOVQ(arg("X"), reg.RSI)
	k.LEAQ(operand.Mem{Base: reg.RSI, Index: reg.RBX, Scale: 4}, reg.RSI)
	k.MOVQ(arg("N"), reg.RCX)
	// Even lanes have the first half of the blocks and odd ones the second: that
	// is how unpacking puts them in order.
	blocks := k.lanes / 2
	var numbers []uint32
	for i := range blocks {
		numbers = append(numbers, uint32(i/2+i%2*blocks/2), 0)
	}
	k.VPBROADCASTQ(arg("Block"), block)
	k.VPADDQ(k.constant(numbers...), block, block)
	k.VPBROADCASTD(arg("Count2"), start2)
	k.VPBROADCASTD(arg("Count3"), start3)
	k.VPBROADCASTD(arg("Key0"), first0)
	k.VPBROADCASTD(arg("Key1"), first1)
	k.VPBROADCASTD(arg("Drop"), drop)
	k.broadcast(arg("Scale"), scale)

	k.alignLoop("turn")
	k.VMOVAPS(block, c0)
	k.VPSRLQ(operand.U8(32), block, c1)
	for _, m := range [][2]reg.Register{{start2, c2}, {start3, c3}, {first0, key0}, {first1, key1}} {
		k.VMOVAPS(m[0], m[1])
	}
	for round := range philoxRounds {
		if round > 0 {
			k.VPADDD(k.constant(philoxWeyl0), key0, key0)
			k.VPADDD(k.constant(philoxWeyl1), key1, key1)
		}
		k.VPMULUDQ(k.constant(philoxMul0), c0, p0)
		k.VPMULUDQ(k.constant(philoxMul1), c2, p1)
		k.VPSRLQ(operand.U8(32), p1, c0)
		k.VXORPS(c1, c0, c0)
		k.VXORPS(key0, c0, c0)
		k.VPSRLQ(operand.U8(32), p0, c2)
		k.VXORPS(c3, c2, c2)
		k.VXORPS(key1, c2, c2)
		c1, p1 = p1, c1
		c3, p0 = p0, c3
	}
	k.Comment("Words of a block side by side")
	for _, pair := range [][2]reg.Register{{c0, c1}, {c2, c3}} {
		k.VPSLLQ(operand.U8(32), pair[0], pair[0])
		k.VPSRLQ(operand.U8(32), pair[0], pair[0])
		k.VPSLLQ(operand.U8(32), pair[1], pair[1])
		k.VORPS(pair[1], pair[0], pair[0])
	}
	k.VPUNPCKLQDQ(c2, c0, p0)
	k.VPUNPCKHQDQ(c2, c0, p1)
	for i, random := range []reg.Register{p0, p1} {
		k.VMULPS(operand.Mem{Base: reg.RSI, Disp: i * k.bytes()}, scale, c0)
		k.VPMAXUD(random, drop, c1)
		if k.lanes == 16 {
			k.VPCMPEQD(random, c1, compareMask)
			k.VMOVAPS_Z(c0, compareMask, c0)
		} else {
			k.VPCMPEQD(random, c1, c1)
			k.VANDPS(c1, c0, c0)
		}
		k.VMOVUPS(c0, operand.Mem{Base: reg.RDI, Disp: i * k.bytes()})
	}
	k.VPADDQ(k.constant(uint32(blocks), 0), block, block)
	k.ADDQ(operand.U32(uint32(2*k.bytes())), reg.RSI)
	k.ADDQ(operand.U32(uint32(2*k.bytes())), reg.RDI)
	k.SUBQ(operand.U32(uint32(2*k.lanes)), reg.RCX)
	k.JNZ(operand.LabelRef("turn"))
	k.done()
}

func dropoutDispatch() []byte {
	var b strings.Builder
	b.WriteString(dispatchHeader)
	b.WriteString("func dropout(t Tier, a *DropoutArgs) bool {\nswitch t {\n")
	for _, v := range tiers {
		fmt.Fprintf(&b, "case %s:\nasm.Dropout%s(a)\n", v.name, v.name)
	}
	b.WriteString("default:\nreturn false\n}\nreturn true\n}\n")
	return gofmt(b.String())
}
