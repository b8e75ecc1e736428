package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// roofChains is the number of independent chains: more than the product of FMA
// latency (4) and pipes (2) on every CPU of interest.
const roofChains = 12

func roofName(v *isa) string { return "FMARoof" + v.name }

func roofDoc(v *isa) []string {
	return []string{
		fmt.Sprintf("%s runs n turns of %d independent fused multiply-adds on registers alone:", roofName(v), roofChains),
		fmt.Sprintf("%d*n floating-point operations, as fast as the core can do them. n must be", roofFLOP(v)),
		"at least 1 and at most MaxRoofTurns.",
	}
}

// roofFLOP is the number of operations of one turn.
func roofFLOP(v *isa) int { return 2 * roofChains * v.lanes }

// emitRoof emits the register-only FMA loop that %peak is measured against.
func emitRoof(c *build.Context, v *isa) {
	c.Comment("The first 12 vectors are the chains, the next two their factors (zero)")
	for i := range roofChains + 2 {
		r := v.regs[i]
		if v.lanes == 16 {
			c.VPXORD(r, r, r)
		} else {
			c.VXORPS(r, r, r)
		}
	}
	c.Load(c.Param("n"), reg.RCX)
	c.Label("turn")
	for i := range roofChains {
		c.VFMADD231PS(v.regs[roofChains], v.regs[roofChains+1], v.regs[i])
	}
	c.DECQ(reg.RCX)
	c.JNZ(operand.LabelRef("turn"))
	c.VZEROUPPER()
	c.RET()
}
