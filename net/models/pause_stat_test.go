package models_test

import (
	"bytes"
	"cmp"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"
)

// waits says how long the threads of this process have waited for a processor, from
// /proc; 0 where there is none.
type waits struct {
	files map[string]*os.File
	text  [64]byte
}

// open finds the threads that are new.
func (w *waits) open() {
	if w.files == nil {
		w.files = map[string]*os.File{}
	}
	names, _ := filepath.Glob("/proc/self/task/*/schedstat")
	for _, name := range names {
		if w.files[name] == nil {
			if f, err := os.Open(name); err == nil {
				w.files[name] = f
			}
		}
	}
}

func (w *waits) close() {
	for _, f := range w.files {
		f.Close()
	}
}

func (w *waits) sum() (all time.Duration) {
	for _, f := range w.files {
		n, _ := f.ReadAt(w.text[:], 0)
		all += waited(w.text[:n])
	}
	return all
}

// waited returns the second of three numbers: nanoseconds of running, of waiting to
// run, and how often it ran.
func waited(schedstat []byte) (d time.Duration) {
	_, rest, _ := bytes.Cut(schedstat, []byte(" "))
	for _, c := range rest {
		if c < '0' || c > '9' {
			break
		}
		d = 10*d + time.Duration(c-'0')
	}
	return d
}

// A pause is a stop's microseconds and the window that it lies in, counted from 0 for
// training and for the plain Go after it.
type pause struct {
	us     float64
	window int
}

// A sample is how often each window counts.
type sample []int

// pauses returns the wanted stops of training and those of plain Go, shortest first,
// and a sample of every window once. What has no window of the other kind beside it is
// left out.
func pauses(stops []stop, want func(stop) bool) (p [2][]pause, once sample) {
	n := 0
	for _, s := range stops {
		n = max(n, int(s.window+1)/2)
	}
	for _, s := range stops {
		if at := int(s.window / 2); at < n && want(s) {
			p[s.window%2] = append(p[s.window%2], pause{s.took.Seconds() * 1e6, at})
		}
	}
	for i := range p {
		slices.SortFunc(p[i], func(a, b pause) int { return cmp.Compare(a.us, b.us) })
	}
	return p, slices.Repeat(sample{1}, n)
}

// quantile returns the least pause that a share q of the sample's is not above, NaN of
// none.
func (s sample) quantile(sorted []pause, q float64) float64 {
	all := 0
	for _, p := range sorted {
		all += s[p.window]
	}
	left := max(1, int(math.Ceil(q*float64(all))))
	for _, p := range sorted {
		if left -= s[p.window]; left <= 0 {
			return p.us
		}
	}
	return math.NaN()
}

// added returns a quantile of training less that of plain Go.
func (s sample) added(p [2][]pause, q float64) float64 {
	return s.quantile(p[0], q) - s.quantile(p[1], q)
}

// interval returns the 2.5th and the 97.5th percentile of what is added, over 1000
// samples of n windows with replacement.
func interval(p [2][]pause, n int, q float64) (low, high float64) {
	r := rand.New(rand.NewPCG(1, 2))
	added := make([]float64, 1000)
	s := make(sample, n)
	for i := range added {
		clear(s)
		for range s {
			s[r.IntN(n)]++
		}
		added[i] = s.added(p, q)
	}
	slices.Sort(added)
	return added[25], added[974]
}

func TestQuantile(t *testing.T) {
	sorted := []pause{{1, 0}, {2, 1}, {3, 0}, {4, 1}}
	for q, want := range map[float64]float64{0: 1, 0.25: 1, 0.26: 2, 0.5: 2, 0.99: 4, 1: 4} {
		if got := (sample{1, 1}).quantile(sorted, q); got != want {
			t.Errorf("quantile %v is %v, want %v", q, got, want)
		}
	}
	if got := (sample{3, 0}).quantile(sorted, 0.5); got != 1 {
		t.Errorf("the median of the first window, thrice, is %v, want 1", got)
	}
	if got := (sample{}).quantile(nil, 0.5); !math.IsNaN(got) {
		t.Errorf("the median of none is %v, want NaN", got)
	}
}

// TestInterval has training take 30 more than plain Go, in windows of which every tenth
// is held up in both, and the last of which has no plain Go.
func TestInterval(t *testing.T) {
	var stops []stop
	for window := range int64(201) {
		for i := range 20 {
			took := time.Duration(100+i)*time.Microsecond + time.Duration((window+1)%2)*30*time.Microsecond
			if window/2%10 == 0 {
				took += time.Millisecond
			}
			stops = append(stops, stop{window: window, took: took})
		}
	}
	p, once := pauses(stops, func(s stop) bool { return s.took < time.Millisecond })
	if len(once) != 100 || len(p[0]) != 1800 || len(p[1]) != 1800 {
		t.Fatalf("%d windows, %d and %d pauses, want 100, 1800, 1800", len(once), len(p[0]), len(p[1]))
	}
	for _, q := range []float64{0.5, 0.99} {
		if low, high := interval(p, len(once), q); !(low > 29.5 && low <= high && high < 30.5) {
			t.Errorf("quantile %v: interval %v to %v, want 30", q, low, high)
		}
	}
}

func TestWaited(t *testing.T) {
	for text, want := range map[string]time.Duration{"12 345 6\n": 345, "0 0 0\n": 0, "": 0, "7": 0} {
		if got := waited([]byte(text)); got != want {
			t.Errorf("%s: %d, want %d", strconv.Quote(text), got, want)
		}
	}
}
