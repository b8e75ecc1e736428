package peers_test

import (
	"errors"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/simdconv/simdconv/benchmarks/compare/peers"
	"github.com/simdconv/simdconv/benchmarks/roof"
	"github.com/simdconv/simdconv/kernels"
)

// TestTurns checks that runs take turns, with their settings set before and
// undone after each.
func TestTurns(t *testing.T) {
	tier, err := kernels.BestTier()
	if err != nil {
		t.Fatal(err)
	}
	fma := func() ([]float64, error) { return roof.FMA(tier, 1) }
	for _, cold := range []bool{false, true} {
		var log []string
		inside := ""
		one := func(name string) peers.Run {
			return peers.Run{
				Call: func() error {
					if inside != name {
						t.Errorf("%s is called in the turn of %q", name, inside)
					}
					if len(log) == 0 || log[len(log)-1] != name {
						log = append(log, name)
					}
					time.Sleep(10 * time.Microsecond)
					return nil
				},
				Begin: func() func() { inside = name; return func() { inside = "" } },
			}
		}
		d := peers.Duel{Work: 1e3, Roof: fma, Threads: 1, Cold: cold, Time: 2 * time.Millisecond}
		samples, err := d.Measure([]peers.Run{one("a"), one("b")})
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for range peers.Turns {
			want = append(want, "a", "b")
		}
		if !slices.Equal(log, want) {
			t.Errorf("turns %q, want %q", log, want)
		}
		for i, s := range samples {
			if s.Calls < peers.Turns || s.Call < 10e-6 || !(s.Share > 0) || s.Share > 1 {
				t.Errorf("cold=%v, run %d: %+v", cold, i, s)
			}
		}
	}
	failed := errors.New("failed")
	d := peers.Duel{Work: 1, Roof: fma, Threads: 1, Time: time.Millisecond}
	if _, err := d.Measure([]peers.Run{{Call: func() error { return failed }}}); !errors.Is(err, failed) {
		t.Errorf("error %v, want %v", err, failed)
	}
	c := peers.Contest{Duel: d, Rows: []*peers.Row{{}}}
	c.Threads = runtime.GOMAXPROCS(0) + 1
	if _, _, err := c.Sample(c.Rows[0], 0, 1); err == nil || !strings.HasPrefix(err.Error(), "threads=") {
		t.Errorf("error %v, want one about threads", err)
	}
}

func TestFastest(t *testing.T) {
	var closed []string
	d := peers.Duel{Threads: 1}
	run := func(name string, takes time.Duration) peers.Run {
		return peers.Run{
			Call:   func() error { time.Sleep(takes); return nil },
			Close:  func() { closed = append(closed, name) },
			Kernel: name,
		}
	}
	r, err := d.Fastest([]peers.Run{run("slow", 9*time.Millisecond), run("fast", 10*time.Microsecond), run("mid", 6*time.Millisecond)})
	if err != nil || r.Kernel != "fast" {
		t.Errorf("%q, %v, want fast", r.Kernel, err)
	}
	if !slices.Equal(closed, []string{"slow", "mid"}) {
		t.Errorf("closed %q, want the others", closed)
	}
}
