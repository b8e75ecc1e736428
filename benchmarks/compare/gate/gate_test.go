package gate

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// A fake is a program that prints benchmarks of given costs.
type fake struct {
	costs  map[string]float64
	runs   int
	orders []int
	err    error // of a run
}

func (f *fake) make(_ context.Context, order int) error {
	f.orders = append(f.orders, order)
	return nil
}

func (f *fake) run(_ context.Context, args ...string) ([]byte, error) {
	f.runs++
	if f.err != nil {
		return nil, f.err
	}
	var out bytes.Buffer
	out.WriteString("Unit %peak better=higher\npkg: example.org/benchmarks\n")
	for _, a := range args {
		if bench, ok := strings.CutPrefix(a, "-test.bench="); ok {
			for name, cost := range f.costs {
				if cost > 0 && matches(bench, name) {
					cost *= math.Exp(0.01 * rand.NormFloat64())
					fmt.Fprintf(&out, "%s-2 10 %v ns/op %v GFLOP/s %v %%peak\n", name, 1e6*cost, 200/cost, 80/cost)
				}
			}
		}
	}
	return append(out.Bytes(), "PASS\n"...), nil
}

// matches does what the testing package does, for patterns without groups.
func matches(bench, name string) bool {
	for one := range strings.SplitSeq(bench, "|") {
		ok := true
		parts := strings.Split(name, "/")
		for i, level := range strings.Split(one, "/") {
			ok = ok && i < len(parts) && regexp.MustCompile(level).MatchString(parts[i])
		}
		if ok {
			return true
		}
	}
	return false
}

// three returns benchmarks of which the second costs what is given.
func three(cost float64) *fake {
	return &fake{costs: map[string]float64{"BenchmarkConv/layer=1": 1, "BenchmarkConv/layer=1_b": cost, "BenchmarkGemm/m=3-4": 3}}
}

func TestCompare(t *testing.T) {
	renamed := &fake{costs: map[string]float64{"BenchmarkConv/other=1": 1}}
	for _, c := range []struct {
		name       string
		base, head *fake
		code       int
		want       string
	}{
		{"equal", three(2), three(2), Passed, "passed: none of 3 benchmarks is slower by more than 5%"},
		{"regression", three(2), three(2.2), Regressed, "FAILED: 1 of 3 benchmarks slower by more than 5%, twice"},
		{"small", three(2), three(2.02), Passed, "passed"},
		{"faster", three(2.2), three(2), Passed, "passed: none of 3"},
		{"new and lost", three(0), &fake{costs: map[string]float64{"BenchmarkGemm/m=3-4": 3, "BenchmarkConv/z=1": 1}}, Passed,
			"1 benchmarks are at base alone, 1 at head alone"},
		{"renamed", three(2), renamed, Passed, "no benchmark of the same name: 3 at base, 1 at head"},
		{"none at base", &fake{}, three(2), Passed, "no benchmark at base matches -bench Conv|Gemm"},
		{"none at head", three(2), &fake{}, Unable, "no benchmark at head matches -bench Conv|Gemm"},
		{"head fails", three(2), &fake{err: fmt.Errorf("wrong result")}, Unable, "wrong result"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o, err := parse([]string{"-rounds=8"}, t.Output())
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			g := &gate{options: o, programs: [2]program{c.base, c.head}, stdout: &out}
			g.module = ".."
			code, err := g.compare(t.Context(), t.TempDir())
			if err != nil {
				fmt.Fprintln(&out, err)
			}
			if code != c.code || !strings.Contains(out.String(), c.want) {
				t.Errorf("code %d, want %d, with %q:\n%s", code, c.code, c.want, &out)
			}
			if c.code != Regressed {
				return
			}
			if !strings.Contains(out.String(), "gate: SLOWER: Conv/layer=1_b-2 +") || !strings.Contains(out.String(), "vs base") {
				t.Errorf("no culprit or no table:\n%s", &out)
			}
			if runs := 8 + 24; c.base.runs != runs || c.head.runs != runs {
				t.Errorf("%d and %d runs, want %d", c.base.runs, c.head.runs, runs)
			}
			seen := make(map[int]bool)
			for _, order := range c.head.orders {
				if seen[order] || order == 0 {
					t.Errorf("order %d of functions twice or not random", order)
				}
				seen[order] = true
			}
		})
	}
}

// TestLayouts goes through few orders again and again.
func TestLayouts(t *testing.T) {
	f := three(1)
	g := &gate{programs: [2]program{f, three(1)}, stdout: t.Output()}
	if _, err := g.sample(t.Context(), plan{bench: "Gemm", layouts: 2, rounds: 5, seed: 7}, t.TempDir()); err != nil {
		t.Fatal(err)
	}
	if want := []int{7, 8, 7, 8, 7}; !slices.Equal(f.orders, want) {
		t.Errorf("orders %d, want %d", f.orders, want)
	}
}

