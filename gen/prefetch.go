package main

import (
	"fmt"
	"strings"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

var prefetchStruct = &argStruct{
	name: "PrefetchArgs",
	doc:  `PrefetchArgs describes Rows rows of N elements, LD apart, that are read before long.`,
	fields: []field{
		{"X", "[]float32", ""},
		{"Off", "int", "where the first row starts"},
		{"LD", "int", "between rows"},
		{"Rows", "int", "at least 1"},
		{"N", "int", "of a row, at least 1"},
	},
}

func prefetchName(v *isa) string { return "Prefetch" + v.name }

// prefetchFile has the kernel that asks for rows: the same for all tiers, as a
// prefetch needs no vectors.
func prefetchFile(v *isa) *build.Context {
	const line = 64
	c := build.NewContext()
	c.ConstraintExpr("amd64,!purego")
	begin(c, prefetchName(v), argPointer(prefetchStruct), []string{
		prefetchName(v) + " asks for every line of Rows rows of N elements of X from Off on to come to the second",
		"cache.",
	})
	arg := func(name string) operand.Mem { return prefetchStruct.at(reg.RAX, name) }
	c.Comment("BX row, DX its length in bytes, DI distance of rows, CX rows left, SI bytes left of a row")
	c.Load(c.Param("a"), reg.RAX)
	c.MOVQ(arg("X"), reg.RBX)
	c.MOVQ(arg("Off"), reg.RDX)
	c.LEAQ(operand.Mem{Base: reg.RBX, Index: reg.RDX, Scale: 4}, reg.RBX)
	c.MOVQ(arg("LD"), reg.RDI)
	c.SHLQ(operand.Imm(2), reg.RDI)
	c.MOVQ(arg("N"), reg.RDX)
	c.SHLQ(operand.Imm(2), reg.RDX)
	c.MOVQ(arg("Rows"), reg.RCX)
	c.Label("row")
	c.Comment("The last byte's line, then the others from the back: a row starts anywhere")
	c.LEAQ(operand.Mem{Base: reg.RDX, Disp: -1}, reg.RSI)
	c.Label("line")
	c.PREFETCHT1(operand.Mem{Base: reg.RBX, Index: reg.RSI, Scale: 1})
	c.SUBQ(operand.Imm(line), reg.RSI)
	c.JGE(operand.LabelRef("line"))
	c.PREFETCHT1(operand.Mem{Base: reg.RBX})
	c.ADDQ(reg.RDI, reg.RBX)
	c.DECQ(reg.RCX)
	c.JNZ(operand.LabelRef("row"))
	c.VZEROUPPER()
	c.RET()
	return c
}

func prefetchEntries(v *isa) []manifestEntry { return []manifestEntry{{name: prefetchName(v)}} }

func prefetchDispatch() []byte {
	var b strings.Builder
	b.WriteString(dispatchHeader)
	b.WriteString("func prefetch(t Tier, a *PrefetchArgs) {\nswitch t {\n")
	for _, v := range tiers {
		fmt.Fprintf(&b, "case %s:\nasm.%s(a)\n", v.name, prefetchName(v))
	}
	b.WriteString("}\n}\n")
	return gofmt(b.String())
}
