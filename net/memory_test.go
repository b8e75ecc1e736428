package net

import (
	"math"
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

// Memory is what programs are planned with, and at most what all buffers take.
func TestModelMemory(t *testing.T) {
	for _, c := range []struct {
		name  string
		model *Model
	}{
		{"toy", mustModel(t, toyNetwork()...)},
		{"two outputs", twoHeads(t, Softmax, "main", "aux")},
		{"logits", twoHeads(t, Linear, "main")},
	} {
		m := c.model
		train, err := m.Memory(6, true)
		if err != nil {
			t.Fatal(err)
		}
		infer, err := m.Memory(6, false)
		if err != nil {
			t.Fatal(err)
		}
		if !(infer.Peak > 0 && infer.Peak <= infer.Naive && train.Peak < train.Naive && infer.Peak < train.Peak) {
			t.Errorf("%s: training %+v, inference %+v", c.name, train, infer)
		}
		ce := SparseCategoricalCrossentropy{FromLogits: c.name == "logits"}
		if err := m.Compile(SGD{}, ce, Options{Batch: 6}); err != nil {
			t.Fatal(err)
		}
		if got := 4 * int64(len(m.arena)); got != train.Peak {
			t.Errorf("%s: an arena of %d bytes, want %d", c.name, got, train.Peak)
		}
		if err := m.Compile(nil, nil, Options{Batch: 6}); err != nil {
			t.Fatal(err)
		}
		if got := 4 * int64(len(m.arena)); got != infer.Peak {
			t.Errorf("%s: an arena of %d bytes for inference, want %d", c.name, got, infer.Peak)
		}
	}
	// By hand: a chain of 6x6x4, 3x3x4 and 2 values, the last the caller's.
	m := mustModel(t, Input(6, 6, 4), ZeroPadding2D{Padding: []int{0}}, MaxPool2D{}, Flatten{}, Dense{Units: 2})
	if got, err := m.Memory(2, false); err != nil || got.Naive != 4*2*(144+36) {
		t.Errorf("%+v, %v, want %d bytes of buffers", got, err, 4*2*(144+36))
	}
	if got, err := m.Memory(2, true); err != nil || got.Naive != 4*2*(144+36+2+2) {
		t.Errorf("%+v, %v, want %d bytes of buffers", got, err, 4*2*(144+36+2+2))
	}
	_, err := m.Memory(0, true)
	wantError(t, "batch", err, "a batch of 0, want at least 1")
	_, err = m.Memory(math.MaxInt/2, true)
	wantError(t, "batch", err, "input_layer: a batch of ")
	_, err = mustModel(t, Input(6, 6, 4), MaxPool2D{}, Flatten{}).Memory(2, true)
	wantError(t, "nothing to learn", err, "without trainable parameters")
}
