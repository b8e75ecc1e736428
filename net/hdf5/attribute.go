package hdf5

import (
	"encoding/binary"
	"fmt"
	"strings"
)

// An Attribute is a small value beside an object.
type Attribute struct {
	Name  string
	Shape []int // empty for a single value
	Type  Type

	source *source
	n      int
	data   []byte
	broken error
}

func (a *Attribute) errorf(format string, args ...any) error {
	return fmt.Errorf("hdf5: attribute %.100q: %w", a.Name, fmt.Errorf(format, args...))
}

// attribute reads an attribute message.
func (s *source) attribute(b *block) (*Attribute, error) {
	version := b.want(1, "version of an attribute", 1, 2, 3)
	flags := b.u8()
	name, datatypeSize, dataspaceSize := int(b.u16()), int(b.u16()), int(b.u16())
	if version == 3 {
		b.skip(1) // ASCII or UTF-8
	}
	padded := func(n int) int {
		if version == 1 {
			return (n + 7) &^ 7
		}
		return n
	}
	a := &Attribute{source: s}
	a.Name, _, _ = strings.Cut(string(b.bytes(padded(name))), "\x00")
	t := b.sub("datatype of an attribute", padded(datatypeSize))
	d := b.sub("dataspace of an attribute", padded(dataspaceSize))
	if b.err != nil {
		return nil, b.err
	}
	if version > 1 && flags&3 != 0 {
		a.broken = a.errorf("its type is shared with other objects, want it in the attribute")
		return a, nil
	}
	var err error
	if a.Type, err = datatype(t); err != nil {
		return nil, err
	}
	if a.Shape, a.n, err = dataspace(d); err != nil {
		return nil, err
	}
	if left := b.left(); a.n > left/a.Type.Size {
		return nil, b.errorf("attribute %.100q: %d bytes for %d values of %d bytes", a.Name, left, a.n, a.Type.Size)
	}
	a.data = b.bytes(a.n * a.Type.Size)
	return a, b.err
}

// Strings returns the values, one where Shape is empty, without what pads
// them: zeros, or spaces at the end. Attributes without values have any type.
func (a *Attribute) Strings() ([]string, error) {
	switch {
	case a.broken != nil:
		return nil, a.broken
	case a.n == 0:
		return nil, nil
	case a.Type.Class == String:
		return a.fixed(), nil
	case a.Type.Class == VarString:
		return a.variable()
	}
	return nil, a.errorf("values of type %v, want strings", a.Type)
}

func (a *Attribute) fixed() []string {
	all := string(a.data)
	values := make([]string, a.n)
	for i := range values {
		v, _, _ := strings.Cut(all[i*a.Type.Size:][:a.Type.Size], "\x00")
		values[i] = strings.TrimRight(v, " ")
	}
	return values
}

// variable reads strings that are in global heaps: a value has their length,
// the address of the heap and the number of the string in it.
func (a *Attribute) variable() ([]string, error) {
	s := a.source.again()
	heaps := map[uint64]globalHeap{}
	values := make([]string, a.n)
	for i := range values {
		v := a.data[16*i:]
		n, at, index := binary.LittleEndian.Uint32(v), binary.LittleEndian.Uint64(v[4:]), binary.LittleEndian.Uint32(v[12:])
		if n == 0 {
			continue
		}
		heap, ok := heaps[at]
		if !ok {
			var err error
			if heap, err = s.globalHeap(at); err != nil {
				return nil, fmt.Errorf("%w (attribute %.100q)", err, a.Name)
			}
			heaps[at] = heap
		}
		text, ok := heap[index]
		if !ok || int64(n) > int64(len(text)) {
			return nil, a.errorf("string %d has %d bytes in object %d of the heap at byte %d, which has %d", i, n, index, at, len(text))
		}
		values[i], _, _ = strings.Cut(text[:n], "\x00")
	}
	return values, nil
}

// A globalHeap is strings by number. They share memory.
type globalHeap map[uint32]string

func (s *source) globalHeap(at uint64) (globalHeap, error) {
	const head = 16
	b, err := s.read("global heap", at, head)
	if err != nil {
		return nil, err
	}
	b.signature("GCOL")
	b.want(1, "version", 1)
	b.skip(3)
	size := b.u64()
	if size < head {
		b.fail("%d bytes, want at least %d", size, head)
	}
	if b.err != nil {
		return nil, b.err
	}
	if b, err = s.read("global heap's objects", at+head, size-head); err != nil {
		return nil, err
	}
	all, heap := string(b.b), globalHeap{}
	for b.left() >= head {
		index := uint32(b.u16())
		b.skip(2 + 4) // references
		n := b.u64()
		if index == 0 { // what is free, up to the end
			break
		}
		if n > uint64(b.left()) {
			return nil, b.errorf("object %d has %d bytes, but %d are left", index, n, b.left())
		}
		heap[index] = all[b.pos:][:n]
		b.skip(min(int(n+7)&^7, b.left()))
	}
	return heap, b.err
}
