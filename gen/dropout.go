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
		{"Keys", "[20]uint32", "room for those of the rounds"},
		{"Drop", "uint32", "below it elements become 0"},
		{"Scale", "float32", "of the others"},
		streamField,
	},
}

// dropoutRun is the elements of a turn with AVX-512: 32 blocks of 4 numbers.
const dropoutRun = 128

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

// A philox is the registers of a chain of rounds: the counter of blocks and room
// for two products. A block's words are in 64-bit lanes, of which the lower half
// counts, so that a product needs no other place.
type philox struct{ c0, c1, c2, c3, p0, p1 reg.Register }

// Registers of all chains.
const (
	dropBlock, dropMul0, dropMul1 = 0, 1, 2

	dropChains = 3 // first register of a chain
	chainRegs  = 6
)

// chains is how many blocks of random numbers are made by turns: a chain waits for
// itself for some 50 cycles, of which it keeps AVX-512's units busy for 30 and AVX2's
// for 24. With four, AVX-512 gains 10% over two; AVX2 has registers for two, and
// gains 35% over one.
func (k *lanes) chains() int {
	if k.lanes == 16 {
		return 4
	}
	return 2
}

// emitDropout emits the loop over blocks.
func emitDropout(k *lanes) {
	arg := func(name string) operand.Mem { return dropoutStruct.at(reg.RAX, name) }
	r := k.regs
	k.Comment("DI Y, SI X, CX elements left, R8 arguments; the first vectors block and multipliers, then six for each chain")
	k.Load(k.Param("a"), reg.RAX)
	k.MOVQ(reg.RAX, reg.R8)
	k.MOVQ(arg("Off"), reg.RBX)
	k.MOVQ(arg("Y"), reg.RDI)
	k.LEAQ(operand.Mem{Base: reg.RDI, Index: reg.RBX, Scale: 4}, reg.RDI)
	k.MOVQ(arg("X"), reg.RSI)
	k.LEAQ(operand.Mem{Base: reg.RSI, Index: reg.RBX, Scale: 4}, reg.RSI)
	k.MOVQ(arg("N"), reg.RCX)
	k.streamable(dropoutStruct, reg.RDI)
	// Even lanes have the first half of the blocks and odd ones the second: that
	// is how unpacking puts them in order.
	blocks := k.lanes / 2
	var numbers []uint32
	for i := range blocks {
		numbers = append(numbers, uint32(i/2+i%2*blocks/2), 0)
	}
	k.VPBROADCASTQ(arg("Block"), r[dropBlock])
	k.VPADDQ(k.constant(numbers...), r[dropBlock], r[dropBlock])
	k.VMOVUPS(k.constant(philoxMul0), r[dropMul0])
	k.VMOVUPS(k.constant(philoxMul1), r[dropMul1])
	if k.lanes == 16 {
		k.MOVL(operand.U32(0xaaaa), reg.EBX)
		k.KMOVW(reg.EBX, oddLanes)
	}
	k.Comment("Keys of the rounds")
	for i, key := range []struct {
		name string
		weyl uint32
	}{{"Key0", philoxWeyl0}, {"Key1", philoxWeyl1}} {
		k.MOVL(arg(key.name), reg.EBX)
		for round := range philoxRounds {
			if round > 0 {
				k.ADDL(operand.U32(key.weyl), reg.EBX)
			}
			k.MOVL(reg.EBX, roundKey(round, i))
		}
	}
	run := operand.U32(uint32(2 * k.chains() * k.lanes))
	k.SUBQ(run, reg.RCX)
	turn := func() {
		emitRandom(k)
		k.SUBQ(run, reg.RCX)
	}
	k.streamTurns("turn", "end", turn)
	k.alignLoop("turn")
	turn()
	k.JGE(operand.LabelRef("turn"))
	k.Label("end")
	k.done()
}

// oddLanes is AVX-512's mask of them.
var oddLanes = reg.K3

// roundKey is the word i of a round's key.
func roundKey(round, i int) operand.Mem {
	return dropoutStruct.at(reg.R8, "Keys").Offset(4 * (2*round + i))
}

