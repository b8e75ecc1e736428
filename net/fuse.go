package net

// fuse returns the nodes that inference runs: a convolution takes in what
// follows it, as far as nothing else reads the values between,
//
//	convolution -> batch normalisation -> addition -> ReLU
//
// each part optional, and does it in its epilogue. What the normalisation does
// with moving averages is a scale and a bias for each channel, so the map is
// written once instead of up to four times.
func fuse(nodes []*Node) []*Node {
	readers := soleReaders(nodes)
	taken := make([]bool, len(nodes)) // by a chain that ends later
	ends := make([]*chain, len(nodes))
	for i, n := range nodes {
		op, ok := n.Op.(*convOp)
		if !ok {
			continue
		}
		c := &chain{op: fusedConvOp{convOp: op, act: op.act}, in: n.in, last: i}
		for next := readers[i]; next >= 0 && !taken[next] && ends[next] == nil && c.take(nodes[next]); next = readers[next] {
			taken[c.last], c.last = true, next
		}
		if c.last != i {
			ends[c.last] = c
		}
	}
	return renumber(nodes, taken, ends)
}

// soleReaders returns the node that alone reads each value, or -1.
func soleReaders(nodes []*Node) []int {
	readers := make([]int, len(nodes))
	count := make([]int, len(nodes))
	count[len(nodes)-1]++ // the output is the caller's
	for i, n := range nodes {
		for _, v := range n.in {
			readers[v] = i
			count[v]++
		}
	}
	for v := range readers {
		if count[v] != 1 || v == len(nodes)-1 {
			readers[v] = -1
		}
	}
	return readers
}

// A chain is a convolution and what it takes in, up to the node last.
type chain struct {
	op   fusedConvOp
	in   []int // of the convolution, then the other summand
	last int
}

// take adds a node that reads the chain's value, if it comes in the order of
// the epilogue.
func (c *chain) take(n *Node) bool {
	if c.op.act != 0 {
		return false
	}
	switch op := n.Op.(type) {
	case *batchNormOp:
		if c.op.norm != nil || len(c.in) > 1 {
			return false
		}
		c.op.norm = op
	case addOp:
		if len(n.in) != 2 || len(c.in) > 1 {
			return false
		}
		other := n.in[0]
		if other == c.last {
			other = n.in[1]
		}
		c.in = []int{c.in[0], other}
	case activationOp:
		if op.kind != ReLU {
			return false
		}
		c.op.act = ReLU.fuse()
	default:
		return false
	}
	return true
}

// renumber leaves out the nodes that are taken and puts the chains at their
// ends, where all they read is there.
func renumber(nodes []*Node, taken []bool, ends []*chain) []*Node {
	at := make([]int, len(nodes))
	var kept []*Node
	for i, n := range nodes {
		at[i] = len(kept)
		if taken[i] {
			continue
		}
		m := *n
		if c := ends[i]; c != nil {
			op := c.op
			m = Node{Name: n.Name, Op: &op, Out: n.Out, in: c.in}
		}
		in := make([]int, len(m.in))
		for k, v := range m.in {
			in[k] = at[v]
		}
		m.in = in
		kept = append(kept, &m)
	}
	return kept
}
