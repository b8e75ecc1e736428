package roof

import (
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

const (
	bursts     = 5
	burstTime  = 3 * time.Millisecond
	maxCalls   = 1 << 14 // of a burst, should the clock stand still
	maxThreads = 1 << 12
)

// Median returns the median of rates, or 0 if there are none.
func Median(rates []float64) float64 {
	s := slices.Sorted(slices.Values(rates))
	if len(s) == 0 {
		return 0
	}
	return (s[(len(s)-1)/2] + s[len(s)/2]) / 2
}

// A load does some microseconds of work on one thread and returns how much it
// did.
type load func(thread int) float64

// measure returns the rate of each of several bursts: work per second, summed
// over the threads.
func measure(threads int, work load) []float64 {
	rates := make([]float64, bursts)
	for i := range rates {
		rates[i] = together(threads, work)
	}
	return rates
}

// together runs one burst on each of some threads, the caller's among them, and
// returns the sum of their rates. All start at once, so that none has the
// machine to itself.
func together(threads int, work load) float64 {
	rates := make([]float64, threads)
	var ready atomic.Int64
	one := func(thread int) {
		for ready.Add(1); ready.Load() < int64(threads); {
			runtime.Gosched()
		}
		rates[thread] = burst(thread, work)
	}
	var wg sync.WaitGroup
	for thread := 1; thread < threads; thread++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			one(thread)
		}()
	}
	one(0)
	wg.Wait()
	sum := 0.0
	for _, r := range rates {
		sum += r
	}
	return sum
}

// burst repeats work for about burstTime and returns its rate.
func burst(thread int, work load) float64 {
	done, start := 0.0, time.Now()
	for range maxCalls {
		done += work(thread)
		if time.Since(start) >= burstTime {
			break
		}
	}
	return done / max(time.Since(start), 1).Seconds()
}

func checkThreads(threads int) error {
	if threads < 1 || threads > maxThreads {
		return fmt.Errorf("roof: %d threads, want 1 to %d", threads, maxThreads)
	}
	return nil
}
