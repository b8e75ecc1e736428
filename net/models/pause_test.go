package models_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/simdconv/simdconv/kernels/kerneltest"
	"github.com/simdconv/simdconv/kernels/parallel"
	"github.com/simdconv/simdconv/net"
	"github.com/simdconv/simdconv/net/models"
)

// BenchmarkCollectorPauses reports what training adds to the time that the world is
// stopped, as it is twice for a collection: assembly cannot be interrupted, so a stop
// waits for the call that is running. The world is stopped at random moments of
// training and of plain Go in parallel regions, which takes turns with the steps and
// as long as they. Collections go on all the time, but runtime.ReadMemStats stops the
// world by the same function hundreds of times in the time of one.
//
// A stop also waits for a thread that waits for a processor itself, often for a tick of
// 4 ms, while another process or the kernel has it; in plain Go, too. Linux says of each
// thread how long it has waited: a stop during which all threads together did for more
// than 20 us, held, is left out of the figures "free"; "raw" has all stops. "added" is
// a quantile of training less that of plain Go, in microseconds, from "low" to "high"
// with 95% confidence: the 2.5th and the 97.5th percentile over samples, with
// replacement, of steps with the plain Go after each.
//
//	go test -run=NONE -bench=CollectorPauses -benchtime=45s ./net/models
func BenchmarkCollectorPauses(b *testing.B) {
	for _, n := range []struct {
		name   string
		layers []net.Layer
		batch  int
		pixels int
	}{
		{"lecture_cnn", models.LectureCNN(), 32, 28 * 28},
		{"resnet34", models.ResNet34(224, 224, 3, 10), 8, 224 * 224 * 3},
	} {
		b.Run(fmt.Sprintf("net=%s/n=%d", n.name, n.batch), func(b *testing.B) {
			m, err := net.Sequential(n.layers...)
			if err != nil {
				b.Fatal(err)
			}
			if err := m.Compile(net.SGD{LearningRate: 1e-3, Momentum: 0.9}, net.SparseCategoricalCrossentropy{}, net.Options{Batch: n.batch, Seed: 1}); err != nil {
				b.Fatal(err)
			}
			x, labels := make([]float32, n.batch*n.pixels), make([]uint8, n.batch)
			kerneltest.FillUniform(x, 1)
			step := func() {
				if _, _, err := m.TrainStep(x, labels); err != nil {
					b.Fatal(err)
				}
			}
			step()
			s := startStopper()
			for b.Loop() {
				began := time.Now()
				step()
				took := time.Since(began)
				s.window.Add(1)
				count(took)
				s.window.Add(1)
			}
			stops := s.end()
			b.ReportMetric(0, "ns/op") // of both
			report(b, stops, "raw", func(s stop) bool { return true })
			report(b, stops, "free", func(s stop) bool { return s.held <= 20*time.Microsecond })
		})
	}
}

// report reports the pauses of the wanted stops.
func report(b *testing.B, stops []stop, name string, want func(stop) bool) {
	every, once := pauses(stops, func(stop) bool { return true })
	p, _ := pauses(stops, want)
	b.ReportMetric(float64(len(p[0])), name+"-stops")
	if len(p[0]) < len(every[0]) {
		for i, what := range []string{"held-%", "plain-held-%"} {
			b.ReportMetric(100*(1-float64(len(p[i]))/float64(len(every[i]))), what)
		}
	}
	for _, q := range []float64{0.5, 0.9, 0.99} {
		low, high := interval(p, len(once), q)
		metric := func(what string, us float64) { b.ReportMetric(us, fmt.Sprintf("%s%s-p%g-us", name, what, 100*q)) }
		metric("", once.quantile(p[0], q))
		metric("-added", once.added(p, q))
		metric("-added-low", low)
		metric("-added-high", high)
	}
}

// A stop is a time that the world was stopped for, in a window of the measurement, and
// the sum of what all threads waited for a processor during it. Even windows are of
// training, odd ones of plain Go.
type stop struct {
	window     int64
	took, held time.Duration
}

// A stopper stops the world at random moments.
type stopper struct {
	window        atomic.Int64
	ending, ended chan struct{}
	stops         []stop
	waited        waits
}

func startStopper() *stopper {
	s := &stopper{ending: make(chan struct{}), ended: make(chan struct{}), stops: make([]stop, 0, 1<<20)}
	go s.run()
	return s
}

// end ends the stopper and returns all stops that lie in one window.
func (s *stopper) end() []stop {
	close(s.ending)
	<-s.ended
	return s.stops
}

// run makes twenty stops at a time, of threads that compute: a stop right after a sleep
// finds some that have just begun.
func (s *stopper) run() {
	defer close(s.ended)
	defer s.waited.close()
	var m runtime.MemStats
	for {
		select {
		case <-s.ending:
			return
		case <-time.After(2 * time.Millisecond):
		}
		runtime.GC()
		s.waited.open()
		for range 20 {
			spin(time.Duration(50_000 + rand.IntN(200_000)))
			window := s.window.Load()
			waited := s.waited.sum()
			began := time.Now()
			runtime.ReadMemStats(&m)
			took := time.Since(began)
			waited = s.waited.sum() - waited
			if s.window.Load() == window && len(s.stops) < cap(s.stops) {
				s.stops = append(s.stops, stop{window, took, waited})
			}
		}
	}
}

// spin computes for so long.
func spin(d time.Duration) {
	for began := time.Now(); time.Since(began) < d; {
	}
}

// count runs parallel regions of plain Go, as long as those of a network, one after
// another.
func count(d time.Duration) {
	t := make(counter, 8*apart)
	for began := time.Now(); time.Since(began) < d; {
		parallel.Default().Run(t, 8, runtime.GOMAXPROCS(0))
	}
}

// apart keeps counters on cache lines of their own.
const apart = 16

// A counter counts to 200,000 in each task, 100 us.
type counter []int

func (c counter) Run(_, i int) {
	for range 200_000 {
		c[i*apart]++
	}
}
