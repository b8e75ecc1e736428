package kernels_test

import (
	"math"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/parallel"
)

// TestRequiredTier fails where a run that asks for a tier did not get it.
func TestRequiredTier(t *testing.T) {
	got, err := kernels.BestTier()
	if err != nil {
		t.Fatal(err)
	}
	if want := os.Getenv("SIMDCONV_REQUIRE_ISA"); want != "" && got.String() != want {
		t.Fatalf("SIMDCONV_REQUIRE_ISA=%s, but the tier is %v", want, got)
	}
	t.Logf("tier %v", got)
}

func TestResolve(t *testing.T) {
	best, err := kernels.BestTier()
	if err != nil {
		t.Fatal(err)
	}
	o, err := kernels.Options{}.Resolve()
	if err != nil {
		t.Fatal(err)
	}
	if want := (kernels.Options{Tier: best, Threads: runtime.GOMAXPROCS(0), Pool: parallel.Default()}); o != want {
		t.Errorf("the zero value resolves to %+v, want %+v", o, want)
	}
	pool := parallel.New(2)
	defer pool.Close()
	given := kernels.Options{Tier: kernels.TierGeneric, Threads: 3, Pool: pool}
	if o, err := given.Resolve(); err != nil || o != given {
		t.Errorf("%+v resolves to %+v, %v", given, o, err)
	}
}

func TestResolveErrors(t *testing.T) {
	for _, c := range []struct {
		o    kernels.Options
		want []string
	}{
		{kernels.Options{Tier: 9}, []string{"kernels: ", "9", "generic, avx2 or avx512"}},
		{kernels.Options{Threads: -2}, []string{"kernels: ", "Threads is -2"}},
		{kernels.Options{Threads: math.MaxInt32}, []string{"kernels: ", "Threads is 2147483647", "4096"}},
	} {
		if _, err := c.o.Resolve(); err == nil {
			t.Errorf("%+v resolves", c.o)
		} else {
			for _, part := range c.want {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%+v: error %q does not mention %q", c.o, err, part)
				}
			}
		}
		if e, err := kernels.New(c.o); err == nil || e != nil {
			t.Errorf("New(%+v) = %v, %v", c.o, e, err)
		}
	}
	best, err := kernels.BestTier()
	if err != nil {
		t.Fatal(err)
	}
	for tier := best + 1; tier <= kernels.TierAVX512; tier++ {
		if _, err := (kernels.Options{Tier: tier}).Resolve(); err == nil {
			t.Errorf("tier %v resolves, but the best is %v", tier, best)
		}
	}
}

func TestParseTier(t *testing.T) {
	for _, tier := range []kernels.Tier{kernels.TierGeneric, kernels.TierAVX2, kernels.TierAVX512} {
		if got, err := kernels.ParseTier(tier.String()); err != nil || got != tier {
			t.Errorf("ParseTier(%q) = %v, %v", tier, got, err)
		}
	}
	for _, s := range []string{"", "auto", "sse2"} {
		if got, err := kernels.ParseTier(s); err == nil {
			t.Errorf("ParseTier(%q) = %v", s, got)
		}
	}
}
