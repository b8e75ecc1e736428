package parallel_test

import (
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

var errTask = errors.New("task failed")

func TestPanicReachesCaller(t *testing.T) {
	p := newPool(t, 4, 4)
	for _, threads := range []int{1, 4} {
		for at := range 16 {
			var inside atomic.Int32
			value := catch(func() {
				p.Run(taskFunc(func(_, i int) {
					inside.Add(1)
					defer inside.Add(-1)
					runtime.Gosched()
					if i == at {
						panic(errTask)
					}
				}), 16, threads)
			})
			if value != errTask {
				t.Fatalf("threads %d, index %d: recovered %v, want %v", threads, at, value, errTask)
			}
			if got := inside.Load(); got != 0 {
				t.Fatalf("threads %d, index %d: Run panicked with %d calls still running", threads, at, got)
			}
		}
	}
	if !meet(p, 4, 4) {
		t.Error("the pool lost workers")
	}
}

// TestPanicOfEachWorker has the panic come from a chosen worker, the caller
// included, and from all at once.
func TestPanicOfEachWorker(t *testing.T) {
	const threads = 4
	p := newPool(t, threads, threads)
	for from := range threads + 1 {
		all := from == threads
		value := catch(func() {
			var arrived sync.WaitGroup
			arrived.Add(threads)
			p.Run(taskFunc(func(worker, _ int) {
				arrived.Done()
				arrived.Wait()
				if all || worker == from {
					panic(errTask)
				}
			}), threads, threads)
		})
		if value != errTask {
			t.Errorf("panic of worker %d: recovered %v, want %v", from, value, errTask)
		}
	}
	if !meet(p, threads, threads) {
		t.Error("the pool lost workers")
	}
}

// TestPanicSkipsRest has each worker in turn panic while the other goes on.
func TestPanicSkipsRest(t *testing.T) {
	const n = 500
	p := newPool(t, 2, 2)
	for from := range 2 {
		var ran atomic.Int32
		var first [2]sync.Once
		var arrived sync.WaitGroup
		arrived.Add(2)
		catch(func() {
			p.Run(taskFunc(func(worker, _ int) {
				first[worker].Do(arrived.Done)
				arrived.Wait()
				if worker == from {
					panic(errTask)
				}
				time.Sleep(100 * time.Microsecond)
				ran.Add(1)
			}), n, 2)
		})
		if got := ran.Load(); got > n/2 {
			t.Errorf("%d of %d indices ran after a panic in worker %d", got, n, from)
		}
	}
}

func TestGoexitEndsRegion(t *testing.T) {
	p := newPool(t, 3, 3)
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		p.Run(taskFunc(func(_, _ int) { runtime.Goexit() }), 10, 3)
	}()
	<-finished
	var visits atomic.Int32
	p.Run(taskFunc(func(_, _ int) { visits.Add(1) }), 10, 3)
	if got := visits.Load(); got != 10 {
		t.Errorf("%d visits after Goexit, want 10", got)
	}
}

func catch(f func()) (value any) {
	defer func() { value = recover() }()
	f()
	return nil
}
