package parallel

import (
	"runtime"
	"testing"
	"time"
)

// TestAwake asks until the worker polls: the first time starts nothing, the second
// does, and the worker stays for the spin.
func TestAwake(t *testing.T) {
	if runtime.NumCPU() < 2 {
		t.Skip("needs a second processor")
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	p := New(2)
	defer p.Close()
	p.SetSpin(time.Minute)
	if got := p.Awake(2); got != 1 || len(p.workers) != 0 {
		t.Errorf("first: %d awake, %d workers, want 1, 0", got, len(p.workers))
	}
	if got := p.Awake(2); got != 1 || len(p.workers) != 1 {
		t.Errorf("second: %d awake, %d workers, want 1, 1", got, len(p.workers))
	}
	if got := p.Awake(5); got != 2 {
		t.Errorf("then: %d awake, want 2", got)
	}
	if got := p.Awake(1); got != 1 {
		t.Errorf("of one: %d awake, want 1", got)
	}
	p.SetSpin(0)
	if got := p.Awake(2); got != 1 {
		t.Errorf("without a spin: %d awake, want 1", got)
	}
}

// TestAwakeWakes lets the worker park, then asks twice.
func TestAwakeWakes(t *testing.T) {
	if runtime.NumCPU() < 2 {
		t.Skip("needs a second processor")
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	p := New(2)
	defer p.Close()
	p.SetSpin(time.Nanosecond)
	p.grow(1) // no region that the worker could find before it parks for good
	for !p.workers[0].parked.Load() {
		runtime.Gosched()
	}
	p.SetSpin(time.Minute)
	for i := range 2 {
		if got := p.Awake(2); got != 1 {
			t.Errorf("parked, asked %d times before: %d awake, want 1", i, got)
		}
	}
	if got := p.Awake(2); got != 2 {
		t.Errorf("woken: %d awake, want 2", got)
	}
}

// TestAwakeBusy asks while a region runs, though its worker polls, and of a closed pool,
// where nothing may start.
func TestAwakeBusy(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	p := New(2)
	p.SetSpin(time.Minute)
	p.mu.Lock()
	p.grow(1)
	if got := p.Awake(2); got != 1 {
		t.Errorf("busy: %d awake, want 1", got)
	}
	p.mu.Unlock()
	p.Close()
	for range 2 {
		if got := p.Awake(2); got != 1 || len(p.workers) > 0 {
			t.Errorf("closed: %d awake, %d workers, want 1, 0", got, len(p.workers))
		}
	}
}
