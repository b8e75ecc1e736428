package main

import (
	"fmt"
	"strings"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// General registers of a Panel tile beside those of Rows.
var (
	rResult  = reg.RSI // a row of C
	rThere   = reg.RDI // what is asked for, for a while
	rLater   = reg.R13 // B of a later panel
	rLaterLD = reg.RDX // 4*LDB
)

var panelDoc = []string{
	"",
	"for k = 0 to Segs[0].K-1 as one chain of fused multiply-adds, and prefetches its rows of",
	"C, some of B of a later panel, which is in P, and, unless AheadA is 0, A of a later tile.",
	"See the package documentation for the contract.",
}

// emitPanel adds the one segment of a Panel tile to the accumulators. A is asked
// for in a loop of its own: most calls have nothing to ask for, and 14 prefetches
// every unroll steps would take load slots for it.
func (t *tile) emitPanel() {
	t.Comment("Reduction: one segment; B of a later panel on its way to L2, C to L1")
	t.MOVQ(t.arg("Segs"), rK)
	t.MOVQ(segmentStruct.at(rK, "K"), rK)
	t.prefetchShort()
	t.element(rB, "B", "BOff")
	t.element(rLater, "P", "POff")
	t.pointResult()
	t.element(rA, "A", "AOff")
	t.strides()
	t.MOVQ(t.arg("LDB"), rLaterLD)
	t.SHLQ(operand.Imm(2), rLaterLD)
	t.CMPQ(t.arg("AheadA"), operand.Imm(0))
	t.JNE(operand.LabelRef("fetching"))
	t.emitSteps("", t.loadB, t.fetchPanel, t.advancePanel)
	t.JMP(operand.LabelRef("epilogue"))

	t.Label("fetching")
	t.Comment("The same, and A of a later tile")
	t.emitSteps("_fetching", t.loadB, func(step int) {
		t.fetchNext(step)
		t.fetchPanel(step)
	}, t.advancePanel)
	t.Label("epilogue")
}

// fetchPanel asks for some of B of a later panel and for C.
func (t *tile) fetchPanel(step int) {
	t.fetchLater(step)
	t.fetchResult(step, rResult, rThere, t.resultSteps())
}

// advancePanel moves A and the panels on.
func (t *tile) advancePanel(steps int) {
	t.advance(steps)
	if steps == unroll {
		t.LEAQ(operand.Mem{Base: rLater, Index: rLaterLD, Scale: laterSteps}, rLater)
	}
}

// fetchNext asks for a share of the rows of a later tile; all of them are asked
// for every unroll steps. Once a line instead loses 2 to 9 points of %peak at
// 12544 x 64 x 147 (AVX-512).
func (t *tile) fetchNext(step int) {
	row, end, base := step, min(t.rows, basePerHalf), rA
	if step >= 2 {
		row, end, base = step-2+basePerHalf, t.rows, rAHigh
	}
	if row >= end {
		return
	}
	t.MOVQ(t.arg("AheadA"), rThere)
	t.LEAQ(operand.Mem{Base: base, Index: rThere, Scale: 4}, rThere)
	for ; row < end; row += 2 {
		m := t.aElement(row, 0)
		m.Base = rThere
		t.PREFETCHT1(m)
	}
}

// laterSteps is how many steps of a later panel are asked for every unroll steps:
// two tiles fetch it whole.
const laterSteps = 2

// fetchLater asks for the last byte of each line's length of a step: the first
// ones, if it starts within a line, belong to the panel before.
func (t *tile) fetchLater(step int) {
	const line = 64
	if step >= laterSteps {
		return
	}
	for at := line - 1; at < tileVectors*t.bytes(); at += line {
		m := stepped(rLater, rLaterLD, nil, step)
		m.Disp = at
		t.PREFETCHT1(m)
	}
}

// panelForms are the two forms of the family.
func panelForms(v *isa) (all []*tile) {
	for _, fused := range []bool{true, false} {
		for rows := 1; rows <= v.mr; rows++ {
			all = append(all, &tile{isa: v, rows: rows, fused: fused, panel: !fused})
		}
	}
	return all
}

func panelFile(v *isa) *build.Context {
	c := build.NewContext()
	c.ConstraintExpr("amd64,!purego")
	var table operand.Mem
	if v.lanes == 8 {
		table = emitMaskTable(c)
	}
	for _, t := range panelForms(v) {
		t.Context, t.maskTable = c, table
		begin(c, t.name(), argPointer(tileStruct), t.doc())
		t.emit()
	}
	return c
}

func panelEntries(v *isa) (all []manifestEntry) {
	for _, t := range panelForms(v) {
		all = append(all, manifestEntry{t.name(), t.rows, v.nr()})
	}
	return all
}

func panelDispatch() []byte {
	var b strings.Builder
	b.WriteString(dispatchHeader)
	for _, form := range []string{"Fused", "Panel"} {
		fmt.Fprintf(&b, "func tile%s(t Tier, rows int, a *TileArgs) {\nswitch t {\n", form)
		for _, v := range tiers {
			fmt.Fprintf(&b, "case %s:\nswitch rows {\n", v.name)
			for _, t := range panelForms(v) {
				if t.form() == form {
					fmt.Fprintf(&b, "case %d:\nasm.%s(a)\n", t.rows, t.name())
				}
			}
			b.WriteString("default:\npanic(badRows)\n}\n")
		}
		fmt.Fprintf(&b, "default:\nportable%s(rows, a)\n}\n}\n\n", form)
	}
	return gofmt(b.String())
}
