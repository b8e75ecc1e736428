package hdf5

import (
	"encoding/binary"
	"fmt"
	"io"
)

// undefined is the address of what is not in the file.
const undefined = 1<<64 - 1

// A source is the file while its structures are read. Each of them is read
// once or twice, so that left, twice the file's size at first, ends what goes
// in circles or is there many times.
type source struct {
	r       io.ReaderAt
	size    int64
	left    int64
	trusted bool // checksums are not looked at
}

// again returns the source for a reading that begins anew.
func (s *source) again() *source {
	t := *s
	t.left = 2 * s.size
	return &t
}

// read returns n bytes from an address on. What they are is for errors.
func (s *source) read(what string, at, n uint64) (*block, error) {
	b := &block{what: what, at: at}
	if at == undefined {
		return nil, fmt.Errorf("hdf5: %s has no address", what)
	}
	if size := uint64(s.size); at > size || n > size-at {
		return nil, b.errorf("%d bytes, but the file has %d", n, s.size)
	}
	if s.left -= int64(n); s.left < 0 {
		return nil, b.errorf("the file's structures overlap: more than twice its %d bytes were read", s.size)
	}
	b.b = make([]byte, n)
	if m, err := s.r.ReadAt(b.b, int64(at)); m < len(b.b) {
		return nil, b.errorf("%d of %d bytes could be read: %w", m, n, err)
	}
	return b, nil
}

// A block is a structure of the file, read from front to back. Reading beyond
// its end gives zeros and an error that stays.
type block struct {
	what string
	at   uint64 // in the file
	b    []byte
	pos  int
	err  error
}

func (b *block) errorf(format string, args ...any) error {
	return fmt.Errorf("hdf5: %s at byte %d: %w", b.what, b.at, fmt.Errorf(format, args...))
}

// fail keeps the first error.
func (b *block) fail(format string, args ...any) {
	if b.err == nil {
		b.err = b.errorf(format, args...)
	}
}

func (b *block) left() int { return len(b.b) - b.pos }

// bytes returns the next n bytes, or nil.
func (b *block) bytes(n int) []byte {
	if n > b.left() {
		b.fail("ends after %d bytes, want %d more behind byte %d", len(b.b), n, b.pos)
	}
	if b.err != nil {
		return nil
	}
	b.pos += n
	return b.b[b.pos-n : b.pos : b.pos]
}

func (b *block) skip(n int) { b.bytes(n) }

// uint returns the next n <= 8 bytes as a little-endian number.
func (b *block) uint(n int) uint64 {
	var v [8]byte
	copy(v[:], b.bytes(n))
	return binary.LittleEndian.Uint64(v[:])
}

func (b *block) u8() uint8   { return uint8(b.uint(1)) }
func (b *block) u16() uint16 { return uint16(b.uint(2)) }
func (b *block) u32() uint32 { return uint32(b.uint(4)) }
func (b *block) u64() uint64 { return b.uint(8) }

// want reads a number that can only have some values.
func (b *block) want(n int, what string, values ...uint64) uint64 {
	v := b.uint(n)
	for _, w := range values {
		if v == w {
			return v
		}
	}
	b.fail("%s %d, want one of %d", what, v, values)
	return v
}

// signature reads the four letters that a structure begins with.
func (b *block) signature(want string) {
	if got := b.bytes(len(want)); b.err == nil && string(got) != want {
		b.fail("begins with %q, want %q", got, want)
	}
}

// sub returns the next n bytes as a block of their own.
func (b *block) sub(what string, n int) *block {
	at := b.at + uint64(b.pos)
	return &block{what: what, at: at, b: b.bytes(n), err: b.err}
}

// checksum compares the block's last four bytes with the others.
func (b *block) checksum(s *source) {
	n := len(b.b) - 4
	if n < 0 {
		b.fail("%d bytes, want at least 4 for a checksum", len(b.b))
	}
	if b.err != nil || s.trusted {
		return
	}
	if stored, sum := binary.LittleEndian.Uint32(b.b[n:]), lookup3(b.b[:n]); stored != sum {
		b.fail("checksum %#08x, want %#08x", stored, sum)
	}
}
