package parallel

import (
	"testing"
	"time"
)

// TestSpinnerAgain looks at the clock once for each age of a spinner.
func TestSpinnerAgain(t *testing.T) {
	const ms = time.Millisecond
	tests := []struct {
		name       string
		limit, age time.Duration
		running    bool
		want       bool
	}{
		{"idle, within the limit", 1000 * ms, 0, false, true},
		{"idle, past the limit", ms, 2 * ms, false, false},
		{"running, past the limit and within the bound", DefaultSpin, runningSpin / 2, true, true},
		{"running, past the bound", DefaultSpin, 2 * runningSpin, true, false},
		{"running, past the bound and within the limit", 1000 * ms, 2 * runningSpin, true, true},
		{"running, past a limit above the bound", 2 * runningSpin, 3 * runningSpin, true, false},
		{"no limit, idle", 0, 0, false, false},
		{"no limit, running", 0, 0, true, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			// A test that is held up makes it false, but hardly ten times in a row.
			got := false
			for try := 0; try < 10 && !got; try++ {
				past := time.Now().Add(-tt.age)
				s := spinner{first: past, start: past, limit: tt.limit, polls: pollsPerClock - 1}
				got = s.again(tt.running)
			}
			if got != tt.want {
				t.Errorf("again(%v) = %v, want %v", tt.running, got, tt.want)
			}
		})
	}
}

// TestCounted has a region of three participants: the caller and workers 1 and 2.
func TestCounted(t *testing.T) {
	for id, want := range map[uint64]bool{1: true, 2: true, 3: false} {
		w := &worker{id: id}
		if g := uint64(7<<gateEpoch | 3<<gateBits | 2); w.counted(g) != want {
			t.Errorf("worker %d counted is %v, want %v", id, !want, want)
		}
		if g := uint64(7<<gateEpoch | 2); w.counted(g) {
			t.Errorf("worker %d counted between regions", id)
		}
	}
}
