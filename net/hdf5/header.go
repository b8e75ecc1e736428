package hdf5

// Types of header messages.
const (
	msgDataspace     = 0x01
	msgLinkInfo      = 0x02
	msgDatatype      = 0x03
	msgLink          = 0x06
	msgLayout        = 0x08
	msgFilters       = 0x0b
	msgAttribute     = 0x0c
	msgContinuation  = 0x10
	msgSymbolTable   = 0x11
	msgAttributeInfo = 0x15
)

// maxMessages bounds the messages of an object: attributes, and links of a
// group, which are stored otherwise once there are more than a few.
const maxMessages = 1 << 16

// A message is a part of an object header.
type message struct {
	kind   uint16
	shared bool // the body only says where the message is
	body   *block
}

// header returns the messages of the object header at an address, in order.
func (s *source) header(at uint64) ([]message, error) {
	rest := uint64(s.size) - min(at, uint64(s.size))
	b, err := s.read("object header", at, min(28, max(rest, 1)))
	if err != nil {
		return nil, err
	}
	if len(b.b) >= 4 && string(b.b[:4]) == "OHDR" {
		return s.header2(b)
	}
	b.want(1, "version", 1)
	b.skip(1)
	count := int(b.u16())
	b.skip(4) // references
	size := b.u32()
	if b.err != nil {
		return nil, b.err
	}
	if b, err = s.read("object header", at+16, uint64(size)); err != nil {
		return nil, err
	}
	m := messages{source: s, blocks: []*block{b}}
	for i := 0; i < len(m.blocks); i++ {
		b := m.blocks[i]
		for len(m.list)+m.other < count && b.left() >= 8 && b.err == nil {
			kind, size, flags := b.u16(), b.u16(), b.u8()
			b.skip(3)
			m.add(b, kind, flags, int(size))
		}
		if b.err != nil {
			return nil, b.err
		}
	}
	if n := len(m.list) + m.other; n < count {
		return nil, b.errorf("%d messages, want %d", n, count)
	}
	return m.list, nil
}

// header2 does so for version 2, of which b is the beginning.
func (s *source) header2(b *block) ([]message, error) {
	b.signature("OHDR")
	b.want(1, "version", 2)
	flags := b.u8()
	if flags&0x20 != 0 {
		b.skip(16) // times
	}
	if flags&0x10 != 0 {
		b.skip(4) // when attributes are stored otherwise
	}
	size := b.uint(1 << (flags & 3))
	if b.err != nil {
		return nil, b.err
	}
	if size > uint64(s.size) {
		return nil, b.errorf("%d bytes, but the file has %d", size, s.size)
	}
	prefix := b.pos
	b, err := s.read("object header", b.at, uint64(prefix)+size+4)
	if err != nil {
		return nil, err
	}
	b.skip(prefix)
	m := messages{source: s, blocks: []*block{b}, version2: true}
	head := 4
	if flags&4 != 0 {
		head += 2 // order of creation
	}
	for i := 0; i < len(m.blocks); i++ {
		b := m.blocks[i]
		if i > 0 {
			b.signature("OCHK")
		}
		b.checksum(s)
		for b.left() >= head+4 && b.err == nil {
			kind, size, flags := b.u8(), b.u16(), b.u8()
			b.skip(head - 4)
			if int(size) > b.left()-4 {
				b.fail("a message of %d bytes where %d are left", size, b.left()-4)
			}
			m.add(b, uint16(kind), flags, int(size))
		}
		if b.err != nil {
			return nil, b.err
		}
	}
	return m.list, nil
}

// messages collects messages from the blocks of one header.
type messages struct {
	*source
	blocks   []*block
	version2 bool
	list     []message
	other    int // continuations
}

func (m *messages) add(b *block, kind uint16, flags uint8, size int) {
	body := b.sub("message", size)
	if b.err != nil {
		return
	}
	if len(m.list) == maxMessages {
		b.fail("more than %d messages", maxMessages)
		return
	}
	if kind != msgContinuation {
		m.list = append(m.list, message{kind, flags&2 != 0, body})
		return
	}
	m.other++
	what := "object header continuation"
	at, n := body.u64(), body.u64()
	if body.err != nil {
		b.err = body.err
		return
	}
	next, err := m.read(what, at, n)
	if err != nil {
		b.err = err
		return
	}
	m.blocks = append(m.blocks, next)
}
