package hdf5

import "strings"

// A link is a name in a group and the address of its object header, or why
// there is none.
type link struct {
	name  string
	at    uint64
	other string // "a soft link"
}

// links returns what is in a group, in no order. That an object is no group is
// not an error.
func (s *source) links(messages []message) (links []link, group bool, err error) {
	for _, m := range messages {
		var more []link
		switch m.kind {
		case msgSymbolTable:
			more, err = s.symbolTable(m.body)
		case msgLink:
			more, err = linkMessage(m.body)
		case msgLinkInfo:
			more, err = s.linkInfo(m.body)
		default:
			continue
		}
		if err != nil {
			return nil, false, err
		}
		links, group = append(links, more...), true
	}
	return links, group, nil
}

// symbolTable reads a group of the old form: a tree of nodes whose entries have
// their names in a heap.
func (s *source) symbolTable(b *block) ([]link, error) {
	tree, at := b.u64(), b.u64()
	if b.err != nil {
		return nil, b.err
	}
	names, err := s.localHeap(at)
	if err != nil {
		return nil, err
	}
	leaves, err := s.tree("group tree", tree, 0, 8)
	if err != nil {
		return nil, err
	}
	var links []link
	for _, leaf := range leaves {
		if links, err = s.symbols(links, leaf.at, names); err != nil {
			return nil, err
		}
	}
	return links, nil
}

// localHeap returns the names of a group, each ended by a zero byte.
func (s *source) localHeap(at uint64) (string, error) {
	b, err := s.read("local heap", at, 32)
	if err != nil {
		return "", err
	}
	b.signature("HEAP")
	b.want(1, "version", 0)
	b.skip(3)
	size := b.u64()
	b.skip(8) // free list
	data := b.u64()
	if b.err != nil {
		return "", b.err
	}
	if b, err = s.read("names of a group", data, size); err != nil {
		return "", err
	}
	return string(b.b), nil
}

// symbols appends the entries of one node of a group.
func (s *source) symbols(links []link, at uint64, names string) ([]link, error) {
	const head, entry = 8, 40
	b, err := s.read("symbol table node", at, head)
	if err != nil {
		return nil, err
	}
	b.signature("SNOD")
	b.want(1, "version", 1)
	b.skip(1)
	n := b.u16()
	if b.err != nil {
		return nil, b.err
	}
	if b, err = s.read("symbol table node's entries", at+head, uint64(n)*entry); err != nil {
		return nil, err
	}
	for range n {
		l := link{}
		name := b.u64()
		l.at = b.u64()
		if b.u32() == 2 {
			l.other = "a soft link"
		}
		b.skip(4 + 16)
		if name >= uint64(len(names)) {
			return nil, b.errorf("a name at %d of %d bytes of names", name, len(names))
		}
		end := strings.IndexByte(names[name:min(uint64(len(names)), name+maxPath+1)], 0)
		if end < 0 {
			return nil, b.errorf("the name at %d has no end within %d bytes", name, maxPath)
		}
		l.name = names[name:][:end]
		links = append(links, l)
	}
	return links, b.err
}

// linkMessage reads one link of a group of the new form.
func linkMessage(b *block) ([]link, error) {
	b.want(1, "version of a link", 1)
	flags := b.u8()
	kind := uint8(0)
	if flags&8 != 0 {
		kind = b.u8()
	}
	if flags&4 != 0 {
		b.skip(8) // order of creation
	}
	if flags&0x10 != 0 {
		b.skip(1) // ASCII or UTF-8
	}
	n := b.uint(1 << (flags & 3))
	if n > maxPath {
		b.fail("a name of %d bytes, want at most %d", n, maxPath)
	}
	l := link{name: string(b.bytes(int(n)))}
	switch kind {
	case 0:
		l.at = b.u64()
	case 1:
		l.other = "a soft link"
	case 64:
		l.other = "a link to another file"
	default:
		l.other = "a link of the user's own type"
	}
	return []link{l}, b.err
}
