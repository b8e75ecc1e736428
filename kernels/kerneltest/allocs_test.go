package kerneltest

import "testing"

var kept []*int

func TestAllocs(t *testing.T) {
	for want := range 3 {
		got := Allocs(func() {
			kept = kept[:0]
			for range want {
				kept = append(kept, new(int))
			}
		})
		if got != uint64(want) {
			t.Errorf("%d allocations, want %d", got, want)
		}
	}
}

// TestAllocsOnce has an allocation in the first attempt alone.
func TestAllocsOnce(t *testing.T) {
	calls := 0
	got := Allocs(func() {
		if calls++; calls < 5 {
			kept = append(kept[:0], new(int), new(int), new(int))
		}
	})
	if got != 0 {
		t.Errorf("%d allocations, want 0", got)
	}
}
