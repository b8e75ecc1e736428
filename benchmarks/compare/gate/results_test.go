package gate

import (
	"slices"
	"strings"
	"testing"
)

func TestRead(t *testing.T) {
	r := newResults()
	for s, text := range map[side]string{
		base: "pkg: p\nBenchmarkA/impl=x-2 5 2000 ns/op 50 %peak 80 GFLOP/s\nBenchmarkB 5 3 ns/op\nBenchmarkRoof 5 90 GFLOP/s\n",
		head: "BenchmarkA/impl=x-2 5 2200 ns/op 40 %peak 64 GFLOP/s\nBenchmarkB 5 4 ns/op\nBenchmarkC 1 1 ns/op\nPASS\n",
	} {
		if err := r.read(strings.NewReader(text), s); err != nil {
			t.Fatal(err)
		}
	}
	if both, baseOnly, headOnly := r.common(); both != 2 || baseOnly != 0 || headOnly != 1 {
		t.Errorf("%d rows in common, %d at base and %d at head alone", both, baseOnly, headOnly)
	}
	all, notes, err := r.costs()
	if err != nil || len(all) != 2 || len(notes) != 0 {
		t.Fatalf("%v, %v, error %v", all, notes, err)
	}
	for _, c := range all {
		want := costs{"A/impl=x-2", "%peak", []float64{1. / 50}, []float64{1. / 40}}
		if c.unit == clock {
			want = costs{"B", clock, []float64{3e-9}, []float64{4e-9}}
		}
		if c.name != want.name || c.unit != want.unit || c.ratio() < 0.999*want.ratio() || c.ratio() > 1.001*want.ratio() {
			t.Errorf("%+v, want %+v", c, want)
		}
	}
	for _, text := range []string{"BenchmarkA 5 x ns/op\n", "BenchmarkA 5 0 ns/op\n", "BenchmarkA 5 1 ns/op 0 %peak 3 GFLOP/s\n", "BenchmarkA 5 1 ns/op 7 %peak NaN GFLOP/s\n"} {
		if err := newResults().read(strings.NewReader(text), base); err == nil {
			t.Errorf("no error for %q", text)
		}
	}
	r.add("B", "", head, figure{unit: clock, seconds: 1})
	if _, _, err := r.costs(); err == nil || !strings.Contains(err.Error(), "B ran 1 times at base and 2 times at head") {
		t.Errorf("error %v for a run that is missing", err)
	}
}

// TestYardstick lets the yardstick of one group be 10% faster at head.
func TestYardstick(t *testing.T) {
	r := newResults()
	for range 10 {
		for s, roof := range map[side]float64{base: 200, head: 220} {
			r.add("changed", "avx512", s, figure{"%peak", 100 * 90 / roof, roof, 1})
			r.add("same", "avx2", s, figure{"%peak", 60, 134, 1})
		}
	}
	all, notes, err := r.costs()
	if err != nil || len(notes) != 1 || !strings.Contains(notes[0], "+10.0% in this run; avx512") {
		t.Errorf("notes %q, error %v", notes, err)
	}
	for _, c := range all {
		if want := map[string]string{"changed": clock, "same": "%peak"}[c.name]; c.unit != want || c.ratio() != 1 {
			t.Errorf("%s: ratio %v by %s, want 1 by %s", c.name, c.ratio(), c.unit, want)
		}
	}
	r.changed = true
	if _, notes, _ := r.costs(); len(notes) != 2 {
		t.Errorf("changed files: notes %q", notes)
	}
}

func TestYardstickChanged(t *testing.T) {
	a, b := testRepo{t, t.TempDir()}, testRepo{t, t.TempDir()}
	check := func(want bool) {
		t.Helper()
		if got, err := yardstickChanged(a.dir, b.dir); got != want || err != nil {
			t.Errorf("changed: %v, error %v, want %v", got, err, want)
		}
	}
	check(false)
	a.write("benchmarks/roof/fma.go", "1")
	a.write("asm/sgemm.s", "1")
	check(true)
	b.write("benchmarks/roof/fma.go", "2")
	check(true)
	b.write("benchmarks/roof/fma.go", "1")
	b.write("asm/sgemm.s", "2")
	check(false)
}

// TestYardstickFiles checks that no pattern has become one of nothing.
func TestYardstickFiles(t *testing.T) {
	empty := t.TempDir()
	all := yardstickFiles
	defer func() { yardstickFiles = all }()
	for _, pattern := range slices.Clone(all) {
		yardstickFiles = []string{pattern}
		if changed, err := yardstickChanged("../../..", empty); err != nil || !changed {
			t.Errorf("no file matches %s, error %v", pattern, err)
		}
	}
}
