package hdf5

// A child is what a tree's lowest nodes point to.
type child struct {
	key *block // what the tree orders by
	at  uint64
}

// maxLevel bounds the depth of trees: with two children a node, as few as
// there can be, the file would have some 2^32 of them.
const maxLevel = 32

// tree returns the children of the lowest nodes of a version 1 B-tree whose
// keys have the given size.
func (s *source) tree(what string, root uint64, kind uint64, key int) ([]child, error) {
	type node struct {
		at    uint64
		level int // -1 if any will do
	}
	var children []child
	nodes := []node{{root, -1}}
	for len(nodes) > 0 {
		n := nodes[len(nodes)-1]
		nodes = nodes[:len(nodes)-1]
		const head = 24
		b, err := s.read(what, n.at, head)
		if err != nil {
			return nil, err
		}
		b.signature("TREE")
		b.want(1, "type of node", kind)
		level := int(b.u8())
		used := int(b.u16())
		if n.level >= 0 && level != n.level || level > maxLevel {
			b.fail("level %d, want one less than the node above and at most %d", level, maxLevel)
		}
		if b.err != nil {
			return nil, b.err
		}
		if b, err = s.read(what, n.at+head, uint64(used*(key+8)+key)); err != nil {
			return nil, err
		}
		for range used {
			c := child{key: b.sub(what, key), at: b.u64()}
			if level == 0 {
				children = append(children, c)
			} else {
				nodes = append(nodes, node{c.at, level - 1})
			}
		}
	}
	return children, nil
}
