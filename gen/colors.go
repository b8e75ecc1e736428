package main

import (
	"fmt"
	"strings"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// colors is how many there are in a pixel.
const colors = 3

// A weave says where the lanes of the three results come from: lane l of result o is
// lane at of operand from.
type weave struct {
	name string
	of   func(lanes, o, l int) (from, at int)
}

var (
	// joinColors makes pixels of planes: float f of the pixels is color f%3 of pixel f/3.
	joinColors = weave{"JoinColors", func(lanes, o, l int) (from, at int) {
		f := lanes*o + l
		return f % colors, f / colors
	}}
	// splitColors makes planes of pixels: color o of pixel l is float 3l+o.
	splitColors = weave{"SplitColors", func(lanes, o, l int) (from, at int) {
		f := colors*l + o
		return f / lanes, f % lanes
	}}
)

func colorEntries(v *isa) (entries []manifestEntry) {
	for _, w := range []weave{joinColors, splitColors} {
		entries = append(entries, manifestEntry{name: w.name + v.name})
	}
	return entries
}

func colorDispatch() string {
	var b strings.Builder
	for _, w := range []weave{joinColors, splitColors} {
		lower := strings.ToLower(w.name[:1]) + w.name[1:]
		fmt.Fprintf(&b, "\nfunc %s(t Tier, a *TransposeArgs) {\nswitch t {\n", lower)
		for _, v := range tiers {
			fmt.Fprintf(&b, "case %s:\nasm.%s(a)\n", v.name, w.name+v.name)
		}
		b.WriteString("default:\nportableTranspose(a)\n}\n}\n")
	}
	return b.String()
}

// emitColors transposes three rows, or makes three: all lanes of a result take their
// places by one permutation, whichever operand they are of, and are then blended.
func emitColors(k *lanes, w weave) {
	join := w.name == joinColors.name
	doc := []string{w.name + k.name + " copies planes of three colors to pixels:", "",
		"\tDst[DOff+3*j+i] = Src[SOff+i*LDS+j], i < 3, j < Cols"}
	if !join {
		doc = []string{w.name + k.name + " copies pixels to planes of three colors:", "",
			"\tDst[DOff+j*LDD+i] = Src[SOff+3*i+j], i < Rows, j < 3"}
	}
	k.function(w.name, transposeStruct, append(doc, "",
		fmt.Sprintf("The pixels are a multiple of %d.", k.lanes))...)
	k.Comment("SI DI operand and result, R8 R9 between planes, R10 pixels left; V0-V2 operand, V3-V5 result, V6 V7 on the way, V8-V10 places")
	k.Load(k.Param("a"), trArgs)
	emitEnds(k)
	plane, length := trLDS, "Cols"
	if !join {
		plane, length = trLDD, "Rows"
	}
	k.MOVQ(transposeStruct.at(trArgs, length), trCols)
	in, out, places := k.regs[:colors], k.regs[colors:2*colors], k.regs[8:8+colors]
	for o := range colors {
		var at []uint32
		for l := range k.lanes {
			_, a := w.of(k.lanes, o, l)
			at = append(at, uint32(a))
		}
		k.VMOVUPS(k.constant(at...), places[o])
	}
	if k.lanes == 16 {
		for o := range colors {
			for from := 1; from < colors; from++ {
				k.MOVL(operand.U32(w.mask(16, o, from)), trRow.As32())
				k.KMOVW(trRow.As32(), colorMask(o, from))
			}
		}
	}

	k.Comment("A vector of pixels at a time")
	k.alignLoop("pixels")
	vector := 4 * k.lanes
	part := func(base, plane reg.GPPhysical, planes bool, i int) operand.Mem {
		if !planes {
			return operand.Mem{Base: base, Disp: vector * i}
		}
		if i == 0 {
			return operand.Mem{Base: base}
		}
		return operand.Mem{Base: base, Index: plane, Scale: uint8(i)}
	}
	for i := range colors {
		k.load(part(trSrc, plane, join, i), in[i])
	}
	for o := range colors {
		k.permute(in, places[o], out[o], w, o)
		k.store(out[o], part(trDst, plane, !join, o))
	}
	step := map[bool]int{true: vector, false: colors * vector}
	k.ADDQ(operand.U32(uint32(step[join])), trSrc)
	k.ADDQ(operand.U32(uint32(step[!join])), trDst)
	k.SUBQ(operand.Imm(uint64(k.lanes)), trCols)
	k.JNZ(operand.LabelRef("pixels"))
	k.done()
}

// mask has the lanes of result o that come from an operand.
func (w weave) mask(lanes, o, from int) (mask uint32) {
	for l := range lanes {
		if f, _ := w.of(lanes, o, l); f == from {
			mask |= 1 << l
		}
	}
	return mask
}

// colorMask is where AVX-512 keeps that mask, for operands 1 and 2.
func colorMask(o, from int) reg.Register {
	return []reg.Register{reg.K1, reg.K2, reg.K3, reg.K4, reg.K5, reg.K6}[2*o+from-1]
}

// permute gathers a result from the three operands.
func (k *lanes) permute(in []reg.Register, place, out reg.Register, w weave, o int) {
	k.VPERMPS(in[0], place, out)
	for from := 1; from < colors; from++ {
		if k.lanes == 16 {
			k.VPERMPS(in[from], place, colorMask(o, from), out)
			continue
		}
		tmp := k.regs[5+from]
		k.VPERMPS(in[from], place, tmp)
		k.VBLENDPS(operand.U8(w.mask(8, o, from)), tmp, out, out)
	}
}
