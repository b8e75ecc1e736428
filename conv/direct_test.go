package conv

import "testing"

// Rows that lie a multiple of 4 KiB apart are few in a register tile.
func TestMostRows(t *testing.T) {
	for _, c := range []struct{ mr, lda, want int }{
		{14, 1024, 7}, {14, 2048, 7}, {6, 1024, 6}, {14, 1000, 14}, {14, 512, 14}, {6, 1000, 6},
	} {
		if n := mostRows(c.mr, c.lda); n != c.want {
			t.Errorf("mostRows(%d, %d) = %d, want %d", c.mr, c.lda, n, c.want)
		}
	}
}
