package net

// fuse returns the nodes to run: an operation takes in what follows it, as far
// as nothing else reads the values between,
//
//	inference:  convolution -> batch normalisation -> addition -> ReLU
//	training:                  batch normalisation -> addition -> ReLU
//
// each part but the first optional, though a chain of training ends in ReLU. A
// convolution does the rest in its epilogue: what normalisation does with moving
// averages is a scale and a bias for each channel. Normalisation by the batch
// does it as it stores its result. The map is then written once instead of up
// to four times.
func fuse(nodes []*Node, train bool) []*Node {
	readers := soleReaders(nodes)
	taken := make([]bool, len(nodes)) // by a chain that ends later
	ends := make([]*chain, len(nodes))
	for i, n := range nodes {
		c := newChain(n, train)
		if c == nil || taken[i] {
			continue
		}
		c.members = append(c.members, i)
		for next := readers[i]; next >= 0 && !taken[next] && ends[next] == nil && c.take(nodes[next]); next = readers[next] {
			c.members = append(c.members, next)
		}
		if len(c.members) == 1 || train && c.act == 0 {
			continue
		}
		last := len(c.members) - 1
		for _, v := range c.members[:last] {
			taken[v] = true
		}
		ends[c.members[last]] = c
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

// A chain is an operation and what it takes in.
type chain struct {
	fusion
	params  []*Param
	in      []int // of the first node, then the other summand
	members []int
}

// newChain begins a chain, or returns nil where none can.
func newChain(n *Node, train bool) *chain {
	c := &chain{params: n.Params, in: n.in}
	switch op := n.Op.(type) {
	case *convOp:
		c.conv, c.act = op, op.act
		if !train {
			return c
		}
	case *batchNormOp:
		c.norm = op
		if train && !op.frozen() {
			return c
		}
	}
	return nil
}

// take adds a node that reads the chain's value, if it comes in the order in
// which the first one does it all.
func (c *chain) take(n *Node) bool {
	if c.act != 0 {
		return false
	}
	switch op := n.Op.(type) {
	case *batchNormOp:
		if c.norm != nil || len(c.in) > 1 {
			return false
		}
		c.norm = op
	case addOp:
		if len(n.in) != 2 || len(c.in) > 1 {
			return false
		}
		other := n.in[0]
		if other == c.members[len(c.members)-1] {
			other = n.in[1]
		}
		c.in = []int{c.in[0], other}
	case activationOp:
		if op.kind != ReLU {
			return false
		}
		c.act = ReLU.fuse()
	default:
		return false
	}
	return true
}

// node returns what stands for a chain that ends in n.
func (c *chain) node(n *Node) Node {
	f := c.fusion
	f.residual = len(c.in) > 1
	if f.conv != nil {
		return Node{Name: n.Name, Op: &fusedConvOp{f}, Out: n.Out, in: c.in}
	}
	return Node{
		Name: n.Name, Op: &fusedNormOp{f}, Out: n.Out, Params: c.params, in: c.in,
		BackwardX: true, InPlace: true, Repeats: !f.residual,
	}
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
			m = c.node(n)
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
