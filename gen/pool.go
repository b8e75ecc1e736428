package main

import (
	"math"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

var poolStruct = &argStruct{
	name: "PoolArgs",
	doc: `PoolArgs describes Pixels results of C channels. Result p is that of the window of
Rows x Cols pixels of X that starts at XOff + p*XStep. Distances are in elements.
Pixels is used up: a call may leave 0 there.`,
	fields: []field{
		{"Y", "[]float32", "results, YStep apart from YOff on"},
		{"X", "[]float32", "operand"},
		{"Arg", "[]uint8", "taps: those of Y going forward, those of X going backward"},
		{"YOff", "int", ""},
		{"XOff", "int", ""},
		{"YStep", "int", ""},
		{"XStep", "int", ""},
		{"Pixels", "int", "at least 1"},
		{"C", "int", "at least 1"},
		{"Rows", "int", "of the window, at least 1"},
		{"Cols", "int", "of the window, at least 1"},
		{"RowStep", "int", "between rows of the window"},
		{"ColStep", "int", "between its columns"},
		{"Tap", "int", "number of the window's first pixel"},
		{"TapRow", "int", "added to it after each row"},
		{"TapCol", "int", "and after each column"},
		{"Count", "float32", "what an average divides by"},
		{"NaN", "uint32", "becomes other than 0 where a kernel for rows finds a NaN"},
		{"Part", "[]float32", "partial results of kernels for rows, C apart from POff on"},
		{"PartArg", "[]uint8", "and their taps, in an order of the tier's own"},
		{"POff", "int", ""},
		streamField,
	},
}

// General registers of a pooling kernel. R8 is the difference between the
// address of a tap's number and a quarter of that of its element.
var (
	poolY       = reg.RDI
	poolX       = reg.RSI
	poolArg     = reg.R8
	poolRowStep = reg.R9
	poolColStep = reg.R10
	poolRow     = reg.R11
	poolCol     = reg.R12
	poolCols    = reg.R13
	poolRows    = reg.RBX
)

// A poolOp is a pooling kernel: what it does for a block of n vectors of
// channels, before the window, at each tap, after each row and at the end.
type poolOp struct {
	name, formula string
	arg           string // operand that Arg belongs to, or ""
	ahead         bool   // the pages of the first two rows are asked for
	begin         func(p *poolEmitter)
	row           func(p *poolEmitter)
	tap           func(p *poolEmitter, u int, x operand.Mem)
	rowEnd        func(p *poolEmitter)
	end           func(p *poolEmitter)
}

// A poolEmitter emits one block of n vectors.
type poolEmitter struct {
	*lanes
	n int
}

// Vector registers: two for each vector of the block, then others.
func (p *poolEmitter) best(u int) reg.Register { return p.regs[u] }
func (p *poolEmitter) also(u int) reg.Register { return p.regs[vectorUnroll+u] }

func (p *poolEmitter) temp(i int) reg.Register { return p.regs[2*vectorUnroll+i] } // 0 to 2
func (p *poolEmitter) number() reg.Register    { return p.regs[11] }               // the tap's, or the count
func (p *poolEmitter) step() reg.Register      { return p.regs[12] }               // between columns
func (p *poolEmitter) shift() reg.Register     { return p.regs[14] }               // of AVX2's bytes in the tail

func (p *poolEmitter) y(u int) operand.Mem {
	return operand.Mem{Base: poolY, Index: vIndex, Scale: 1, Disp: u * p.bytes()}
}

func (p *poolEmitter) fill(first int, bits uint32) {
	for u := range p.n {
		p.VMOVUPS(p.constant(bits), p.regs[first+u])
	}
}

var negativeZero, minusInfinity = math.Float32bits(float32(math.Copysign(0, -1))), math.Float32bits(float32(math.Inf(-1)))

var poolOps = []poolOp{
	{name: "Max", formula: "the maximum of the window, NaN if it has one", ahead: true,
		begin: func(p *poolEmitter) { p.fill(0, minusInfinity) },
		tap:   func(p *poolEmitter, u int, x operand.Mem) { p.emitMax(u, x, false) },
		end:   func(p *poolEmitter) { p.storeAll() }},
	{name: "MaxArg", formula: "the maximum of the window, NaN if it has one, and Arg = the number of the first tap that has it",
		arg: "Y", ahead: true,
		begin: func(p *poolEmitter) {
			p.fill(0, minusInfinity)
			for u := range p.n {
				p.VMOVAPS(p.number(), p.also(u))
			}
		},
		tap: func(p *poolEmitter, u int, x operand.Mem) { p.emitMax(u, x, true) },
		end: func(p *poolEmitter) { p.storeAll(); p.storeTaps() }},
	{name: "MaxBackward", formula: "the sum of the elements of the window that have the tap's own number in Arg",
		arg:   "X",
		begin: func(p *poolEmitter) { p.fill(0, negativeZero); p.prepareBytes() },
		tap:   func(p *poolEmitter, u int, x operand.Mem) { p.emitGather(u, x) },
		end:   func(p *poolEmitter) { p.storeAll() }},
	averageOp("Average", "the sum of the window / Count, row by row", func(p *poolEmitter) { p.fill(0, negativeZero) }),
	averageOp("AverageAdd", "(Y + the sum of the window) / Count, row by row", (*poolEmitter).loadAll),
	{name: "Sum", formula: "the sum of the window's elements",
		begin: func(p *poolEmitter) { p.fill(0, negativeZero) },
		tap: func(p *poolEmitter, u int, x operand.Mem) {
			p.add(p.best(u), p.operand(x, p.temp(0)), p.best(u))
		},
		end: func(p *poolEmitter) { p.storeAll() }},
}

func averageOp(name, formula string, begin func(*poolEmitter)) poolOp {
	return poolOp{name: name, formula: formula, begin: begin, ahead: name == "Average",
		row: func(p *poolEmitter) { p.fill(vectorUnroll, negativeZero) },
		tap: func(p *poolEmitter, u int, x operand.Mem) {
			if u == 0 {
				p.prefetchRest(x)
			}
			p.add(p.also(u), p.operand(x, p.temp(0)), p.also(u))
		},
		rowEnd: func(p *poolEmitter) {
			for u := range p.n {
				p.add(p.best(u), p.also(u), p.best(u))
			}
		},
		end: func(p *poolEmitter) {
			for u := range p.n {
				p.div(p.best(u), p.number(), p.best(u))
			}
			p.storeAll()
		}}
}

// prefetchRest asks for as many channels as follow those of a block of AVX2's: it
// is half of 64, and lines that do not follow one another are not foreseen. Global
// averages of 64 channels take 0.6 to 0.85 of the time.
func (p *poolEmitter) prefetchRest(x operand.Mem) {
	const line = 64
	if size := p.n * p.bytes(); size == 2*line {
		p.PREFETCHT0(x.Offset(size))
		p.PREFETCHT0(x.Offset(size + line))
	}
}

func (p *poolEmitter) loadAll() {
	for u := range p.n {
		p.load(p.y(u), p.best(u))
	}
}

func (p *poolEmitter) storeAll() {
	for u := range p.n {
		p.store(p.best(u), p.y(u))
	}
}

func (op *poolOp) emit(k *lanes) {
	k.function("Pool"+op.name, poolStruct, "Pool"+op.name+k.name+" computes Y = "+op.formula+".")
	arg := func(name string) operand.Mem { return poolStruct.at(reg.RAX, name) }
	k.Comment("DI Y, SI X, R8 taps, R9 R10 between rows and columns, R11 R12 row and column, BX R13 of them left")
	k.Comment("DX bytes of the pixel done, CX channels left")
	k.Load(k.Param("a"), reg.RAX)
	for _, s := range []struct {
		name string
		reg  reg.GPPhysical
	}{{"Y", poolY}, {"X", poolX}} {
		k.MOVQ(arg(s.name+"Off"), reg.RBX)
		k.MOVQ(arg(s.name), s.reg)
		k.LEAQ(operand.Mem{Base: s.reg, Index: reg.RBX, Scale: 4}, s.reg)
		if op.arg == s.name {
			k.MOVQ(arg("Arg"), poolArg)
			k.ADDQ(reg.RBX, poolArg)
			k.MOVQ(s.reg, reg.RBX)
			k.SHRQ(operand.Imm(2), reg.RBX)
			k.SUBQ(reg.RBX, poolArg)
		}
	}
	k.MOVQ(arg("RowStep"), poolRowStep)
	k.SHLQ(operand.Imm(2), poolRowStep)
	k.MOVQ(arg("ColStep"), poolColStep)
	k.SHLQ(operand.Imm(2), poolColStep)
	p := &poolEmitter{lanes: k}
	if op.name != "AverageAdd" {
		k.streamable(poolStruct, poolY)
	}
	if op.arg != "" {
		op.emitNumber(p, "TapCol", p.step())
	} else {
		k.broadcast(arg("Count"), p.number())
	}

	k.Comment("One pixel a turn; AX is the arguments between pixels")
	k.Label("pixel")
	k.MOVQ(arg("C"), vLeft)
	k.blocks(vectorUnroll, func(n int) {
		p.n = n
		op.emitWindow(p)
	})
	k.Load(k.Param("a"), reg.RAX)
	k.MOVQ(arg("YStep"), reg.RBX)
	k.LEAQ(operand.Mem{Base: poolY, Index: reg.RBX, Scale: 4}, poolY)
	k.MOVQ(arg("XStep"), reg.RBX)
	k.SHLQ(operand.Imm(2), reg.RBX)
	k.ADDQ(reg.RBX, poolX)
	if op.ahead {
		k.prefetchPage(poolX, reg.RBX, vLeft, vIndex)
		k.LEAQ(operand.Mem{Base: poolX, Index: poolRowStep, Scale: 1}, poolRow)
		k.prefetchPage(poolRow, reg.RBX, vLeft, vIndex)
	}
	k.DECQ(arg("Pixels"))
	k.JNZ(operand.LabelRef("pixel"))
	k.done()
}

// bytewise says whether numbers of taps are compared as bytes.
func (op *poolOp) bytewise(k *lanes) bool { return op.arg == "X" && k.lanes == 16 }

// emitNumber fills a register with the number of a tap.
func (op *poolOp) emitNumber(p *poolEmitter, name string, dst reg.Register) {
	if op.bytewise(p.lanes) {
		p.VPBROADCASTB(poolStruct.at(reg.RAX, name), dst.(reg.Vec).AsX())
		return
	}
	p.VPBROADCASTD(poolStruct.at(reg.RAX, name), dst)
}

// emitAdvance adds to the number of the tap.
func (op *poolOp) emitAdvance(p *poolEmitter, by reg.Register) {
	if op.bytewise(p.lanes) {
		tap := p.number().(reg.Vec).AsX()
		p.VPADDB(by.(reg.Vec).AsX(), tap, tap)
		return
	}
	p.VPADDD(by, p.number(), p.number())
}

// emitWindow goes through the window of one pixel for one block of channels.
func (op *poolOp) emitWindow(p *poolEmitter) {
	row, col := p.label("row"), p.label("col")
	p.Load(p.Param("a"), reg.RAX)
	p.MOVQ(poolStruct.at(reg.RAX, "Rows"), poolRows)
	if op.arg != "" {
		op.emitNumber(p, "Tap", p.number())
	}
	op.begin(p)
	p.LEAQ(operand.Mem{Base: poolX, Index: vIndex, Scale: 1}, poolRow)
	p.Label(row)
	p.Load(p.Param("a"), reg.RAX)
	p.MOVQ(poolStruct.at(reg.RAX, "Cols"), poolCols)
	p.MOVQ(poolRow, poolCol)
	if op.row != nil {
		op.row(p)
	}
	p.Label(col)
	if op.arg == "X" {
		p.MOVQ(poolCol, reg.RAX)
		p.SHRQ(operand.Imm(2), reg.RAX)
	}
	for u := range p.n {
		op.tap(p, u, operand.Mem{Base: poolCol, Disp: u * p.bytes()})
	}
	if op.arg != "" {
		op.emitAdvance(p, p.step())
	}
	p.ADDQ(poolColStep, poolCol)
	p.DECQ(poolCols)
	p.JNZ(operand.LabelRef(col))
	if op.rowEnd != nil {
		op.rowEnd(p)
	}
	if op.arg != "" {
		p.Load(p.Param("a"), reg.RAX)
		op.emitNumber(p, "TapRow", p.temp(0))
		op.emitAdvance(p, p.temp(0))
	}
	p.ADDQ(poolRowStep, poolRow)
	p.DECQ(poolRows)
	p.JNZ(operand.LabelRef(row))
	op.end(p)
}
