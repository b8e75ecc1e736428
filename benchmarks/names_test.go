package benchmarks

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/simdconv/simdconv/benchmarks/suite"
	"github.com/simdconv/simdconv/kernels"
)

// given returns the default flags as changed by f.
func given(t *testing.T, change func(*suite.Settings)) suite.Tour {
	t.Helper()
	s := defaults()
	if change != nil {
		change(&s)
	}
	asked, err := s.Resolve()
	if err != nil {
		t.Fatal(err)
	}
	return asked
}

// wide asks for everything that this machine can do.
func wide(t *testing.T) suite.Tour {
	isas := "generic"
	for tier := kernels.TierAVX2; tier <= kernels.TierAVX512; tier++ {
		if _, err := suite.ParseTier(tier.String()); err == nil {
			isas += "," + tier.String()
		}
	}
	return given(t, func(s *suite.Settings) {
		s.Nets, s.Passes, s.Algos = "all", "fwd,bwddata,bwdweights", "naive,auto,im2col,direct,winograd2,winograd4,winograd6"
		s.ISAs, s.Batches, s.Threads, s.Slow = isas, "1,32", "1,2,7", true
	})
}

// TestNames checks that every name is a list of key=value in a fixed order, and
// that no name comes twice.
func TestNames(t *testing.T) {
	convKeys := strings.Split("impl net layer pass algo isa n threads pack cache", " ")
	gemmKeys := strings.Split("impl m n k isa threads cache", " ")
	netKeys := strings.Split("impl net pass isa n threads cache", " ")
	poolKeys := strings.Split("impl op window h c pass isa n threads cache", " ")
	batchNormKeys := strings.Split("impl op h c pass isa n threads cache", " ")
	vecKeys := strings.Split("impl op elements isa threads cache", " ")
	value := regexp.MustCompile(`^[a-z0-9_]+$`)
	check := func(names, keys []string, leave ...string) {
		seen := map[string]bool{}
		for _, name := range names {
			if seen[name] {
				t.Errorf("%s comes twice", name)
			}
			seen[name] = true
			var got []string
			for _, field := range strings.Split(name, "/") {
				k, v, ok := strings.Cut(field, "=")
				if !ok || !value.MatchString(v) {
					t.Errorf("%s: %q is not key=value", name, field)
				}
				got = append(got, k)
			}
			want := slices.DeleteFunc(slices.Clone(keys), func(k string) bool { return slices.Contains(leave, k) })
			// Naive loops and weight gradients pack nothing.
			if !slices.Contains(got, "pack") {
				want = slices.DeleteFunc(want, func(k string) bool { return k == "pack" })
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s: keys %q, want %q", name, got, want)
			}
		}
	}
	tours := []suite.Tour{given(t, nil), wide(t)}
	for _, asked := range tours {
		check(convNames(t, asked), convKeys, "pack", "cache")
		check(gemmNames(t, asked), gemmKeys, "cache")
		check(netNames(asked), netKeys, "cache")
		check(memoryNames(asked.PoolRows()), poolKeys, "cache")
		check(memoryNames(asked.BatchNormRows()), batchNormKeys, "cache")
		check(memoryNames(asked.VecRows()), vecKeys, "cache")
		asked.PackEach, asked.Cold = true, true
		check(convNames(t, asked), convKeys)
		check(gemmNames(t, asked), gemmKeys)
		check(netNames(asked), netKeys)
		check(memoryNames(asked.PoolRows()), poolKeys)
		check(memoryNames(asked.BatchNormRows()), batchNormKeys)
		check(memoryNames(asked.VecRows()), vecKeys)
	}
}

func convNames(t *testing.T, asked suite.Tour) []string {
	t.Helper()
	rows, err := asked.ConvRows()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, r := range rows {
		names = append(names, r.Name(suite.Impl))
	}
	return names
}

func gemmNames(t *testing.T, asked suite.Tour) []string {
	t.Helper()
	rows, err := asked.GemmRows()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, r := range rows {
		names = append(names, r.Name(suite.Impl))
	}
	return names
}

func netNames(asked suite.Tour) []string {
	var names []string
	for _, r := range netRows(asked) {
		names = append(names, r.name())
	}
	return names
}

func memoryNames(rows []suite.Memory) (names []string) {
	for _, r := range rows {
		names = append(names, r.Name(suite.Impl))
	}
	return names
}

