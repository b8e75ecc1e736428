package micro

import (
	"fmt"
	"os"
	"strings"
)

// A Tier names an instruction-set level for which one complete [Bundle] exists.
// Higher tiers include lower ones. The zero value, Auto, asks for the best.
type Tier uint8

const (
	Auto    Tier = iota // the best tier the machine and SIMDCONV_ISA allow
	Generic             // portable Go
	AVX2                // AVX2 and FMA
	AVX512              // AVX-512 F, BW, DQ and VL, enabled by the operating system
)

// Env is the environment variable that caps the tier of the whole process:
// generic, avx2 or avx512. Unset or empty means no cap.
const Env = "SIMDCONV_ISA"

// String returns the name that [Env] takes; that of Auto, which it does not, is auto.
func (t Tier) String() string {
	switch t {
	case Auto:
		return "auto"
	case Generic:
		return "generic"
	case AVX2:
		return "avx2"
	case AVX512:
		return "avx512"
	}
	return fmt.Sprintf("Tier(%d)", uint8(t))
}

// ParseTier is the inverse of String, for the three real tiers.
func ParseTier(s string) (Tier, error) {
	for t := Generic; t <= AVX512; t++ {
		if strings.EqualFold(s, t.String()) {
			return t, nil
		}
	}
	return Auto, fmt.Errorf("unknown tier %q, want generic, avx2 or avx512", s)
}

// Supported reports whether the machine and the build can run tier t,
// whatever SIMDCONV_ISA says.
func Supported(t Tier) bool { return t == Generic || t > Auto && t <= detected }

// best and bestErr hold the process's tier: detected at start, then capped by
// the environment. A cap the machine cannot meet is an error, not a fallback:
// a benchmark of the wrong tier is worse than none.
var best, bestErr = capTier(os.Getenv(Env))

func capTier(env string) (Tier, error) {
	if env == "" {
		return detected, nil
	}
	t, err := ParseTier(env)
	if err != nil {
		return Auto, fmt.Errorf("%s=%s: unknown tier, want generic, avx2 or avx512", Env, env)
	}
	if !Supported(t) {
		return Auto, fmt.Errorf("%s=%s: this machine or build supports up to %s", Env, env, detected)
	}
	return t, nil
}

// Best returns the best tier the machine supports, capped by SIMDCONV_ISA. It
// returns an error if that variable names an unknown or unsupported tier.
func Best() (Tier, error) { return best, bestErr }

// Resolve turns Auto into the best tier and checks that any other tier may be
// used here: known, supported by the machine, and not above SIMDCONV_ISA's cap.
func Resolve(t Tier) (Tier, error) {
	if bestErr != nil {
		return Auto, bestErr
	}
	switch {
	case t == Auto:
		return best, nil
	case t > AVX512:
		return Auto, fmt.Errorf("unknown tier %v, want generic, avx2 or avx512", t)
	case !Supported(t):
		return Auto, fmt.Errorf("tier %v: this machine or build supports up to %v", t, detected)
	case t > best:
		return Auto, fmt.Errorf("tier %v: %s caps the tier at %v", t, Env, best)
	}
	return t, nil
}
