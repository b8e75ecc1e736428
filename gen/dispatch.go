package main

import (
	"fmt"
	"strings"
)

// dispatchSource is kernels/micro/dispatch_amd64.go. A switch and not a table
// of functions: a call through a variable would make its argument escape.
func dispatchSource() []byte {
	var b strings.Builder
	b.WriteString(header + "//go:build amd64 && !purego\n\npackage micro\n\nimport \"github.com/simdconv/simdconv/asm\"\n\n")
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
	b.WriteString("func roofTurns(t Tier, n int) {\nswitch t {\n")
	for _, v := range tiers {
		fmt.Fprintf(&b, "case %s:\nasm.%s(n)\n", v.name, roofName(v))
	}
	b.WriteString("default:\nportableRoof(n)\n}\n}\n")
	return gofmt(b.String())
}
