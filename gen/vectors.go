package main

import (
	"math"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// vectors hands out a tier's vector registers and emits arithmetic on them, for
// kernels whose values come and go. Running out of registers is a panic: nothing
// is ever spilled.
type vectors struct {
	*build.Context
	*isa
	free   []reg.Register
	table  constants
	consts map[string]operand.Op
}

// A value is a number in each lane of a register. Operations consume the values
// that they own, so that their registers are free again.
type value struct {
	reg.Register
	owned bool
}

// keep lets an operation read v without consuming it.
func (v value) keep() value { return value{v.Register, false} }

func newVectors(c *build.Context, v *isa, table constants) *vectors {
	w := &vectors{Context: c, isa: v, table: table, consts: map[string]operand.Op{}}
	for i := len(v.regs) - 1; i >= 0; i-- {
		w.free = append(w.free, v.regs[i])
	}
	return w
}

func (w *vectors) take() value {
	last := len(w.free) - 1
	if last < 0 {
		panic("vectors: no register left")
	}
	r := w.free[last]
	w.free = w.free[:last]
	return value{r, true}
}

func (w *vectors) drop(v value) {
	if v.owned {
		w.free = append(w.free, v.Register)
	}
}

// own returns v in a register that may be overwritten.
func (w *vectors) own(v value) value {
	if v.owned {
		return v
	}
	u := w.take()
	w.VMOVAPS(v.Register, u.Register)
	return u
}

// into picks the register of the result of an operation on x and y.
func (w *vectors) into(x, y value) value {
	switch {
	case x.owned:
		w.drop(y)
		return x
	case y.owned:
		return y
	}
	return w.take()
}

// add returns x + y.
func (w *vectors) add(x, y value) value {
	z := w.into(x, y)
	w.VADDPS(y.Register, x.Register, z.Register)
	return z
}

// sub returns x - y.
func (w *vectors) sub(x, y value) value {
	z := w.into(x, y)
	w.VSUBPS(y.Register, x.Register, z.Register)
	return z
}

// mul returns c*x.
func (w *vectors) mul(c string, x value) value {
	z := w.into(x, x.keep())
	w.VMULPS(w.constant(c), x.Register, z.Register)
	return z
}

// fma returns y + c*x in the register of y.
func (w *vectors) fma(y value, c string, x value) value {
	y = w.own(y)
	w.VFMADD231PS(w.constant(c), x.Register, y.Register)
	w.drop(x)
	return y
}

// fnma returns y - c*x in the register of y.
func (w *vectors) fnma(y value, c string, x value) value {
	y = w.own(y)
	w.VFNMADD231PS(w.constant(c), x.Register, y.Register)
	w.drop(x)
	return y
}

// fnmaOver returns y - c*x in the register of x.
func (w *vectors) fnmaOver(y value, c string, x value) value {
	x = w.own(x)
	w.VFNMADD132PS(w.constant(c), y.Register, x.Register)
	w.drop(y)
	return x
}

// constants is a table of numbers, each in as many copies as an AVX2 vector has
// lanes: AVX2 reads them from memory, AVX-512 keeps them in registers.
type constants struct {
	operand.Mem
	names []string
}

const constantBytes = 32

func emitConstants(c *build.Context, name string, names []string, values map[string]float64) constants {
	table := constants{c.StaticGlobal(name), names}
	c.DataAttributes(attr.RODATA | attr.NOPTR)
	for i, n := range names {
		for at := 0; at < constantBytes; at += 4 {
			c.AddDatum(i*constantBytes+at, operand.U32(math.Float32bits(float32(values[n]))))
		}
	}
	return table
}

func (t constants) at(name string) operand.Mem {
	for i, n := range t.names {
		if n == name {
			return t.Offset(i * constantBytes)
		}
	}
	panic("constants: no " + name)
}

// hold loads the constants a kernel uses into registers, if the tier has enough.
func (w *vectors) hold(names ...string) {
	for _, n := range names {
		if w.lanes == 8 {
			w.consts[n] = w.table.at(n)
			continue
		}
		r := w.take().Register
		w.VBROADCASTSS(w.table.at(n), r)
		w.consts[n] = r
	}
}

func (w *vectors) constant(name string) operand.Op {
	op, ok := w.consts[name]
	if !ok {
		panic("vectors: constant " + name + " is not held")
	}
	return op
}
