package parallel

import "testing"

func TestShare(t *testing.T) {
	for n := range 40 {
		for parts := 1; parts < 12; parts++ {
			next := 0
			for i := range parts {
				first, last := Share(n, parts, i)
				if size := last - first; first != next || size < n/parts || size > (n+parts-1)/parts {
					t.Fatalf("Share(%d, %d, %d) = %d, %d after %d", n, parts, i, first, last, next)
				}
				next = last
			}
			if next != n {
				t.Fatalf("Share(%d, %d, ...) ends at %d", n, parts, next)
			}
		}
	}
}
