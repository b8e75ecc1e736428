package parallel_test

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/simdconv/simdconv/kernels/parallel"
)

func TestClose(t *testing.T) {
	setProcs(t, 7)
	before := runtime.NumGoroutine()
	p := parallel.New(7)
	if got := runtime.NumGoroutine(); got != before {
		t.Errorf("New started %d goroutines, want 0", got-before)
	}
	p.Run(taskFunc(func(_, _ int) {}), 100, 7)
	if got := runtime.NumGoroutine(); got != before+6 {
		t.Errorf("%d goroutines in the pool, want 6", got-before)
	}
	p.Close()
	p.Close()
	// A goroutine is counted until shortly after its last deferred call.
	for range 100 {
		if runtime.NumGoroutine() == before {
			break
		}
		time.Sleep(time.Millisecond)
	}
	if got := runtime.NumGoroutine(); got != before {
		t.Errorf("%d goroutines left after Close", got-before)
	}
	checkInline(t, p)
	parallel.New(3).Close()
}

func TestCloseWhileInUse(t *testing.T) {
	for range 20 {
		p := newPool(t, 4, 4)
		var callers sync.WaitGroup
		for range 3 {
			callers.Add(1)
			go func() {
				defer callers.Done()
				var visits atomic.Int32
				for range 20 {
					p.Run(taskFunc(func(_, _ int) { visits.Add(1) }), 10, 4)
				}
				if got := visits.Load(); got != 200 {
					t.Errorf("%d visits, want 200", got)
				}
			}()
		}
		p.Close()
		callers.Wait()
	}
}
