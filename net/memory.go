package net

import (
	"cmp"
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
