package models_test

import (
	"fmt"
	"math"
	"runtime"
	"runtime/metrics"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/simdconv/simdconv/net"
	"github.com/simdconv/simdconv/net/models"
)

// BenchmarkCollectorPauses trains ResNet-34 with eight images of 224x224 while
// another goroutine collects garbage all the time, which training itself makes
// none of. It reports how long the world is stopped for a collection, at the
// median and the 99th percentile, in microseconds: all of it, and the part until
// every thread has stopped, which is what training can add, for assembly cannot
// be interrupted. Beside it stands the same while as many goroutines count.
func BenchmarkCollectorPauses(b *testing.B) {
	const batch = 8
	m, err := net.Sequential(models.ResNet34(224, 224, 3, 10)...)
	if err != nil {
		b.Fatal(err)
	}
	if err := m.Compile(net.SGD{LearningRate: 1e-3, Momentum: 0.9}, net.SparseCategoricalCrossentropy{}, net.Options{Batch: batch, Seed: 1}); err != nil {
		b.Fatal(err)
	}
	x, labels := images(batch, 224)
	step := func() {
		if _, _, err := m.TrainStep(x, labels); err != nil {
			b.Fatal(err)
		}
	}
	step()
	training := pauses(func() {
		for b.Loop() {
			step()
		}
	})
	counting := pauses(func() { count(b.Elapsed()) })
	for i, part := range []string{"total", "stopping"} {
		for _, q := range []float64{0.5, 0.99} {
			b.ReportMetric(1e6*quantile(training[i], q), fmt.Sprintf("%s-p%g-us", part, 100*q))
			b.ReportMetric(1e6*quantile(counting[i], q), fmt.Sprintf("counting-%s-p%g-us", part, 100*q))
		}
	}
}

// count keeps as many threads busy as there are.
func count(d time.Duration) {
	var stop atomic.Bool
	var wait sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wait.Add(1)
		go func() {
			defer wait.Done()
			for !stop.Load() {
			}
		}()
	}
	time.Sleep(d)
	stop.Store(true)
	wait.Wait()
}

// pauses returns how often the world was stopped for how long while f ran, all
// in all and until every thread had stopped.
func pauses(f func()) [2]*metrics.Float64Histogram {
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			case <-time.After(5 * time.Millisecond):
				runtime.GC()
			}
		}
	}()
	sample := func() (h [2]*metrics.Float64Histogram) {
		s := []metrics.Sample{{Name: "/sched/pauses/total/gc:seconds"}, {Name: "/sched/pauses/stopping/gc:seconds"}}
		metrics.Read(s)
		for i := range h {
			h[i] = s[i].Value.Float64Histogram()
		}
		return h
	}
	before := sample()
	f()
	after := sample()
	close(stop)
	<-stopped
	for i := range after {
		for k, n := range before[i].Counts {
			after[i].Counts[k] -= n
		}
	}
	return after
}

// quantile returns the upper end of the bucket that a share q of all lies in or
// below.
func quantile(h *metrics.Float64Histogram, q float64) float64 {
	var all uint64
	for _, c := range h.Counts {
		all += c
	}
	left := uint64(math.Ceil(q * float64(all)))
	for i, c := range h.Counts {
		if c >= left {
			return h.Buckets[i+1]
		}
		left -= c
	}
	return math.NaN()
}