func TestNameExamples(t *testing.T) {
	asked := given(t, func(s *suite.Settings) {
		s.Nets, s.Layers, s.ISAs, s.Pack, s.Cold = "resnet34", "^conv2", "generic", "each", true
		s.Algos, s.Passes = "naive,direct", "fwd,bwdweights"
	})
	want := []string{
		"impl=simdconv/net=resnet34/layer=conv2_3x3/pass=fwd/algo=naive/isa=generic/n=1/threads=1/cache=cold",
		"impl=simdconv/net=resnet34/layer=conv2_3x3/pass=fwd/algo=direct/isa=generic/n=1/threads=1/pack=each/cache=cold",
		"impl=simdconv/net=resnet34/layer=conv2_3x3/pass=bwdweights/algo=naive/isa=generic/n=1/threads=1/cache=cold",
		"impl=simdconv/net=resnet34/layer=conv2_3x3/pass=bwdweights/algo=direct/isa=generic/n=1/threads=1/cache=cold",
	}
	if got := convNames(t, asked); !slices.Equal(got, want) {
		t.Errorf("names\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if got, want := gemmNames(t, asked)[0], "impl=simdconv/m=8/n=8/k=8/isa=generic/threads=1/cache=cold"; got != want {
		t.Errorf("first product is %s, want %s", got, want)
	}
}

// TestTourFits checks that the default tour has every layer by every algorithm
// that can be waited for, and that rows and naive loops are through in 80 s.
func TestTourFits(t *testing.T) {
	rows, err := given(t, nil).ConvRows()
	if err != nil {
		t.Fatal(err)
	}
	perRow, err := time.ParseDuration(benchtime)
	if err != nil {
		t.Fatal(err)
	}
	perRow += 100 * time.Millisecond // roofs, a call beyond the time, the check
	spent := time.Duration(0)
	layers := map[string][]string{}
	for _, r := range rows {
		layer := r.Net + "/" + r.Layer.Name
		layers[layer] = append(layers[layer], r.Algo)
		spent += perRow
		if r.Algo == suite.Naive {
			spent += time.Duration(3 * r.FLOP() / 0.2e9 * float64(time.Second)) // once more for the check, and a slow machine
		}
		if r.FLOP() >= 0.5e9 && r.Algo == suite.Naive {
			t.Errorf("%s: %.3g FLOP take too long", r.Name(suite.Impl), r.FLOP())
		}
	}
	if len(rows) > 100 || spent > 80*time.Second {
		t.Errorf("%d rows in %v, want at most 100 in 80 s", len(rows), spent)
	}
	if len(layers) != 16 {
		t.Errorf("%d layers, want 16: 5 of the lecture's network and 11 of ResNet-34", len(layers))
	}
	for layer, algos := range layers {
		for _, a := range []string{suite.Naive, "im2col", "direct", "winograd2", "winograd4"} {
			if !slices.Contains(algos, a) {
				t.Errorf("%s: no %s", layer, a)
			}
		}
	}
}

// TestSlow checks what -slow lets through.
func TestSlow(t *testing.T) {
	rows, err := given(t, func(s *suite.Settings) { s.Nets, s.Layers = "resnet34", "^conv2_3x3$" }).ConvRows() // 0.23 GFLOP
	if err != nil {
		t.Fatal(err)
	}
	r := rows[0]
	for _, c := range []struct {
		algo          string
		tier          kernels.Tier
		n             int
		without, with bool // left out, and left out with -slow
	}{
		{suite.Naive, kernels.TierGeneric, 1, false, false},
		{suite.Naive, kernels.TierGeneric, 3, true, true},
		{"winograd4", kernels.TierAVX2, 32, false, false},
		{"direct", kernels.TierGeneric, 1, false, false},
		{"direct", kernels.TierGeneric, 3, true, false},
		{"direct", kernels.TierAVX2, 32, false, false},
	} {
		r.Algo, r.Tier, r.N = c.algo, c.tier, c.n
		if got := suite.TooSlow(r, false); got != c.without {
			t.Errorf("%+v: left out is %v", c, got)
		}
		if got := suite.TooSlow(r, true); got != c.with {
			t.Errorf("%+v: left out with -slow is %v", c, got)
		}
	}
}
