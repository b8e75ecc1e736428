package hdf5

import (
	"encoding/binary"
	"math/bits"
)

// lookup3 is the checksum of the format: hashlittle with initial value 0
// (Bob Jenkins, "lookup3.c", 2006).
func lookup3(p []byte) uint32 {
	a := 0xdeadbeef + uint32(len(p))
	b, c := a, a
	word := func(i int) uint32 { return binary.LittleEndian.Uint32(p[i:]) }
	rot := bits.RotateLeft32
	for len(p) > 12 {
		a, b, c = a+word(0), b+word(4), c+word(8)
		a, c = (a-c)^rot(c, 4), c+b
		b, a = (b-a)^rot(a, 6), a+c
		c, b = (c-b)^rot(b, 8), b+a
		a, c = (a-c)^rot(c, 16), c+b
		b, a = (b-a)^rot(a, 19), a+c
		c, b = (c-b)^rot(b, 4), b+a
		p = p[12:]
	}
	if len(p) == 0 {
		return c
	}
	p = append(append(make([]byte, 0, 12), p...), make([]byte, 12-len(p))...)
	a, b, c = a+word(0), b+word(4), c+word(8)
	c = (c ^ b) - rot(b, 14)
	a = (a ^ c) - rot(c, 11)
	b = (b ^ a) - rot(a, 25)
	c = (c ^ b) - rot(b, 16)
	a = (a ^ c) - rot(c, 4)
	b = (b ^ a) - rot(a, 14)
	return (c ^ b) - rot(b, 24)
}
