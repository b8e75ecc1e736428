package parallel_test

import (
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/simdconv/simdconv/kernels/parallel"
)

// taskFunc makes a task of a function.
type taskFunc func(worker, i int)

func (f taskFunc) Run(worker, i int) { f(worker, i) }

func newPool(t testing.TB, workers, procs int) *parallel.Pool {
	setProcs(t, procs)
	p := parallel.New(workers)
	t.Cleanup(p.Close)
	return p
}

func setProcs(t testing.TB, n int) {
	old := runtime.GOMAXPROCS(n)
	t.Cleanup(func() { runtime.GOMAXPROCS(old) })
}

func TestRunVisitsEveryIndexOnce(t *testing.T) {
	for _, spin := range []time.Duration{0, parallel.DefaultSpin} {
		p := newPool(t, 7, 7)
		p.SetSpin(spin)
		for _, threads := range []int{-1, 0, 1, 2, 7, 1 << 20} {
			for _, n := range []int{-1, 0, 1, 2, 3, 6, 7, 8, 100, 1000} {
				visits := make([]int32, max(n, 0))
				p.Run(taskFunc(func(_, i int) { atomic.AddInt32(&visits[i], 1) }), n, threads)
				for i, v := range visits {
					if v != 1 {
						t.Fatalf("spin %v, threads %d, n %d: index %d ran %d times", spin, threads, n, i, v)
					}
				}
			}
		}
	}
}

// TestRunOrdersMemory has the race detector watch plain writes on both sides of
// a region.
func TestRunOrdersMemory(t *testing.T) {
	p := newPool(t, 0, 4)
	data := make([]int, 64)
	for round := 1; round <= 200; round++ {
		for i := range data {
			data[i]++
		}
		p.Run(taskFunc(func(_, i int) { data[i]++ }), len(data), 4)
		for i, v := range data {
			if v != 2*round {
				t.Fatalf("round %d: data[%d] = %d, want %d", round, i, v, 2*round)
			}
		}
	}
}

func TestWorkersAreExclusive(t *testing.T) {
	p := newPool(t, 7, 7)
	p.SetSpin(10 * time.Millisecond) // the workers that must stay out look on
	for _, threads := range []int{7, 3, 2} {
		inside := make([]atomic.Int32, threads)
		task := taskFunc(func(worker, i int) {
			if worker < 0 || worker >= threads {
				t.Errorf("worker %d, want one below %d", worker, threads)
				return
			}
			if inside[worker].Add(1) != 1 {
				t.Errorf("worker %d runs two indices at once", worker)
			}
			time.Sleep(20 * time.Microsecond)
			inside[worker].Add(-1)
		})
		for range 30 {
			p.Run(task, 50, threads)
		}
	}
}

// meet runs a region of n tasks that wait for each other, so that it needs n
// participants, and reports whether they came.
func meet(p *parallel.Pool, n, threads int) bool {
	var missed atomic.Bool
	var arrived sync.WaitGroup
	arrived.Add(n)
	all := make(chan struct{})
	go func() { arrived.Wait(); close(all) }()
	p.Run(taskFunc(func(_, _ int) {
		arrived.Done()
		select {
		case <-all:
		case <-time.After(100 * time.Millisecond):
			missed.Store(true)
		}
	}), n, threads)
	return !missed.Load()
}

func TestParticipants(t *testing.T) {
	tests := []struct {
		size, procs, threads int
		want                 int
	}{
		{size: 7, procs: 7, threads: 7, want: 7},
		{size: 7, procs: 2, threads: 7, want: 2},
		{size: 7, procs: 7, threads: 2, want: 2},
		{size: 3, procs: 7, threads: 7, want: 3},
		{size: 0, procs: 7, threads: 7, want: 7},
		{size: -1, procs: 2, threads: 7, want: 2},
		{size: 1, procs: 7, threads: 7, want: 1},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("size=%d/procs=%d/threads=%d", tt.size, tt.procs, tt.threads), func(t *testing.T) {
			p := newPool(t, tt.size, tt.procs)
			if !meet(p, tt.want, tt.threads) {
				t.Errorf("fewer than %d participants", tt.want)
			}
			if meet(p, tt.want+1, tt.threads) {
				t.Errorf("more than %d participants", tt.want)
			}
		})
	}
}

