package main

import (
	"fmt"
	"strings"
)

// dispatchHeader begins a file of switches on the tier. Switches and not tables
// of functions: a call through a variable would make its argument escape.
const dispatchHeader = header + "//go:build amd64 && !purego\n\npackage micro\n\nimport \"github.com/simdconv/simdconv/asm\"\n\n"

func sgemmDispatch() []byte {
	var b strings.Builder
	b.WriteString(dispatchHeader)
	for _, outer := range []bool{false, true} {
		form := (&tile{outer: outer}).form()
		fmt.Fprintf(&b, "func tile%s(t Tier, rows int, a *TileArgs) {\nswitch t {\n", form)
		for _, v := range tiers {
			fmt.Fprintf(&b, "case %s:\nswitch rows {\n", v.name)
			for rows := 1; rows <= v.mr; rows++ {
				fmt.Fprintf(&b, "case %d:\nasm.%s(a)\n", rows, (&tile{isa: v, rows: rows, outer: outer}).name())
			}
			b.WriteString("default:\npanic(badRows)\n}\n")
		}
		fmt.Fprintf(&b, "default:\nportable%s(rows, a)\n}\n}\n\n", form)
	}
	return gofmt(b.String())
}

func roofDispatch() []byte {
	var b strings.Builder
	b.WriteString(dispatchHeader)
	b.WriteString("func roofTurns(t Tier, n int) {\nswitch t {\n")
	for _, v := range tiers {
		fmt.Fprintf(&b, "case %s:\nasm.%s(n)\n", v.name, roofName(v))
	}
	b.WriteString("default:\nportableRoof(n)\n}\n}\n")
	return gofmt(b.String())
}

// operationDispatch is the switch of a family whose kernels are named for an
// operation: func <name>(t Tier, op <Name>Op, a *<Name>Args).
func operationDispatch(name, title string, operations []string) []byte {
	typ := strings.TrimSuffix(title, "s")
	var b strings.Builder
	b.WriteString(dispatchHeader)
	fmt.Fprintf(&b, "func %s(t Tier, op %sOp, a *%sArgs) {\nswitch t {\n", name, typ, typ)
	for _, v := range tiers {
		fmt.Fprintf(&b, "case %s:\nswitch op {\n", v.name)
		for _, operation := range operations {
			fmt.Fprintf(&b, "case Op%s:\nasm.%s%s%s(a)\n", operation, typ, operation, v.name)
		}
		b.WriteString("default:\npanic(badOp)\n}\n")
	}
	fmt.Fprintf(&b, "default:\nportable%s(op, a)\n}\n}\n", title)
	return gofmt(b.String())
}
