package hdf5

import (
	"encoding/binary"
	"math/bits"
)

// A fractalHeap is what groups with many links, and objects with many
// attributes, keep them in: a range of offsets cut into blocks, which grow,
//
//	row 0    | start | start | ... width blocks
//	row 1    | start | start | ...
//	row 2    | 2 * start     | ...
//	row r    | 2^(r-1) * start, up to the largest direct block; then blocks
//	         | that are rows of blocks themselves
type fractalHeap struct {
	*source
	at           uint64
	offset, size int // bytes of an offset and of a length
	checked      bool
	width        uint64
	start, most  uint64 // sizes of direct blocks
	root         uint64
	rows         int // of the root; 0 means that it is a direct block

	blocks map[blockKey]*block // those read
}

// A blockKey is what tells blocks apart, also where they overlap.
type blockKey struct {
	signature       string
	at, size, begin uint64
}

func (s *source) fractalHeap(at uint64) (*fractalHeap, error) {
	const head = 146
	b, err := s.read("fractal heap", at, head)
	if err != nil {
		return nil, err
	}
	h := &fractalHeap{source: s, at: at, blocks: map[blockKey]*block{}}
	b.signature("FRHP")
	b.want(1, "version", 0)
	b.skip(2) // length of IDs
	b.want(2, "size of filters", 0)
	h.checked = b.u8()&2 != 0
	object := uint64(b.u32())
	b.skip(12 * 8) // statistics, and what is too large or free
	h.width, h.start, h.most = uint64(b.u16()), b.u64(), b.u64()
	limit := int(b.u16())
	b.skip(2)
	h.root, h.rows = b.u64(), int(b.u16())
	b.checksum(s)
	power := func(n uint64) bool { return bits.OnesCount64(n) == 1 }
	if !power(h.width) || !power(h.start) || !power(h.most) || h.start > h.most || h.most > 1<<31 || limit > 63 || h.rows > limit {
		b.fail("%d blocks of %d to %d bytes a row, %d rows and %d bits, want powers of two and at most 63 rows and bits", h.width, h.start, h.most, h.rows, limit)
	}
	h.offset = (limit + 7) / 8
	h.size = min((bits.Len64(h.most)+6)/8, encSize(object))
	return h, b.err
}

// object returns what is stored under an ID.
func (h *fractalHeap) object(id *block) (*block, error) {
	if kind := id.u8(); kind != 0 && id.err == nil {
		return nil, id.errorf("an object of kind %#x in the fractal heap, want 0: one inside its blocks", kind)
	}
	offset, size := id.uint(h.offset), id.uint(h.size)
	if id.err != nil {
		return nil, id.err
	}
	b, begin, err := h.find(offset)
	if err != nil {
		return nil, err
	}
	offset -= begin
	if n := uint64(len(b.b)); offset > n || size > n-offset {
		return nil, b.errorf("object of %d bytes at %d of %d", size, offset, n)
	}
	o := &block{what: "object of a fractal heap", at: b.at + offset, b: b.b[offset:][:size]}
	return o, nil
}

// find returns the direct block of an offset, and where it begins.
func (h *fractalHeap) find(offset uint64) (b *block, begin uint64, err error) {
	at, rows := h.root, h.rows
	if rows == 0 {
		b, err = h.direct(at, h.start, 0)
		return b, 0, err
	}
	for {
		row, size := 0, h.start
		inside := offset - begin
		if first := h.width * h.start; inside >= first {
			row = bits.Len64(inside / first)
			size <<= row - 1
			inside -= first << (row - 1)
		}
		b, from, err := h.indirect(at, rows, begin)
		if err != nil {
			return nil, 0, err
		}
		if row >= rows || size == 0 {
			return nil, 0, b.errorf("offset %d is beyond its %d rows", offset, rows)
		}
		column := inside / size
		begin = offset - inside%size
		at = binary.LittleEndian.Uint64(b.b[from+8*(uint64(row)*h.width+column):])
		if size <= h.most {
			b, err = h.direct(at, size, begin)
			return b, begin, err
		}
		// Fewer rows than here: the way down ends.
		rows = bits.Len64(size) - bits.Len64(h.start*h.width) + 1
		if rows < 1 {
			return nil, 0, b.errorf("a block of %d bytes below it, want at least %d", size, h.start*h.width)
		}
	}
}

// open reads a block and what blocks begin with, once.
func (h *fractalHeap) open(key blockKey, check func(b *block)) (*block, error) {
	if b := h.blocks[key]; b != nil {
		return b, nil
	}
	b, err := h.read("block of a fractal heap", key.at, key.size)
	if err != nil {
		return nil, err
	}
	b.signature(key.signature)
	b.want(1, "version", 0)
	b.want(8, "heap at byte", h.at)
	b.want(h.offset, "offset", key.begin)
	if check(b); b.err != nil {
		return nil, b.err
	}
	h.blocks[key] = b
	return b, nil
}

// direct returns a block of objects, which count from its beginning.
func (h *fractalHeap) direct(at, size, begin uint64) (*block, error) {
	return h.open(blockKey{"FHDB", at, size, begin}, func(b *block) {
		if !h.checked {
			return
		}
		from := b.pos
		if stored := b.u32(); b.err == nil {
			clear(b.b[from:][:4])
			if sum := lookup3(b.b); sum != stored && !h.trusted {
				b.fail("checksum %#08x, want %#08x", stored, sum)
			}
		}
	})
}

// indirect returns a block of addresses, and where they begin in it.
func (h *fractalHeap) indirect(at uint64, rows int, begin uint64) (b *block, from uint64, err error) {
	from = 13 + uint64(h.offset)
	size := from + 8*uint64(rows)*h.width + 4
	b, err = h.open(blockKey{"FHIB", at, size, begin}, func(b *block) { b.checksum(h.source) })
	return b, from, err
}

// dense returns the objects of a heap that the records of a tree point to. An
// ID is skip bytes into its record.
func (s *source) dense(heap, tree, kind uint64, skip int) ([]*block, error) {
	h, err := s.fractalHeap(heap)
	if err != nil {
		return nil, err
	}
	records, err := s.records(tree, kind)
	if err != nil {
		return nil, err
	}
	objects := make([]*block, len(records))
	for i, r := range records {
		r.skip(skip)
		if objects[i], err = h.object(r); err != nil {
			return nil, err
		}
	}
	return objects, nil
}

// linkInfo returns the links of a group that has too many for its header.
func (s *source) linkInfo(b *block) ([]link, error) {
	b.want(1, "version of link information", 0)
	if b.u8()&1 != 0 {
		b.skip(8) // order of creation
	}
	heap, tree := b.u64(), b.u64()
	if b.err != nil || heap == undefined {
		return nil, b.err
	}
	objects, err := s.dense(heap, tree, 5, 4)
	if err != nil {
		return nil, err
	}
	var links []link
	for _, o := range objects {
		l, err := linkMessage(o)
		if err != nil {
			return nil, err
		}
		links = append(links, l...)
	}
	return links, nil
}

// attributeInfo adds the attributes of an object that has too many for its
// header.
func (o *Object) attributeInfo(b *block) error {
	b.want(1, "version of attribute information", 0)
	if b.u8()&1 != 0 {
		b.skip(2) // order of creation
	}
	heap, tree := b.u64(), b.u64()
	if b.err != nil || heap == undefined {
		return b.err
	}
	objects, err := o.source.dense(heap, tree, 8, 0)
	if err != nil {
		return err
	}
	for _, x := range objects {
		if err := o.attribute(x); err != nil {
			return err
		}
	}
	return nil
}
