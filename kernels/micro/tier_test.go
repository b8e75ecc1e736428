package micro

import (
	"os"
	"strings"
	"testing"
)

// TestRequiredTier fails where a run that asks for a tier did not get it.
func TestRequiredTier(t *testing.T) {
	want := os.Getenv("SIMDCONV_REQUIRE_ISA")
	got, err := Best()
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("tier %v, machine and build up to %v", got, detected)
	if want != "" && got.String() != want {
		t.Fatalf("SIMDCONV_REQUIRE_ISA=%s, but the tier is %v", want, got)
	}
}

func TestCapTier(t *testing.T) {
	if got, err := capTier(""); err != nil || got != detected {
		t.Errorf("no cap: %v, %v, want %v", got, err, detected)
	}
	if got, err := capTier("Generic"); err != nil || got != Generic {
		t.Errorf("generic: %v, %v", got, err)
	}
	if _, err := capTier("sse9"); err == nil || !strings.Contains(err.Error(), "SIMDCONV_ISA=sse9") {
		t.Errorf("unknown tier: %v, want an error that names it", err)
	}
	if detected < AVX512 {
		if _, err := capTier("avx512"); err == nil {
			t.Error("a tier the machine lacks is no error")
		}
	}
}

func TestResolve(t *testing.T) {
	if got, err := Resolve(Auto); err != nil || got != best {
		t.Errorf("auto: %v, %v, want %v", got, err, best)
	}
	if _, err := Resolve(AVX512 + 1); err == nil {
		t.Error("an unknown tier is no error")
	}
	if _, err := Resolve(best + 1); err == nil && best < AVX512 {
		t.Error("a tier above the cap is no error")
	}
}