func TestPoolFollowsGOMAXPROCS(t *testing.T) {
	p := newPool(t, 0, 2)
	for _, procs := range []int{2, 5, 3, 7} {
		setProcs(t, procs)
		if !meet(p, procs, procs) {
			t.Errorf("fewer than %d participants after GOMAXPROCS(%d)", procs, procs)
		}
	}
}

func TestParkedWorkersWake(t *testing.T) {
	p := newPool(t, 4, 4)
	for _, spin := range []time.Duration{0, time.Microsecond, parallel.DefaultSpin} {
		p.SetSpin(spin)
		for range 5 {
			if !meet(p, 4, 4) {
				t.Errorf("spin %v: workers did not come back", spin)
			}
			time.Sleep(2 * time.Millisecond)
		}
	}
}

// checkInline runs a region of p and fails the test unless the calling
// goroutine runs it all, in order, as worker 0.
func checkInline(t *testing.T, p *parallel.Pool) {
	t.Helper()
	var order []int
	p.Run(taskFunc(func(worker, i int) {
		if worker != 0 {
			t.Errorf("inline as worker %d, want 0", worker)
		}
		order = append(order, i)
	}), 5, 7)
	if want := []int{0, 1, 2, 3, 4}; !slices.Equal(order, want) {
		t.Errorf("inline order %v, want %v", order, want)
	}
}

func TestNestedRunsInline(t *testing.T) {
	p := newPool(t, 4, 4)
	var inner atomic.Int32
	p.Run(taskFunc(func(_, _ int) {
		checkInline(t, p)
		inner.Add(1)
	}), 20, 4)
	if got := inner.Load(); got != 20 {
		t.Errorf("%d nested regions, want 20", got)
	}
}

func TestBusyRunsInline(t *testing.T) {
	p := newPool(t, 2, 4)
	running, release := make(chan struct{}), make(chan struct{})
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		p.Run(taskFunc(func(_, i int) {
			if i == 0 {
				close(running)
				<-release
			}
		}), 2, 2)
	}()
	<-running
	checkInline(t, p)
	close(release)
	<-finished
}

func TestConcurrentCallers(t *testing.T) {
	p := newPool(t, 4, 4)
	var callers sync.WaitGroup
	for range 8 {
		callers.Add(1)
		go func() {
			defer callers.Done()
			sums := make([]int, 40)
			task := taskFunc(func(_, i int) { sums[i] += i })
			for range 100 {
				p.Run(task, len(sums), 4)
			}
			for i, s := range sums {
				if s != 100*i {
					t.Errorf("sums[%d] = %d, want %d", i, s, 100*i)
				}
			}
		}()
	}
	callers.Wait()
}

func TestTaskIsNotKept(t *testing.T) {
	p := newPool(t, 3, 3)
	collected := make(chan struct{})
	func() {
		data := new([1 << 16]byte)
		runtime.SetFinalizer(data, func(*[1 << 16]byte) { close(collected) })
		p.Run(taskFunc(func(_, i int) { data[i] = 1 }), 100, 3)
	}()
	for range 100 {
		runtime.GC()
		select {
		case <-collected:
			return
		case <-time.After(10 * time.Millisecond):
		}
	}
	t.Error("the pool keeps the task of a finished region in memory")
}

func TestRunAllocatesNothing(t *testing.T) {
	p := newPool(t, 2, 2)
	sums := make([]int, 64)
	var task parallel.Task = taskFunc(func(_, i int) { sums[i]++ })
	for _, threads := range []int{1, 2} {
		if allocs := testing.AllocsPerRun(200, func() { p.Run(task, len(sums), threads) }); allocs != 0 {
			t.Errorf("threads %d: %v allocations per region, want 0", threads, allocs)
		}
	}
	// AllocsPerRun lowers GOMAXPROCS to 1, which makes regions run inline.
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range 1000 {
		p.Run(task, len(sums), 2)
	}
	runtime.ReadMemStats(&after)
	if n := after.Mallocs - before.Mallocs; n > 100 {
		t.Errorf("%d allocations in 1000 parallel regions, want about 0", n)
	}
}

func TestDefault(t *testing.T) {
	setProcs(t, 2)
	if p, q := parallel.Default(), parallel.Default(); p != q {
		t.Error("Default returned two pools")
	}
	if !meet(parallel.Default(), 2, 2) {
		t.Error("fewer than 2 participants")
	}
}
