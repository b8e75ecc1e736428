package hdf5

import "math/bits"

// encSize returns how many bytes the format gives numbers up to limit.
func encSize(limit uint64) int { return (max(bits.Len64(limit), 1)-1)/8 + 1 }

// A tree2 is the shape of a version 2 B-tree.
type tree2 struct {
	kind, record, node int
	counts             []int // by level: bytes of the number of records below a node
	leafCount          int   // bytes of the number of records of a node
}

// records returns the records of a version 2 B-tree.
func (s *source) records(at, kind uint64) ([]*block, error) {
	const head = 38
	b, err := s.read("B-tree", at, head)
	if err != nil {
		return nil, err
	}
	b.signature("BTHD")
	b.want(1, "version", 0)
	b.want(1, "type of records", kind)
	node, record, depth := b.u32(), b.u16(), int(b.u16())
	b.skip(2) // when nodes are split and merged
	root, count := b.u64(), int(b.u16())
	b.skip(8)
	b.checksum(s)
	if node < 64 || record < 4 || depth > maxLevel {
		b.fail("nodes of %d bytes, records of %d and %d levels, want at least 64, at least 4 and at most %d", node, record, depth, maxLevel)
	}
	if b.err != nil || root == undefined {
		return nil, b.err
	}
	t := tree2{kind: int(kind), record: int(record), node: int(node)}
	t.measure(depth)
	return s.walk2(&t, root, count, depth)
}

// measure sets the sizes of numbers, which follow from how many records there
// can be at most.
func (t *tree2) measure(depth int) {
	const overhead = 10
	most := uint64(t.node-overhead) / uint64(t.record)
	t.leafCount = encSize(most)
	t.counts = append(t.counts, 0)
	for level := 1; level <= depth; level++ {
		pointer := 8 + t.leafCount + t.counts[level-1]
		n := uint64(max(t.node-overhead-pointer, 0)) / uint64(t.record+pointer)
		hi, lo := bits.Mul64(n+1, most)
		if most = lo + n; hi != 0 || most < n {
			most = 1<<64 - 1
		}
		t.counts = append(t.counts, encSize(most))
	}
}

// walk2 collects the records of a node at a level and of the nodes below.
func (s *source) walk2(t *tree2, at uint64, count, level int) ([]*block, error) {
	type node struct {
		at           uint64
		count, level int
	}
	var records []*block
	nodes := []node{{at, count, level}}
	for len(nodes) > 0 {
		n := nodes[len(nodes)-1]
		nodes = nodes[:len(nodes)-1]
		pointer := 8 + t.leafCount
		if n.level > 0 {
			pointer += t.counts[n.level-1]
		}
		size := 6 + n.count*t.record + 4
		if n.level > 0 {
			size += (n.count + 1) * pointer
		}
		b, err := s.read("node of a B-tree", n.at, uint64(size))
		if err != nil {
			return nil, err
		}
		if n.level > 0 {
			b.signature("BTIN")
		} else {
			b.signature("BTLF")
		}
		b.want(1, "version", 0)
		b.want(1, "type of records", uint64(t.kind))
		b.checksum(s)
		for range n.count {
			records = append(records, b.sub("record of a B-tree", t.record))
		}
		for i := 0; n.level > 0 && i <= n.count; i++ {
			c := node{at: b.u64(), count: int(b.uint(t.leafCount)), level: n.level - 1}
			b.skip(t.counts[n.level-1])
			nodes = append(nodes, c)
		}
		if b.err != nil {
			return nil, b.err
		}
	}
	return records, nil
}
