package main

import (
	"fmt"
	"strings"
)

// The most work of one assembly call. Assembly cannot be preempted: a call
// within these bounds ends in tens of microseconds, so a collection waits no
// longer than that.
const (
	maxFLOP  = 10_000_000
	maxBytes = 1 << 20
)

// maxSteps is the longest reduction of one tile call within both bounds,
// rounded down so that convolution's channel blocks divide it.
func maxSteps(v *isa) int {
	const block = 128
	byFLOP := maxFLOP / (2 * v.mr * v.nr())
	byBytes := maxBytes / (4 * (v.mr + v.nr()))
	return min(byFLOP, byBytes) / block * block
}

// maxRoofTurns keeps the FMA loop within maxFLOP.
func maxRoofTurns() int {
	turns := maxFLOP
	for _, v := range tiers {
		turns = min(turns, maxFLOP/roofFLOP(v))
	}
	return turns
}

// manifestSource is asm/manifest.go.
func manifestSource() []byte {
	var b strings.Builder
	b.WriteString(header + "package asm\n\n")
	b.WriteString("// The most work of one call, whatever the kernel.\nconst (\n")
	fmt.Fprintf(&b, "MaxFLOP = %d // floating-point operations\n", maxFLOP)
	fmt.Fprintf(&b, "MaxBytes = %d // bytes of operands\n", maxBytes)
	fmt.Fprintf(&b, "DepthwiseRows = %d // pixels of a depthwise kernel\n", depthwiseRows)
	fmt.Fprintf(&b, "MaxVector = %d // elements of an element-wise kernel\n", maxVector)
	fmt.Fprintf(&b, "DropoutRun = %d // elements that dropout treats together\n", dropoutRun)
	fmt.Fprintf(&b, "MaxRoofTurns = %d // turns of an FMA roof loop\n", maxRoofTurns())
	fmt.Fprintf(&b, "MaxWinograd = %d // channels of a Winograd transform\n)\n\n", maxWinograd())
	b.WriteString("// Register tiles: MR x NR results, and the most steps of one call's segments together.\nconst (\n")
	for _, v := range tiers {
		fmt.Fprintf(&b, "MR%[1]s = %[2]d\nNR%[1]s = %[3]d\nMaxSteps%[1]s = %[4]d\nRoofFLOP%[1]s = %[5]d // operations of a turn of the roof loop\n",
			v.name, v.mr, v.nr(), maxSteps(v), roofFLOP(v))
	}
	b.WriteString(")\n\n// A Kernel is an entry of the manifest.\ntype Kernel struct {\nName string\nTier string // avx2 or avx512\nRows, NR int // of a tile; 0 for other kernels\n}\n\n")
	b.WriteString("// Kernels lists every function of this package.\nvar Kernels = []Kernel{\n")
	for _, f := range families {
		for _, v := range tiers {
			for _, e := range f.entries(v) {
				fmt.Fprintf(&b, "{%q, %q, %d, %d},\n", e.name, v.tier, e.rows, e.nr)
			}
		}
	}
	b.WriteString("}\n")
	return gofmt(b.String())
}
