package hdf5

import "fmt"

const signature = "\x89HDF\r\n\x1a\n"

// superblock returns the address of the root group's object header.
func (s *source) superblock() (root uint64, err error) {
	if s.size < int64(len(signature)) {
		return 0, fmt.Errorf("hdf5: a file of %d bytes, want at least a signature of %d", s.size, len(signature))
	}
	b, err := s.read("superblock", 0, uint64(min(s.size, 100)))
	if err != nil {
		return 0, err
	}
	b.signature(signature)
	var base, end uint64
	switch version := b.want(1, "version", 0, 1, 2, 3); version {
	case 0, 1:
		b.skip(4) // versions of parts, all 0 in files with this signature
		b.want(1, "size of addresses", 8)
		b.want(1, "size of lengths", 8)
		b.skip(1 + 2 + 2 + 4)
		if version == 1 {
			b.skip(4)
		}
		base = b.u64()
		b.skip(8)
		end = b.u64()
		b.skip(8 + 8) // driver's block; name of the root group
		root = b.u64()
	default:
		b.b = b.b[:min(48, len(b.b))]
		b.want(1, "size of addresses", 8)
		b.want(1, "size of lengths", 8)
		b.skip(1)
		base = b.u64()
		b.skip(8)
		end = b.u64()
		root = b.u64()
		b.checksum(s)
	}
	switch {
	case base != 0:
		b.fail("base address %d, want 0", base)
	case end > uint64(s.size):
		b.fail("the file ends after %d bytes, want %d", s.size, end)
	}
	return root, b.err
}
