package net

import (
	"math/rand/v2"
	"testing"
)

func TestPlace(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		spans := make([]*span, r.IntN(20))
		largest := 0
		for i := range spans {
			from := r.IntN(30)
			spans[i] = &span{size: 1 + r.IntN(100), from: from, to: from + r.IntN(8)}
		}
		total := place(spans)
		for time := range 40 {
			used := 0
			for _, s := range spans {
				if s.from <= time && time <= s.to {
					used += s.size
				}
			}
			largest = max(largest, used)
		}
		if total < largest {
			t.Fatalf("%d values for spans that need %d at once", total, largest)
		}
		for i, a := range spans {
			if a.offset < 0 || a.offset+a.size > total || a.offset%align != 0 {
				t.Fatalf("span %+v in an arena of %d", *a, total)
			}
			for _, b := range spans[:i] {
				if a.from <= b.to && b.from <= a.to && a.offset < b.offset+b.size && b.offset < a.offset+a.size {
					t.Fatalf("%+v and %+v overlap in time and memory", *a, *b)
				}
			}
		}
	}
}

// A chain in which each value is needed only by the next node takes turns in
// two buffers.
func TestPlaceChain(t *testing.T) {
	var spans []*span
	for i := range 10 {
		spans = append(spans, &span{size: 64, from: i, to: i + 1})
	}
	if total := place(spans); total != 128 {
		t.Errorf("a chain takes %d values, want 128", total)
	}
}

// Dropout after a layer whose backward pass does not read its output, and
// Flatten anywhere, take no memory of their own.
func TestInPlace(t *testing.T) {
	m := mustModel(t, Input(8, 8, 1), Conv2D{Filters: 4, KernelSize: 3}, ReLU, MaxPool2D{}, Dropout{Rate: 0.5}, Flatten{}, Dense{Units: 2})
	for _, c := range []struct {
		train         bool
		values, grads int
	}{
		{false, 4, 0}, // the input, the convolution, the pooling, the product
		{true, 4, 3},
	} {
		l := newLayout(m.nodes, c.train)
		if len(l.values) != c.values || len(l.grads) != c.grads {
			t.Errorf("train=%v: %d buffers and %d for gradients, want %d and %d", c.train, len(l.values), len(l.grads), c.values, c.grads)
		}
	}
}
