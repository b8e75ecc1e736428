package conv

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/kerneltest"
)

var tuneShape = square(1, 33, 34, 9, 3, 1, 1)

func mustTune(t *testing.T, path string, o Options) Options {
	t.Helper()
	o, err := Tune(path, tuneShape, o)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func onlyFile(t *testing.T, path string) string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Fatalf("%v, %v in the folder, want one file", entries, err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestTune checks that what is tuned keeps its bits, and is measured once.
func TestTune(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tuning.json")
	base := Options{Options: kernels.Options{Threads: 1}}
	o := mustTune(t, path, base)
	auto, err := NewPlan(tuneShape, base)
	if err != nil {
		t.Fatal(err)
	}
	for _, pass := range passes {
		if a := o.forced(pass); a == Auto || !sameBits(pass, a, auto.Algorithm(pass)) {
			t.Errorf("%v: %v, want an algorithm with the bits of %v", pass, a, auto.Algorithm(pass))
		}
	}
	text, shape := onlyFile(t, path), auto.Shape().String()
	if n := strings.Count(text, shape); n != len(passes) {
		t.Errorf("%d entries, want %d:\n%s", n, len(passes), text)
	}
	if mustTune(t, path, base) != o || onlyFile(t, path) != text {
		t.Error("a second call found something else")
	}
	unbounded := base
	unbounded.MaxError = math.Inf(1)
	if mustTune(t, path, unbounded).Forward != o.Forward || onlyFile(t, path) != text {
		t.Error("an infinite MaxError found something else")
	}
	forced := mustTune(t, path, Options{Options: base.Options, Forward: Im2col})
	if forced.Forward != Im2col || forced.BackwardData != o.BackwardData {
		t.Errorf("%v forward and %v backward, want im2col as it was forced and %v", forced.Forward, forced.BackwardData, o.BackwardData)
	}
	mustTune(t, path, Options{Options: kernels.Options{Threads: 2}})
	if n := strings.Count(onlyFile(t, path), shape); n != 2*len(passes) {
		t.Errorf("%d entries after another number of threads, want %d", n, 2*len(passes))
	}
	if !mustTune(t, path, Options{Options: base.Options, Once: true}).Once {
		t.Error("Once is lost")
	}
	if n := strings.Count(onlyFile(t, path), shape); n != 3*len(passes) {
		t.Errorf("%d entries after weights that serve once, want %d", n, 3*len(passes))
	}
}

// TestTuneFollowsFile plants entries: of an algorithm that may compete, and of
// one that may only where classes may change.
func TestTuneFollowsFile(t *testing.T) {
	for _, class := range []bool{false, true} {
		path := filepath.Join(t.TempDir(), "tuning.json")
		base := Options{Options: kernels.Options{Threads: 1}, AllowClassChange: class}
		p, err := NewPlan(tuneShape, base)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range p.chosen[Forward.index()].ranking {
			entries := tuning{}
			for _, pass := range passes {
				entries[p.tuningKey(pass)] = tuned{Algorithm: p.Algorithm(pass), Nanoseconds: 1}
			}
			entries[p.tuningKey(Forward)] = tuned{Algorithm: c.algorithm, Nanoseconds: 1}
			if err := entries.write(path); err != nil {
				t.Fatal(err)
			}
			may := class && c.algorithm != Winograd6 || sameBits(Forward, c.algorithm, p.Algorithm(Forward))
			o, err := Tune(path, tuneShape, base)
			if may && (err != nil || o.Forward != c.algorithm) {
				t.Errorf("class change %v: %v planted, got %v, %v", class, c.algorithm, o.Forward, err)
			}
			if !may && (err == nil || !strings.Contains(err.Error(), c.algorithm.String())) {
				t.Errorf("class change %v: %v planted, got error %v, want one that names it", class, c.algorithm, err)
			}
		}
	}
}

// TestTuneBadFiles checks that a file that is not Tune's is named and left
// alone.
func TestTuneBadFiles(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"empty", "", "EOF"},
		{"no list", `{"cpu": "x"}`, "cannot unmarshal"},
		{"cut short", `[{"cpu": "x"`, "unexpected EOF"},
		{"unknown field", `[{"speed": 1}]`, "speed"},
		{"unknown algorithm", `[{"algorithm": "magic"}]`, "magic"},
		{"text after", `[] []`, "after"},
		{"huge number", `[{"threads": 1e99}]`, "threads"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "tuning.json")
			if err := os.WriteFile(path, []byte(tt.text), 0o644); err != nil {
				t.Fatal(err)
			}
			o, err := Tune(path, tuneShape, Options{})
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), path) {
				t.Errorf("error %v, want one with %q and the file's name", err, tt.want)
			}
			if o != (Options{}) {
				t.Errorf("options %+v, want them as they were", o)
			}
			if got := onlyFile(t, path); got != tt.text {
				t.Errorf("the file is now %q", got)
			}
		})
	}
	if _, err := Tune(t.TempDir(), tuneShape, Options{}); err == nil {
		t.Error("a folder is no file, want an error")
	}
	if _, err := Tune(filepath.Join(t.TempDir(), "none", "tuning.json"), tuneShape, Options{}); err == nil {
		t.Error("the folder does not exist, want an error")
	}
	if _, err := Tune("", Shape{}, Options{}); err == nil {
		t.Error("a bad shape, want an error")
	}
	path := filepath.Join(t.TempDir(), "tuning.json")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.Truncate(maxTuningFile + 1); err != nil {
		t.Fatal(err)
	}
	if _, err := Tune(path, tuneShape, Options{}); err == nil || !strings.Contains(err.Error(), "more than") {
		t.Errorf("error %v of a huge file, want one that names the limit", err)
	}
}

