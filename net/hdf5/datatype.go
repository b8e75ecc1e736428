package hdf5

import (
	"fmt"
	"math"
)

// A Class says what the values of a type are.
type Class int

// The classes that can be read; Other can be listed only.
const (
	Other     Class = iota
	Float           // IEEE binary16, 32 or 64, little-endian
	Int             // signed, little-endian
	Uint            // unsigned, little-endian
	String          // of Size bytes
	VarString       // of any length
)

// A Type is the type of each value of a dataset or attribute.
type Type struct {
	Class Class
	Size  int // bytes of one value in the file

	other string // what Other is
}

// String names the type as NumPy would: float32, int64, uint8.
func (t Type) String() string {
	switch t.Class {
	case Float:
		return fmt.Sprintf("float%d", 8*t.Size)
	case Int:
		return fmt.Sprintf("int%d", 8*t.Size)
	case Uint:
		return fmt.Sprintf("uint%d", 8*t.Size)
	case String:
		return fmt.Sprintf("string of %d bytes", t.Size)
	case VarString:
		return "string"
	}
	return t.other
}

var classNames = [...]string{
	"fixed-point", "floating-point", "time", "string", "bit field", "opaque", "compound", "reference", "enumeration", "variable-length", "array",
}

// datatype reads a datatype message.
func datatype(b *block) (Type, error) {
	first := b.u8()
	class, version := first&15, first>>4
	bits := b.uint(3)
	size := b.u32()
	if version < 1 || version > 5 {
		b.fail("version %d of a datatype, want 1 to 5", version)
	}
	if size < 1 || size > math.MaxInt32 {
		b.fail("values of %d bytes, want 1 to %d", size, math.MaxInt32)
	}
	t := Type{Size: int(size)}
	if int(class) < len(classNames) {
		t.other = fmt.Sprintf("%s of %d bytes", classNames[class], size)
	} else {
		t.other = fmt.Sprintf("class %d of %d bytes", class, size)
	}
	switch class {
	case 0:
		offset, precision := b.u16(), b.u16()
		if bits&1 == 0 && offset == 0 && uint64(precision) == 8*uint64(size) && (size == 1 || size == 2 || size == 4 || size == 8) {
			t.Class = Uint
			if bits&8 != 0 {
				t.Class = Int
			}
		}
	case 1:
		var f floatFormat
		f.size, f.bits = size, uint32(bits)
		f.offset, f.precision = b.u16(), b.u16()
		f.exponentAt, f.exponent, f.mantissaAt, f.mantissa = b.u8(), b.u8(), b.u8(), b.u8()
		f.bias = b.u32()
		for _, ieee := range ieeeFormats {
			if f == ieee {
				t.Class = Float
			}
		}
	case 3:
		t.Class = String
	case 9:
		if bits&15 == 1 {
			t.Class = VarString
			if size != 16 {
				b.fail("strings of variable length in %d bytes, want 16", size)
			}
		}
	}
	return t, b.err
}

// A floatFormat is how a datatype message describes floating-point numbers.
type floatFormat struct {
	size, bits           uint32
	offset, precision    uint16
	exponentAt, exponent uint8
	mantissaAt, mantissa uint8
	bias                 uint32
}

// The formats of IEEE 754. bits: little-endian, a leading 1 that is not
// stored, and in its second byte where the sign is.
var ieeeFormats = [...]floatFormat{
	{2, 15<<8 | 0x20, 0, 16, 10, 5, 0, 10, 15},
	{4, 31<<8 | 0x20, 0, 32, 23, 8, 0, 23, 127},
	{8, 63<<8 | 0x20, 0, 64, 52, 11, 0, 52, 1023},
}

// maxDims is the format's own limit.
const maxDims = 32

// dataspace reads a dataspace message: the shape and the number of values.
func dataspace(b *block) (shape []int, n int, err error) {
	version := b.want(1, "version of a dataspace", 1, 2)
	rank := int(b.u8())
	b.skip(1) // whether there are largest sizes behind the sizes
	null := false
	if version == 1 {
		b.skip(5)
	} else {
		null = b.want(1, "type of a dataspace", 0, 1, 2) == 2
	}
	if null && rank > 0 {
		b.fail("%d dimensions of a dataspace without values, want 0", rank)
	}
	if rank > maxDims {
		b.fail("%d dimensions, want at most %d", rank, maxDims)
	}
	if b.err != nil {
		return nil, 0, b.err
	}
	shape = make([]int, rank)
	n = 1
	for i := range shape {
		d := b.u64()
		if d > math.MaxInt || d > 0 && uint64(n) > math.MaxInt/d {
			b.fail("dimensions %d, then %d, are too many values", shape[:i], d)
			return nil, 0, b.err
		}
		shape[i] = int(d)
		n *= int(d)
	}
	if null {
		n = 0
	}
	return shape, n, b.err
}
