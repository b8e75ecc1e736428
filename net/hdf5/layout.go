package hdf5

import "fmt"

// A layout says where the values of a dataset are.
type layout struct {
	kind  layoutKind
	at    uint64 // of the values, or of the tree of chunks
	size  uint64 // of the values
	data  []byte // compact
	chunk []int  // sizes of a chunk
	other string // of another kind
}

type layoutKind int

const (
	compact    layoutKind = iota // in the object header
	contiguous                   // in one piece
	chunked                      // in pieces of one size, found by a tree
)

func readLayout(b *block) (layout, error) {
	version := b.u8()
	if version < 3 && b.err == nil {
		return layout{other: fmt.Sprintf("layout of version %d", version)}, nil
	}
	if version > 4 {
		b.fail("version %d of a layout, want 3 or 4", version)
	}
	l := layout{kind: layoutKind(b.u8())}
	switch l.kind {
	case compact:
		l.data = b.bytes(int(b.u16()))
	case contiguous:
		l.at, l.size = b.u64(), b.u64()
	case chunked:
		if version == 4 {
			l.other = "chunks of layout version 4"
			break
		}
		// One dimension more than the dataset has: the bytes of a value.
		rank := int(b.u8()) - 1
		if rank < 1 || rank > maxDims {
			b.fail("chunks of %d dimensions, want 1 to %d", rank, maxDims)
		}
		l.at = b.u64()
		for range rank {
			l.chunk = append(l.chunk, int(b.u32()))
		}
		l.size = uint64(b.u32())
	default:
		l.other = fmt.Sprintf("layout of class %d", l.kind)
	}
	return l, b.err
}

// A filter is how a chunk was changed before it was stored.
type filter uint16

const (
	deflate filter = 1
	shuffle filter = 2
)

// readFilters returns the filters in the order in which they were applied.
func readFilters(b *block) ([]filter, error) {
	version := b.want(1, "version of the filters", 1, 2)
	n := int(b.u8())
	if version == 1 {
		b.skip(6)
	}
	var filters []filter
	for range n {
		f := filter(b.u16())
		name := 0
		if version == 1 || f >= 256 {
			name = int(b.u16())
		}
		b.skip(2)
		values := int(b.u16())
		if version == 1 {
			name = (name + 7) &^ 7
			values = (values + 1) &^ 1
		}
		b.skip(name + 4*values)
		filters = append(filters, f)
	}
	return filters, b.err
}