func TestPattern(t *testing.T) {
	p := pattern([]verdict{{name: "Conv/impl=x/layer=3x3(a.b)-2"}, {name: "Gemm-8"}, {name: "Vec"}})
	for name, want := range map[string]bool{
		"BenchmarkConv/impl=x/layer=3x3(a.b)":  true,
		"BenchmarkConv/impl=x/layer=3x3(a.b)s": false,
		"BenchmarkConv/impl=xx/layer=3x3(a.b)": false,
		"BenchmarkGemm":                        true,
		"BenchmarkGemm2":                       false,
		"BenchmarkVec":                         true,
		"BenchmarkVector":                      false,
	} {
		if matches(p, name) != want {
			t.Errorf("%s matches %s: %v", p, name, !want)
		}
	}
}

// source is a benchmark whose cost and yardstick are given.
const source = `package benchmarks

import (
	"math/rand/v2"
	"testing"
)

func BenchmarkConv(b *testing.B) {
	for _, layer := range []string{"a", "b"} {
		b.Run("impl=simdconv/layer="+layer, func(b *testing.B) {
			for b.Loop() {
			}
			cost, drift := map[string]float64{"a": 1, "b": COST}[layer], 1+rand.Float64()
			cost *= 1 + 0.01*rand.Float64()
			b.ReportMetric(100*drift/cost, "GFLOP/s")
			b.ReportMetric(70/cost, "%peak")
		})
	}
}
`

// end runs the command in a repository, checks the code, and that nothing
// temporary stays.
func (r testRepo) end(ctx context.Context, code int, want string, args ...string) {
	r.t.Helper()
	tmp := r.t.TempDir()
	r.t.Setenv("TMPDIR", tmp)
	module, err := filepath.Abs("..")
	if err != nil {
		r.t.Fatal(err)
	}
	var out bytes.Buffer
	args = append([]string{"-C=" + r.dir, "-rounds=6", "-layouts=1", "-benchtime=1x", "-benchstat=" + module}, args...)
	if got := Main(ctx, args, &out, &out); got != code || !strings.Contains(out.String(), want) {
		r.t.Errorf("code %d, want %d, with %q:\n%s", got, code, want, &out)
	}
	if left, _ := filepath.Glob(filepath.Join(tmp, "simdconv-gate-*")); len(left) > 0 {
		r.t.Errorf("left behind: %s", left)
	}
}

// TestEndToEnd builds and runs real programs.
func TestEndToEnd(t *testing.T) {
	r := newRepo(t)
	r.write("go.mod", "module example.org/fake\n\ngo 1.24\n")
	without := r.commit("no benchmarks")
	r.write("benchmarks/conv_test.go", strings.Replace(source, "COST", "1.0", 1))
	r.end(t.Context(), Passed, "base has no benchmarks")
	r.commit("benchmarks")
	r.write("README", "documentation alone")
	r.end(t.Context(), Passed, "the same program, byte by byte")
	r.write("benchmarks/conv_test.go", strings.Replace(source, "COST", "1.1", 1))
	r.end(t.Context(), Regressed, "gate: SLOWER: Conv/impl=simdconv/layer=b")
	r.end(t.Context(), Passed, "base has no benchmarks", "-base="+without)

	r.write("benchmarks/conv_test.go", "package benchmarks\n\nvar x int = nil\n")
	r.end(t.Context(), Unable, "head does not build")
	r.commit("broken")
	r.write("benchmarks/conv_test.go", strings.Replace(source, "COST", "1.0", 1))
	r.end(t.Context(), Unable, "base does not build")
	testRepo{t, t.TempDir()}.end(t.Context(), Unable, "not a git repository")
}

// TestInterrupt stops a gate in the middle of a benchmark.
func TestInterrupt(t *testing.T) {
	r := newRepo(t)
	r.write("go.mod", "module example.org/fake\n\ngo 1.24\n")
	const slow = `package benchmarks

import (
	"os"
	"testing"
	"time"
)

func BenchmarkConv(b *testing.B) {
	os.WriteFile(STARTED, nil, 0o666)
	time.Sleep(time.Minute)
}
`
	started := filepath.Join(t.TempDir(), "started")
	text := strings.Replace(slow, "STARTED", fmt.Sprintf("%q", started), 1)
	r.write("benchmarks/conv_test.go", text)
	r.commit("slow")
	r.write("benchmarks/conv_test.go", strings.Replace(text, "time.Minute", "2*time.Minute", 1))
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		defer cancel()
		for range 3000 {
			if _, err := os.Stat(started); err == nil {
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
	}()
	r.end(ctx, Unable, "gate: interrupted")
}
