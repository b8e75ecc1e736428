package main

import (
	"fmt"
	"strings"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// gemvRows is the most rows of a product that goes through B once, row by row.
const gemvRows = 4

// gemvSteps is how many rows of B a call adds: as many as the broadcasts of A
// have registers for.
func gemvSteps(v *isa, rows int) int {
	if v.lanes == 16 {
		return []int{8, 8, 8, 4}[rows-1]
	}
	return []int{8, 4, 2, 2}[rows-1]
}

// A gemv emits one kernel: rows of C plus rows x steps of A times steps of B.
type gemv struct {
	*lanes
	rows, steps int
}

// General registers of a gemv.
var (
	gvB     = reg.RBX // rows 0 to 6 of B
	gvBHigh = reg.R13 // row 7
	gvLDB   = reg.R10
	gvLDB3  = reg.R11
	gvLDB5  = reg.R12
	gvC     = reg.RDI
	gvLDC   = reg.R8
	gvLDC3  = reg.R9
	gvCols  = reg.RDX
	gvA     = reg.RSI
	gvTmp   = reg.RCX
)

func (k *gemv) kernel() string { return fmt.Sprintf("Gemv%dx%d", k.rows, k.steps) }

// gemvShapes are the kernels of a tier by rows: many steps, or one.
func gemvShapes(v *isa) (all [][2]int) {
	for rows := 1; rows <= gemvRows; rows++ {
		all = append(all, [2]int{rows, gemvSteps(v, rows)}, [2]int{rows, 1})
	}
	return all
}

func gemvFile(v *isa) *build.Context {
	l := newLanes(v)
	for _, s := range gemvShapes(v) {
		(&gemv{l, s[0], s[1]}).emit()
	}
	return l.Context
}

func gemvEntries(v *isa) (all []manifestEntry) {
	for _, s := range gemvShapes(v) {
		all = append(all, manifestEntry{name: (&gemv{nil, s[0], s[1]}).kernel() + v.name})
	}
	return all
}

func gemvDispatch() []byte {
	var b strings.Builder
	b.WriteString(dispatchHeader)
	b.WriteString("// gemvSteps is how many steps the long kernel of each number of rows takes.\n")
	fmt.Fprintf(&b, "var gemvSteps = [...][%d]int{\nGeneric: {1, 1, 1, 1},\n", gemvRows)
	for _, v := range tiers {
		fmt.Fprintf(&b, "%s: {%d, %d, %d, %d},\n", v.name, gemvSteps(v, 1), gemvSteps(v, 2), gemvSteps(v, 3), gemvSteps(v, 4))
	}
	b.WriteString("}\n\nfunc gemv(t Tier, rows, steps int, a *TileArgs) {\nswitch t {\n")
	for _, v := range tiers {
		fmt.Fprintf(&b, "case %s:\nswitch [2]int{rows, steps} {\n", v.name)
		for _, s := range gemvShapes(v) {
			fmt.Fprintf(&b, "case [2]int{%d, %d}:\nasm.%s%s(a)\n", s[0], s[1], (&gemv{nil, s[0], s[1]}).kernel(), v.name)
		}
		b.WriteString("default:\npanic(badRows)\n}\n")
	}
	b.WriteString("default:\nportableGemv(rows, steps, a)\n}\n}\n")
	return gofmt(b.String())
}

func (k *gemv) x(row, step int) reg.Register { return k.regs[row*k.steps+step] }
func (k *gemv) acc(row int) reg.Register     { return k.regs[k.rows*k.steps+row] }
func (k *gemv) beta() reg.Register           { return k.regs[k.rows*k.steps+k.rows] }
func (k *gemv) row() reg.Register            { return k.regs[k.rows*k.steps+k.rows+1] }

func (k *gemv) emit() {
	k.function(k.kernel(), tileStruct,
		fmt.Sprintf("%s%s computes, for %d rows i and Cols columns j,", k.kernel(), k.name, k.rows),
		"",
		"\tC[i,j] = Beta*C[i,j] + sum A[AOff+i*LDA+k] * B[BOff+k*LDB+j]",
		"",
		fmt.Sprintf("for k = 0 to %d as one chain of fused multiply-adds, from zero without FlagLoad.", k.steps-1),
		"It ignores Segs and the other flags.")
	k.Comment("BX R13 B rows 0 7, R10 R11 R12 ldb 3ldb 5ldb, DI C, R8 R9 ldc 3ldc, DX columns; broadcasts of A, sums, Beta, B")
	args := reg.RAX
	k.Load(k.Param("a"), args)
	at := func(f string) operand.Mem { return tileStruct.at(args, f) }
	for _, p := range []struct {
		ptr  reg.GPPhysical
		s, o string
	}{{gvA, "A", "AOff"}, {gvB, "B", "BOff"}, {gvC, "C", "COff"}} {
		k.MOVQ(at(p.s), p.ptr)
		k.MOVQ(at(p.o), gvTmp)
		k.LEAQ(operand.Mem{Base: p.ptr, Index: gvTmp, Scale: 4}, p.ptr)
	}
	k.MOVQ(at("LDA"), gvTmp)
	for row := range k.rows {
		for step := range k.steps {
			k.broadcast(operand.Mem{Base: gvA, Disp: 4 * step}, k.x(row, step))
		}
		if row < k.rows-1 {
			k.LEAQ(operand.Mem{Base: gvA, Index: gvTmp, Scale: 4}, gvA)
		}
	}
	k.MOVQ(at("LDB"), gvLDB)
	k.SHLQ(operand.Imm(2), gvLDB)
	k.LEAQ(operand.Mem{Base: gvLDB, Index: gvLDB, Scale: 2}, gvLDB3)
	k.LEAQ(operand.Mem{Base: gvLDB, Index: gvLDB, Scale: 4}, gvLDB5)
	k.LEAQ(operand.Mem{Base: gvB, Index: gvLDB5, Scale: 1}, gvBHigh)
	k.LEAQ(operand.Mem{Base: gvBHigh, Index: gvLDB, Scale: 2}, gvBHigh)
	k.MOVQ(at("LDC"), gvLDC)
	k.SHLQ(operand.Imm(2), gvLDC)
	k.LEAQ(operand.Mem{Base: gvLDC, Index: gvLDC, Scale: 2}, gvLDC3)
	k.MOVQ(at("Cols"), gvCols)
	k.broadcast(at("Beta"), k.beta())
	k.TESTL(operand.U32(uint32(flagValue("FlagLoad"))), at("Flags"))
	k.JZ(operand.LabelRef("fresh"))
	k.columns("load", true)
	k.Label("fresh")
	k.columns("zero", false)
}

// columns goes through all columns, and returns.
func (k *gemv) columns(label string, load bool) {
	tail, done := label+"_tail", label+"_done"
	k.SUBQ(operand.Imm(uint64(k.lanes.lanes)), gvCols)
	k.JL(operand.LabelRef(tail))
	k.alignLoop(label)
	k.vector(load)
	for _, p := range []reg.Register{gvB, gvBHigh, gvC} {
		k.ADDQ(operand.Imm(uint64(k.bytes())), p)
	}
	k.SUBQ(operand.Imm(uint64(k.lanes.lanes)), gvCols)
	k.JGE(operand.LabelRef(label))
	k.Label(tail)
	k.ADDQ(operand.Imm(uint64(k.lanes.lanes)), gvCols)
	k.JZ(operand.LabelRef(done))
	k.MOVQ(gvCols, reg.RCX)
	k.makeMask(gvA)
	k.tail = true
	k.vector(load)
	k.tail = false
	k.Label(done)
	k.done()
}

// vector computes one vector of every row.
func (k *gemv) vector(load bool) {
	for row := range k.rows {
		if !load {
			k.zero(k.acc(row))
			continue
		}
		k.load(k.cRow(row), k.acc(row))
		k.mul(k.beta(), k.acc(row), k.acc(row))
	}
	for step := range k.steps {
		var b operand.Op = k.bRow(step)
		if k.rows > 1 || k.tail {
			k.load(k.bRow(step), k.row())
			b = k.row()
		}
		for row := range k.rows {
			k.VFMADD231PS(b, k.x(row, step), k.acc(row))
		}
	}
	for row := range k.rows {
		k.store(k.acc(row), k.cRow(row))
	}
}

func (k *gemv) cRow(row int) operand.Mem { return stepped(gvC, gvLDC, gvLDC3, row) }

func (k *gemv) bRow(step int) operand.Mem {
	m := operand.Mem{Base: gvB}
	switch step {
	case 1, 2, 4:
		m.Index, m.Scale = gvLDB, uint8(step)
	case 3, 6:
		m.Index, m.Scale = gvLDB3, uint8(step/3)
	case 5:
		m.Index, m.Scale = gvLDB5, 1
	case 7:
		m.Base = gvBHigh
	}
	return m
}
