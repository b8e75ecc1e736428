package net

import (
	"cmp"
	"fmt"
	"slices"
)

// A span is a buffer of a program: its length in values, and the times from
// its first write to its last read, both included.
type span struct {
	size, from, to int
	offset         int // set by place
}

// align keeps buffers a cache line apart.
const align = 16

// place gives each span an offset in one arena, so that two spans overlap in
// memory only where they do not in time, and returns the arena's length.
// Greedy by size: the largest first, each at the lowest offset that is free
// (Pisarchyk and Lee, "Efficient Memory Management for Deep Neural Net
// Inference", 2020).
func place(spans []*span) int {
	order := slices.Clone(spans)
	slices.SortStableFunc(order, func(a, b *span) int { return cmp.Compare(b.size, a.size) })
	total := 0
	var placed []*span // by offset
	for _, s := range order {
		s.offset = 0
		for _, p := range placed {
			if p.to < s.from || s.to < p.from {
				continue
			}
			if s.offset+s.size <= p.offset {
				break
			}
			s.offset = max(s.offset, (p.offset+p.size+align-1)/align*align)
		}
		at, _ := slices.BinarySearchFunc(placed, s, func(a, b *span) int { return cmp.Compare(a.offset, b.offset) })
		placed = slices.Insert(placed, at, s)
		total = max(total, s.offset+s.size)
	}
	return total
}

// Memory is what the values of a model and their gradients take, in bytes.
// Parameters, what an optimizer remembers and the kernels' own room are not in
// it, nor are the input and, in inference, the output, which are the caller's.
type Memory struct {
	Peak  int64 // as planned: the size of the one arena that they share
	Naive int64 // if each had a buffer of its own
}

// Memory returns what a batch takes in training, with a softmax at an output
// fused with the loss, or to predict the first output. The model need not be
// compiled; Trainable counts as it is now, and a model without trainable
// parameters has no training.
func (m *Model) Memory(batch int, train bool) (Memory, error) {
	if batch < 1 {
		return Memory{}, fmt.Errorf("net: a batch of %d, want at least 1", batch)
	}
	if train && m.frozen() {
		return Memory{}, errAllFrozen
	}
	nodes := m.nodes
	if train {
		var outs []int
		for _, v := range m.outputs {
			if n := m.nodes[v]; n.softmax() {
				v = n.in[0]
			}
			outs = append(outs, v)
		}
		nodes = subgraph(m.nodes, outs)
	} else if len(m.outputs) > 1 {
		nodes = subgraph(m.nodes, m.outputs[:1])
	}
	_, spans, _, err := layBuffers(fuse(nodes, train), batch, train)
	if err != nil {
		return Memory{}, err
	}
	size := Memory{Peak: 4 * int64(place(spans))}
	l := newLayout(nodes, train)
	for i, n := range nodes {
		if i == 0 || n.view(train) || !train && i == len(nodes)-1 {
			continue
		}
		values := int64(batch) * int64(n.Out.Len())
		size.Naive += 4 * values
		if l.active[i] {
			size.Naive += 4 * values
		}
	}
	return size, nil
}
