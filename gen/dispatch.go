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
