package hdf5

import (
	"encoding/binary"
	"math"
)

// part is the most that is read at once of data in one piece.
const part = 1 << 20

// Len returns the number of values of a dataset.
func (o *Object) Len() int { return o.n }

// Float32s returns the values of a dataset of type float16, 32 or 64, in
// row-major order. float64 is rounded to nearest.
//
// Memory is allocated once it is known that the file has as many values.
func (o *Object) Float32s() ([]float32, error) {
	if err := o.check("float16, float32 or float64", Float); err != nil {
		return nil, err
	}
	var v []float32
	err := o.values(func(n int) { v = make([]float32, n) }, func(at int, b []byte) {
		switch dst := v[at:][:len(b)/o.Type.Size]; o.Type.Size {
		case 2:
			for i := range dst {
				dst[i] = half(binary.LittleEndian.Uint16(b[2*i:]))
			}
		case 4:
			for i := range dst {
				dst[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
			}
		case 8:
			for i := range dst {
				dst[i] = float32(math.Float64frombits(binary.LittleEndian.Uint64(b[8*i:])))
			}
		}
	})
	if err != nil {
		return nil, err
	}
	return v, nil
}

// Int64s returns the values of a dataset of integers in row-major order.
// A uint64 above the largest int64 is an error.
func (o *Object) Int64s() ([]int64, error) {
	if err := o.check("integers", Int, Uint); err != nil {
		return nil, err
	}
	var v []int64
	var large error
	err := o.values(func(n int) { v = make([]int64, n) }, func(at int, b []byte) {
		size := o.Type.Size
		for i := range len(b) / size {
			var word [8]byte
			copy(word[:], b[i*size:][:size])
			u := binary.LittleEndian.Uint64(word[:])
			x := int64(u)
			if unused := 64 - 8*size; o.Type.Class == Int {
				x = x << unused >> unused
			} else if u > math.MaxInt64 && large == nil {
				large = o.errorf("value %d is %d, want at most %d", at+i, u, int64(math.MaxInt64))
			}
			v[at+i] = x
		}
	})
	if err == nil {
		err = large
	}
	if err != nil {
		return nil, err
	}
	return v, nil
}

// check reports an object that is no dataset of one of the classes.
func (o *Object) check(want string, classes ...Class) error {
	if o.Group {
		return o.errorf("a group, want a dataset")
	}
	if o.broken != nil {
		return o.broken
	}
	for _, c := range classes {
		if o.Type.Class == c {
			return nil
		}
	}
	return o.errorf("values of type %v, want %s", o.Type, want)
}

// values calls alloc with the number of values, and decode with all of them, a
// piece at a time, and where each piece begins.
func (o *Object) values(alloc func(n int), decode func(at int, b []byte)) error {
	size := uint64(o.Type.Size)
	if uint64(o.n) > math.MaxInt64/size {
		return o.errorf("%d values of %d bytes are too many", o.n, size)
	}
	bytes := uint64(o.n) * size
	if o.n == 0 {
		alloc(0)
		return nil
	}
	switch o.layout.kind {
	case compact:
		if uint64(len(o.layout.data)) != bytes {
			return o.errorf("%d bytes for shape %d of %v, want %d", len(o.layout.data), o.Shape, o.Type, bytes)
		}
		alloc(o.n)
		decode(0, o.layout.data)
		return nil
	case chunked:
		return o.chunks(alloc, decode)
	}
	if len(o.filters) > 0 {
		return o.errorf("filters on data that are not in chunks")
	}
	at, file := o.layout.at, uint64(o.source.size)
	switch {
	case at == undefined:
		return o.errorf("its data were never written")
	case o.layout.size != bytes:
		return o.errorf("%d bytes for shape %d of %v, want %d", o.layout.size, o.Shape, o.Type, bytes)
	case at > file || bytes > file-at:
		return o.errorf("%d bytes from byte %d on, but the file has %d", bytes, at, file)
	}
	alloc(o.n)
	buf := make([]byte, min(bytes, part))
	for done := uint64(0); done < bytes; done += uint64(len(buf)) {
		buf = buf[:min(uint64(len(buf)), bytes-done)]
		if n, err := o.source.r.ReadAt(buf, int64(at+done)); n < len(buf) {
			return o.errorf("%d of %d bytes could be read: %w", done+uint64(n), bytes, err)
		}
		decode(int(done/size), buf)
	}
	return nil
}

// half converts binary16, 1 sign, 5 exponent (bias 15) and 10 mantissa bits,
// which is always exact.
func half(h uint16) float32 {
	sign := uint32(h>>15) << 31
	exponent, mantissa := uint32(h>>10&0x1f), uint32(h&0x3ff)
	switch exponent {
	case 0: // zero and denormals, whose unit is 2^-24
		return math.Float32frombits(sign | math.Float32bits(float32(mantissa)*0x1p-24))
	case 0x1f: // infinities and NaN
		return math.Float32frombits(sign | 0xff<<23 | mantissa<<13)
	}
	return math.Float32frombits(sign | (exponent+127-15)<<23 | mantissa<<13)
}
