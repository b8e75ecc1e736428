package parallel

import (
	"runtime"
	"sync/atomic"
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

// TestCounted has regions of three participants: the caller and workers 1 and 2.
func TestCounted(t *testing.T) {
	const open, epoch = 7<<gateEpoch | 3<<gateBits, 7
	tests := []struct {
		name              string
		gate              uint64
		running, admitted bool // for workers 1 and 2; for worker 3 never
	}{
		{"open, nobody inside", open, true, true},
		{"open, two inside", open | 2, true, true},
		{"shut, one inside", open | gateShut | 1, true, false},
		{"shut, one inside, caller parked", open | gateShut | gateWaiting | 1, true, false},
		{"over", open | gateShut, false, false},
		{"before the first", 0, false, false},
	}
	for _, tt := range tests {
		for id := uint64(1); id <= 3; id++ {
			w := &worker{id: id}
			if got, want := w.counted(tt.gate), tt.running && id < 3; got != want {
				t.Errorf("%s: worker %d counted is %v, want %v", tt.name, id, got, want)
			}
			if got, want := w.admitted(tt.gate, epoch-1), tt.admitted && id < 3; got != want {
				t.Errorf("%s: worker %d admitted is %v, want %v", tt.name, id, got, want)
			}
			if w.admitted(tt.gate, epoch) {
				t.Errorf("%s: worker %d admitted twice", tt.name, id)
			}
		}
	}
}

// A meeting is a task of two indices that run at once. The caller's ends then, the
// other some time after the gate is shut.
type meeting struct {
	pool   *Pool
	inside atomic.Int64
	longer time.Duration
}

func (m *meeting) Run(worker, _ int) {
	for m.inside.Add(1); m.inside.Load() < 2; {
		runtime.Gosched()
	}
	if worker == 0 {
		return
	}
	for m.pool.gate.Load()&gateShut == 0 {
		runtime.Gosched()
	}
	for start := time.Now(); time.Since(start) < m.longer; {
	}
}

// TestCallerPolls has callers wait for long after the spin, and looks in the gate
// whether they parked.
func TestCallerPolls(t *testing.T) {
	if runtime.NumCPU() < 2 {
		t.Skip("needs a second processor")
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	for _, spin := range []time.Duration{0, DefaultSpin} {
		p := New(2)
		p.SetSpin(spin)
		// One that is held up does what it should not, but hardly every second,
		// ten times.
		const regions = 20
		want, parked := spin == 0, 0
		for try := 0; try < 10 && (try == 0 || parked > regions/2 != want); try++ {
			parked = 0
			for range regions {
				p.Run(&meeting{pool: p, longer: runningSpin / 2}, 2, 2)
				if p.gate.Load()&gateWaiting != 0 {
					parked++
				}
			}
		}
		if parked > regions/2 != want {
			t.Errorf("with a spin of %v the caller parked in %d of %d regions", spin, parked, regions)
		}
		p.Close()
	}
}