// TestTuneTogether has several calls at once on one file: each finds a whole
// one.
func TestTuneTogether(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tuning.json")
	var wg sync.WaitGroup
	for threads := 1; threads <= 4; threads++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			o := Options{Options: kernels.Options{Threads: threads}}
			for range 3 {
				if _, err := Tune(path, tuneShape, o); err != nil {
					t.Error(err)
				}
			}
		}()
	}
	wg.Wait()
	if _, err := parseTuning([]byte(onlyFile(t, path))); err != nil {
		t.Error(err)
	}
}

// TestTunedBits compares a tuned plan with the one that Auto makes.
func TestTunedBits(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
		o := Options{Options: kernels.Options{Tier: tier, Threads: 2}}
		tuned := mustTune(t, filepath.Join(t.TempDir(), "tuning.json"), o)
		for _, pass := range passes {
			got, want := runPass(t, tuneShape, tuned, pass), runPass(t, tuneShape, o, pass)
			kerneltest.Equal(t, pass.String(), got, want)
		}
	})
}

// runPass returns the result of a pass on fixed operands.
func runPass(t *testing.T, s Shape, o Options, pass Pass) []float32 {
	t.Helper()
	p, err := NewPlan(s, o)
	if err != nil {
		t.Fatal(err)
	}
	ws, err := p.NewWorkspace(pass)
	if err != nil {
		t.Fatal(err)
	}
	s = p.Shape()
	x, y, w := make([]float32, s.XLen()), make([]float32, s.YLen()), make([]float32, s.WLen())
	for i, v := range [][]float32{x, y, w} {
		kerneltest.FillUniform(v, uint64(i))
	}
	if pass == BackwardWeights {
		if err := p.BackwardWeights(ws, w, nil, y, x); err != nil {
			t.Fatal(err)
		}
		return w
	}
	packed, err := p.NewPacked(pass)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Pack(packed, w); err != nil {
		t.Fatal(err)
	}
	if pass == Forward {
		err = p.Forward(ws, y, x, packed, Epilogue{})
		x = y
	} else {
		err = p.BackwardData(ws, x, y, packed)
	}
	if err != nil {
		t.Fatal(err)
	}
	return x
}
