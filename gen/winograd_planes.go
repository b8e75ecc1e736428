package main

import (
	"slices"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A winograd emits one transform. It goes through the channels a vector at a
// time, the last of them under a mask.
type winograd struct {
	*vectors
	*winogradKind
	masks     operand.Mem // AVX2's
	streaming bool        // planes go past the caches
}

// General registers of the transforms into planes.
var (
	rSrc   = reg.RBX // tile of X at the current channels
	rDst   = reg.R10 // tile of the first plane at the current channels
	rLeft  = reg.RCX // channels left
	rCol   = reg.RSI // current column of X
	rXCol  = reg.RDX // distances in bytes
	rXRow  = reg.RDI
	rXRow3 = reg.R8
	rUp    = reg.R9 // current column, one row on
	rPlane = reg.R11
	rPln3  = reg.R12
	rOutUp = reg.R13 // current row of planes, one plane on
	rOut   = reg.RAX // current row of planes
)

// emitPlanes emits a transform of pixels or taps into planes.
func (w *winograd) emitPlanes() {
	w.Comment("BX X, DX DI R8 R9 its column row 3row, SI column, R9 one row on; R10 V, R11 R12 plane 3plane, AX row, R13 one plane on; CX channels left")
	w.Load(w.Param("a"), rArgs)
	w.hold(w.constants()...)
	w.element(rSrc, "X", "XOff")
	w.element(rDst, "V", "VOff")
	w.bytesOf("XCol", rXCol)
	w.bytesOf("XRow", rXRow)
	w.triple(rXRow, rXRow3)
	w.bytesOf("Plane", rPlane)
	w.triple(rPlane, rPln3)
	w.MOVQ(w.arg("N"), rLeft)
	advance := func() {
		w.ADDQ(operand.U32(uint32(w.bytes())), rSrc)
		w.ADDQ(operand.U32(uint32(w.bytes())), rDst)
	}
	if w.streams() {
		w.MOVL(w.arg("Stream"), rCol.As32())
		w.TESTL(rCol.As32(), rCol.As32())
		w.JZ(operand.LabelRef("usual"))
		w.MOVQ(rDst, rCol)
		w.ORQ(rPlane, rCol)
		w.TESTQ(operand.U32(streamAlign-1), rCol)
		w.JNZ(operand.LabelRef("usual"))
		w.Comment("Past the caches")
		w.streaming = true
		w.eachVector(rOut, rLeft, w.planes, advance)
		w.streaming = false
		w.Label("usual")
	}
	w.eachVector(rOut, rLeft, w.planes, advance)
}

// streams reports whether results can go past the caches: planes of weights and
// pixels, by whole lines, as a vector of AVX2 leaves more halves of lines open than a
// core can hold.
func (w *winograd) streams() bool {
	return (w.name == "Filter" && w.in == 3 || w.name == "Output") && w.bytes() == streamAlign
}

func (w *winograd) arg(name string) operand.Mem { return w.args().at(rArgs, name) }

// element sets ptr to the address of element off of slice name.
func (w *winograd) element(ptr reg.GPPhysical, name, off string) {
	w.MOVQ(w.arg(name), ptr)
	w.MOVQ(w.arg(off), rLeft)
	w.LEAQ(operand.Mem{Base: ptr, Index: rLeft, Scale: 4}, ptr)
}

// bytesOf loads a distance in elements.
func (w *winograd) bytesOf(name string, r reg.GPPhysical) {
	w.MOVQ(w.arg(name), r)
	w.SHLQ(operand.Imm(2), r)
}

func (w *winograd) triple(r, r3 reg.Register) {
	w.LEAQ(operand.Mem{Base: r, Index: r, Scale: 2}, r3)
}

// multiple is row i, 0 to 7, from base; up is base and one row.
func multiple(base, up, ld, ld3 reg.Register, i int) operand.Mem {
	switch i {
	case 1, 2, 4:
		return operand.Mem{Base: base, Index: ld, Scale: uint8(i)}
	case 3, 6:
		return operand.Mem{Base: base, Index: ld3, Scale: uint8(i / 3)}
	case 5:
		return operand.Mem{Base: up, Index: ld, Scale: 4}
	case 7:
		return operand.Mem{Base: up, Index: ld3, Scale: 2}
	}
	return operand.Mem{Base: base}
}

// rowOf is a row of planes on from base, ld between planes.
func (w *winograd) rowOf(base, ld, ld3 reg.Register) operand.Mem {
	if w.points.tile == 6 {
		return operand.Mem{Base: base, Index: ld3, Scale: 2}
	}
	return operand.Mem{Base: base, Index: ld, Scale: uint8(w.points.tile)}
}

// eachVector emits body for whole vectors of rLeft channels and, with a mask,
// for the channels behind them; advance goes on to the next vector. AVX2's mask
// is then at mask, and tmp is overwritten.
func (w *winograd) eachVector(tmp, mask reg.GPPhysical, body func(ragged bool), advance func()) {
	vector, tail, done := "vector", "tail", "done"
	if w.streaming {
		vector, tail, done = "vector_stream", "tail_stream", "done_stream"
	}
	w.SUBQ(operand.Imm(uint64(w.lanes)), rLeft)
	w.JL(operand.LabelRef(tail))
	w.Label(vector)
	body(false)
	advance()
	w.SUBQ(operand.Imm(uint64(w.lanes)), rLeft)
	w.JGE(operand.LabelRef(vector))

	w.Label(tail)
	w.ADDQ(operand.Imm(uint64(w.lanes)), rLeft)
	w.JZ(operand.LabelRef(done))
	w.Comment("The last channels, under a mask")
	if w.lanes == 16 {
		w.MOVQ(operand.U32(1), tmp)
		w.SHLQ(reg.CL, tmp)
		w.DECQ(tmp)
		w.KMOVW(tmp.As32(), reg.K1)
	} else {
		w.LEAQ(w.masks, tmp)
		w.SHLQ(operand.Imm(2), rLeft)
		w.SUBQ(rLeft, tmp)
		w.LEAQ(operand.Mem{Base: tmp, Disp: 4 * maskLanes}, mask)
	}
	body(true)
	w.Label(done)
	w.VZEROUPPER()
	w.RET()
}

// load reads a vector of the caller's memory; mask is where AVX2 has its mask.
func (w *winograd) load(m operand.Mem, ragged bool, mask reg.Register) value {
	v := w.take()
	switch {
	case !ragged:
		w.VMOVUPS(m, v.Register)
	case w.lanes == 16:
		w.VMOVUPS_Z(m, reg.K1, v.Register)
	default:
		w.VMOVUPS(operand.Mem{Base: mask}, v.Register)
		w.VMASKMOVPS(m, v.Register, v.Register)
	}
	return v
}

// planes transforms one vector of channels: columns first, whose results stay in
// registers, a few rows of them at a time, then along each of these rows.
func (w *winograd) planes(ragged bool) {
	stages := w.stages()
	for _, s := range stages.first(w.isa) {
		w.Commentf("Rows %v: the columns, then along each row", s.rows)
		rows := w.firstDimension(s, func(col int) {
			if col == 0 {
				w.MOVQ(rSrc, rCol)
			} else {
				w.ADDQ(rXCol, rCol)
			}
			w.LEAQ(operand.Mem{Base: rCol, Index: rXRow, Scale: 1}, rUp)
		}, func(i int) value {
			return w.load(multiple(rCol, rUp, rXRow, rXRow3, i), ragged, rLeft)
		})
		w.MOVQ(rDst, rOut)
		at := 0
		for _, row := range slices.Sorted(slices.Values(s.rows)) {
			for ; at < row; at++ {
				w.LEAQ(w.rowOf(rOut, rPlane, rPln3), rOut)
			}
			w.LEAQ(operand.Mem{Base: rOut, Index: rPlane, Scale: 1}, rOutUp)
			w.secondDimension(stages, rows[row], func(col int, v value) {
				m := multiple(rOut, rOutUp, rPlane, rPln3, col)
				if w.streaming {
					w.VMOVNTPS(v.Register, m)
				} else {
					w.VMOVUPS(v.Register, m)
				}
				w.drop(v)
			})
		}
	}
}

// firstDimension runs a step down each column and returns its rows.
func (w *winograd) firstDimension(s step, column func(col int), from source) map[int][]value {
	rows := map[int][]value{}
	for col := range w.in {
		column(col)
		s.emit(w.vectors, from, func(row int, v value) { rows[row] = append(rows[row], v) })
	}
	return rows
}

// secondDimension runs a transform along a row, whose registers are free after it.
// The first and last values go into one result only, except a filter's.
func (w *winograd) secondDimension(t stages, row []value, to sink) {
	if t.row != nil {
		t.row(w.vectors, func(i int) value { return row[i] }, to)
		return
	}
	used := make([]bool, len(row))
	for _, s := range t.wide {
		s.emit(w.vectors, func(i int) value {
			if w.name != "Filter" && (i == 0 || i == len(row)-1) {
				used[i] = true
				return row[i]
			}
			return row[i].keep()
		}, to)
	}
	for i, v := range row {
		if !used[i] {
			w.drop(v)
		}
	}
}
