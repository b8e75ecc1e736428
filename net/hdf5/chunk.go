package hdf5

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
)

// maxDeflate bounds how much longer data can be than what deflate makes of it:
// a match of 258 bytes takes two bits at least.
const maxDeflate = 1032

// maxChunk bounds a chunk, and so the memory beside the values: the format's
// own bound is 4 GiB.
const maxChunk = 1 << 28

// A chunkSet is the chunks of one dataset.
type chunkSet struct {
	*Object
	grid  []int // chunks along each dimension
	size  int   // bytes of a chunk
	count int   // values of a chunk
}

// chunks does what values does for chunked data.
func (o *Object) chunks(alloc func(n int), decode func(at int, b []byte)) error {
	c, err := o.chunkSet()
	if err != nil {
		return err
	}
	s := o.source.again()
	stored, err := s.tree("tree of chunks", o.layout.at, 1, 8+8*(len(o.Shape)+1))
	if err != nil {
		return o.errorf("%w", err)
	}
	want := 1
	for _, n := range c.grid {
		want *= n // at most o.n
	}
	if len(stored) != want {
		return o.errorf("%d chunks, want %d: all of them", len(stored), want)
	}
	seen := make(map[int]bool, len(stored))
	places := make([]chunkPlace, len(stored))
	total := int64(0)
	for i, child := range stored {
		if places[i], err = c.place(child); err != nil {
			return err
		}
		at := places[i].index(c.grid, o.layout.chunk)
		if seen[at] {
			return o.errorf("two chunks begin at %d", places[i].begin)
		}
		seen[at] = true
		if total += places[i].stored; total > s.size {
			return o.errorf("chunks of more bytes than the %d of the file", s.size)
		}
	}
	alloc(o.n)
	for _, p := range places {
		b, err := c.load(s, p)
		if err != nil {
			return err
		}
		c.scatter(p, b, decode)
	}
	return nil
}

func (o *Object) chunkSet() (*chunkSet, error) {
	l := &o.layout
	if len(l.chunk) != len(o.Shape) || l.size != uint64(o.Type.Size) {
		return nil, o.errorf("chunks %d of values of %d bytes for shape %d of %v", l.chunk, l.size, o.Shape, o.Type)
	}
	c := &chunkSet{Object: o, grid: make([]int, len(o.Shape)), count: 1}
	for i, n := range l.chunk {
		if n < 1 || n > maxChunk/c.count {
			return nil, o.errorf("chunks of shape %d, want sizes of at least 1 and at most %d bytes", l.chunk, maxChunk)
		}
		c.count *= n
		c.grid[i] = (o.Shape[i]-1)/n + 1
	}
	if c.count > maxChunk/o.Type.Size {
		return nil, o.errorf("chunks of shape %d of %v, want at most %d bytes", l.chunk, o.Type, maxChunk)
	}
	c.size = c.count * o.Type.Size
	for _, f := range o.filters {
		if f != deflate && f != shuffle {
			return nil, o.errorf("filter %d, want deflate (%d) or shuffle (%d)", f, deflate, shuffle)
		}
	}
	return c, nil
}

// A chunkPlace is a chunk in the dataset and in the file.
type chunkPlace struct {
	begin  []int  // its first value's place
	at     uint64 // in the file
	stored int64  // bytes
	skip   uint32 // filters that were not applied, by bit
}

// place reads the key of a chunk in the tree.
func (c *chunkSet) place(stored child) (chunkPlace, error) {
	k := stored.key
	p := chunkPlace{at: stored.at, stored: int64(k.u32()), skip: k.u32()}
	packed := false
	for i, f := range c.filters {
		packed = packed || f == deflate && p.skip>>i&1 == 0
	}
	for i, n := range c.layout.chunk {
		v := k.u64()
		if v >= uint64(c.Shape[i]) || v%uint64(n) != 0 {
			k.fail("a chunk of %d in shape %d begins at %d of dimension %d", c.layout.chunk, c.Shape, v, i)
		}
		p.begin = append(p.begin, int(v))
	}
	switch {
	case k.err != nil:
		return p, k.err
	case !packed && p.stored != int64(c.size):
		return p, c.errorf("a chunk of %d bytes, want %d", p.stored, c.size)
	case packed && int64(c.size/maxDeflate) > p.stored:
		return p, c.errorf("a chunk of %d bytes in %d, want at most %d times as many", c.size, p.stored, maxDeflate)
	}
	return p, nil
}

// index numbers the chunks of the grid.
func (p chunkPlace) index(grid, chunk []int) int {
	at := 0
	for i, n := range grid {
		at = at*n + p.begin[i]/chunk[i]
	}
	return at
}

// load reads a chunk and undoes its filters.
func (c *chunkSet) load(s *source, p chunkPlace) ([]byte, error) {
	raw, err := s.read("chunk", p.at, uint64(p.stored))
	if err != nil {
		return nil, c.errorf("%w", err)
	}
	b := raw.b
	for i := len(c.filters) - 1; i >= 0; i-- {
		switch {
		case p.skip>>i&1 != 0:
		case c.filters[i] == deflate:
			b, err = inflate(b, c.size)
		case c.filters[i] == shuffle:
			b = unshuffle(b, c.Type.Size)
		}
		if err != nil {
			return nil, c.errorf("chunk at byte %d: %w", p.at, err)
		}
	}
	if len(b) != c.size {
		return nil, c.errorf("chunk at byte %d: %d bytes, want %d", p.at, len(b), c.size)
	}
	return b, nil
}

// inflate returns the size bytes that b was made of.
func inflate(b []byte, size int) ([]byte, error) {
	z, err := zlib.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	out := make([]byte, size)
	if n, err := io.ReadFull(z, out); err != nil {
		return nil, fmt.Errorf("%d bytes, want %d: %w", n, size, err)
	}
	if n, err := z.Read(make([]byte, 1)); n > 0 || err != io.EOF {
		return nil, fmt.Errorf("more than %d bytes, or a wrong checksum (%v)", size, err)
	}
	return out, nil
}

// unshuffle puts bytes of values together: first came the first ones of all
// values, then the second ones. What is left over at the end stays there.
func unshuffle(b []byte, size int) []byte {
	out := make([]byte, len(b))
	n := len(b) / size
	for j := range size {
		for i := range n {
			out[i*size+j] = b[j*n+i]
		}
	}
	copy(out[n*size:], b[n*size:])
	return out
}

// scatter decodes the rows of a chunk that are in the dataset.
func (c *chunkSet) scatter(p chunkPlace, b []byte, decode func(at int, b []byte)) {
	last := len(c.Shape) - 1
	chunk := c.layout.chunk
	row := chunk[last] * c.Type.Size
	inside := min(chunk[last], c.Shape[last]-p.begin[last]) * c.Type.Size
	place := make([]int, last) // of the row in the chunk
	for ; len(b) > 0; b = b[row:] {
		at, in := 0, true
		for i, x := range place {
			in = in && p.begin[i]+x < c.Shape[i]
			at = at*c.Shape[i] + p.begin[i] + x
		}
		if in {
			decode(at*c.Shape[last]+p.begin[last], b[:inside])
		}
		for i := last - 1; i >= 0; i-- {
			if place[i]++; place[i] < chunk[i] {
				break
			}
			place[i] = 0
		}
	}
}