// emitRandom emits a turn: two vectors of elements for each chain.
func emitRandom(k *lanes) {
	r := k.regs
	block := r[dropBlock]
	chains := make([]philox, k.chains())
	for i := range chains {
		f := r[dropChains+i*chainRegs:]
		chains[i] = philox{f[0], f[1], f[2], f[3], f[4], f[5]}
	}
	step := k.constant(uint32(k.lanes/2), 0)
	for i := range chains {
		c := &chains[i]
		k.VPMULUDQ(r[dropMul0], block, c.c3)
		k.VPBROADCASTD(dropoutStruct.at(reg.R8, "Count2"), c.c1)
		k.VPMULUDQ(r[dropMul1], c.c1, c.c1)
		k.VPSRLQ(operand.U8(32), block, c.p0)
		k.VPADDQ(step, block, block)
		k.mixPhilox(0, c.c1, c.p0, c.p1, c.c0)
		k.VPBROADCASTD(dropoutStruct.at(reg.R8, "Count3"), c.p0)
		k.mixPhilox(1, c.c3, c.p0, c.p1, c.c2)
	}
	for round := 1; round < philoxRounds; round++ {
		for i := range chains {
			c := &chains[i]
			k.VPMULUDQ(r[dropMul0], c.c0, c.p0)
			k.VPMULUDQ(r[dropMul1], c.c2, c.p1)
			k.mixPhilox(2*round, c.p1, c.c1, c.c2, c.c0)
			k.mixPhilox(2*round+1, c.p0, c.c3, c.c1, c.c2)
			c.c1, c.p1 = c.p1, c.c1
			c.c3, c.p0 = c.p0, c.c3
		}
	}
	k.Comment("Words of a block side by side, and what they decide")
	for _, c := range chains {
		k.interleave(c.c1, c.c0)
		k.interleave(c.c3, c.c2)
		k.VPUNPCKLQDQ(c.c2, c.c0, c.p0)
		k.VPUNPCKHQDQ(c.c2, c.c0, c.p1)
	}
	drop, scale := chains[0].c1, chains[0].c3
	k.VPBROADCASTD(dropoutStruct.at(reg.R8, "Drop"), drop)
	k.broadcast(dropoutStruct.at(reg.R8, "Scale"), scale)
	for i, c := range chains {
		for half, random := range []reg.Register{c.p0, c.p1} {
			k.keepRandom(random, drop, scale, 2*i+half, c.c0, c.c2)
		}
	}
	k.ADDQ(operand.U32(uint32(2*len(chains)*k.bytes())), reg.RSI)
	k.ADDQ(operand.U32(uint32(2*len(chains)*k.bytes())), reg.RDI)
}

// mixPhilox sets dst to the upper half of product, xor word, xor word number key
// of the keys, with nothing but the shift and one operation behind the product. It
// changes tmp, which must be none of the others, with AVX2.
func (k *lanes) mixPhilox(key int, product, word, tmp, dst reg.Register) {
	m := roundKey(key/2, key%2)
	if k.lanes == 16 {
		const xor = 0x96
		k.VPSRLQ(operand.U8(32), product, dst)
		k.VPTERNLOGD_BCST(operand.U8(xor), m, word, dst)
		return
	}
	k.VPBROADCASTD(m, tmp)
	k.VXORPS(word, tmp, tmp)
	k.VPSRLQ(operand.U8(32), product, dst)
	k.VXORPS(tmp, dst, dst)
}

// interleave puts the even lanes of x into the odd ones of dst.
func (k *lanes) interleave(x, dst reg.Register) {
	if k.lanes == 16 {
		k.VMOVSLDUP(x, oddLanes, dst)
		return
	}
	k.VPSLLQ(operand.U8(32), x, x)
	k.VPBLENDD(operand.U8(0xaa), x, dst, dst)
}

// keepRandom writes vector i of the turn: X*Scale, or 0 where random is below Drop.
func (k *lanes) keepRandom(random, drop, scale reg.Register, i int, x, tmp reg.Register) {
	m := operand.Mem{Base: reg.RSI, Disp: i * k.bytes()}
	if k.lanes == 16 {
		const notLess = 5
		k.VPCMPUD(operand.U8(notLess), drop, random, compareMask)
		k.VMULPS_Z(m, scale, compareMask, x)
	} else {
		k.VMULPS(m, scale, x)
		k.VPMAXUD(random, drop, tmp)
		k.VPCMPEQD(random, tmp, tmp)
		k.VANDPS(tmp, x, x)
	}
	k.store(x, operand.Mem{Base: reg.RDI, Disp: i * k.bytes()})
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
