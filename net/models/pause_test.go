package models_test

import (
	"fmt"
	"math"
	"runtime"
	"runtime/metrics"
	"testing"
	"time"

	"github.com/simdconv/simdconv/kernels/kerneltest"
	"github.com/simdconv/simdconv/kernels/parallel"
	"github.com/simdconv/simdconv/net"
	"github.com/simdconv/simdconv/net/models"
)

// BenchmarkCollectorPauses trains while another goroutine collects garbage all the
// time, which training itself makes none of. It reports how long the world is stopped
// for a collection, in microseconds, as quantiles: all of it, and the part until every
// thread has stopped, which is what training can add, for assembly cannot be
// interrupted. By turns with the steps, and as long as these, plain Go runs in parallel
// regions of the same length: "added" is a quantile of training less that one. The last
// percent is the operating system's, which puts two threads on one processor for
// milliseconds, and differs from run to run either way.
//
//	go test -run=NONE -bench=CollectorPauses -benchtime=20s ./net/models
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
			stop := collect()
			defer stop()
			var training, counting pauses
			for b.Loop() {
				began := time.Now()
				training.during(step)
				took := time.Since(began)
				counting.during(func() { count(took) })
			}
			b.ReportMetric(0, "ns/op") // of both
			for i, part := range []string{"total", "stopping"} {
				for _, q := range []float64{0.5, 0.9, 0.99} {
					t, c := 1e6*training[i].quantile(q), 1e6*counting[i].quantile(q)
					b.ReportMetric(t, fmt.Sprintf("%s-p%g-us", part, 100*q))
					b.ReportMetric(t-c, fmt.Sprintf("added-%s-p%g-us", part, 100*q))
				}
			}
			b.ReportMetric(float64(training[0].all()), "collections")
		})
	}
}

// collect collects garbage again and again until the function that it returns is
// called.
func collect() (stop func()) {
	stopping, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stopping:
				return
			case <-time.After(time.Millisecond):
				runtime.GC()
			}
		}
	}()
	return func() {
		close(stopping)
		<-stopped
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

// pauses say how often the world was stopped for how long, all in all and until every
// thread had stopped.
type pauses [2]histogram

// A histogram counts what lies above each bound, up to the next.
type histogram struct {
	counts []uint64
	bounds []float64 // seconds
}

// during adds the pauses while f runs.
func (p *pauses) during(f func()) {
	before := stopped()
	f()
	for i, h := range stopped() {
		if p[i].counts == nil {
			p[i] = histogram{make([]uint64, len(h.Counts)), h.Buckets}
		}
		for k, n := range h.Counts {
			p[i].counts[k] += n - before[i].Counts[k]
		}
	}
}

// stopped returns the pauses of the process.
func stopped() (h [2]*metrics.Float64Histogram) {
	s := []metrics.Sample{{Name: "/sched/pauses/total/gc:seconds"}, {Name: "/sched/pauses/stopping/gc:seconds"}}
	metrics.Read(s)
	for i := range h {
		h[i] = s[i].Value.Float64Histogram()
	}
	return h
}

func (h *histogram) all() (n uint64) {
	for _, c := range h.counts {
		n += c
	}
	return n
}

// quantile returns the upper end of the bucket that a share q of all lies in or
// below, NaN of none.
func (h *histogram) quantile(q float64) float64 {
	left := max(1, uint64(math.Ceil(q*float64(h.all()))))
	for i, c := range h.counts {
		if c >= left {
			return h.bounds[i+1]
		}
		left -= c
	}
	return math.NaN()
}

func TestQuantile(t *testing.T) {
	h := histogram{[]uint64{0, 1, 0, 3}, []float64{0, 1, 2, 3, 4}}
	for q, want := range map[float64]float64{0.25: 2, 0.5: 4, 1: 4} {
		if got := h.quantile(q); got != want {
			t.Errorf("quantile %v is %v, want %v", q, got, want)
		}
	}
	if got := (&histogram{[]uint64{0, 0}, []float64{0, 1, 2}}).quantile(0.5); !math.IsNaN(got) {
		t.Errorf("the median of none is %v, want NaN", got)
	}
}
