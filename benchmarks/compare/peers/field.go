package peers

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/klauspost/cpuid/v2"

	"github.com/simdconv/simdconv/benchmarks/suite"
	"github.com/simdconv/simdconv/kernels"
)

// A Field is the libraries that compete and the time of a sample.
type Field struct {
	Peers   []Opened
	Self    bool    // simdconv, too
	Missing []error // which libraries are not here, and how to get them
	Time    time.Duration
}

// An Opened peer is one whose library is loaded.
type Opened struct {
	Peer
	Library
}

// NewField opens the peers that impls names: a list between commas, or all, which
// leaves out those that are missing. With a list, a missing one is an error.
func NewField(t suite.Tour, impls string, all []Peer) (Field, error) {
	var f Field
	if len(t.Tiers) != 1 || t.Tiers[0] == kernels.TierGeneric {
		return f, fmt.Errorf("-isas=%v: want avx2 or avx512 alone, as a library can be held to one tier in a process", t.Tiers)
	}
	if slices.Contains(t.Algos, suite.Naive) {
		return f, errors.New("-algos=naive: plain loops do not compete; the root module's benchmarks have them")
	}
	names := []string{suite.Impl}
	for _, p := range all {
		names = append(names, p.Name)
	}
	asked := names
	if impls != "all" {
		asked = strings.Split(impls, ",")
	}
	for i, name := range asked {
		if !slices.Contains(names, name) {
			return f, fmt.Errorf("-impls=%s: unknown %q, want all or some of %s", impls, name, strings.Join(names, ","))
		}
		if slices.Contains(asked[:i], name) {
			return f, fmt.Errorf("-impls=%s: %s stands there twice", impls, name)
		}
	}
	f.Self = slices.Contains(asked, suite.Impl)
	for _, p := range all {
		if !slices.Contains(asked, p.Name) {
			continue
		}
		var lib Library
		var err error
		libraries().do(func() { lib, err = p.Open(t.Tiers[0], p.File) })
		switch {
		case err == nil:
			f.Peers = append(f.Peers, Opened{p, lib})
		case impls == "all":
			f.Missing = append(f.Missing, p.missing(err))
		default:
			return f, p.missing(err)
		}
	}
	return f, nil
}

// Header returns lines in the form of Go's benchmarks that say what was measured
// and with which settings.
func (f Field) Header(t suite.Tour) string {
	var b strings.Builder
	for _, unit := range []string{"GFLOP/s", "%peak", "GB/s", "%stream"} {
		fmt.Fprintf(&b, "Unit %s better=higher\n", unit)
	}
	c := cpuid.CPU
	fmt.Fprintf(&b, "processor: %s, family %d, model %d, L1 %s, L2 %s, L3 %s\n",
		c.BrandName, c.Family, c.Model, kib(c.Cache.L1D), kib(c.Cache.L2), kib(c.Cache.L3))
	fmt.Fprintf(&b, "tier: %v\ngomaxprocs: %d\ngo: %s\n", t.Tiers[0], runtime.GOMAXPROCS(0), runtime.Version())
	fmt.Fprintf(&b, "turns: %d of %v, a loop of FMA (%%peak) or over memory (%%stream) between any two\n", Turns, f.Time/Turns)
	if info, ok := debug.ReadBuildInfo(); ok && f.Self {
		fmt.Fprintf(&b, "%s: %s\n", suite.Impl, commit(info.Settings))
	}
	for _, p := range f.Peers {
		fmt.Fprintf(&b, "%s: %s\n", p.Name, p.About())
	}
	return b.String()
}

// commit returns what a program was built from: devel if the go command did not
// stamp it, as go test does under -buildvcs=true alone.
func commit(settings []debug.BuildSetting) string {
	said := map[string]string{}
	for _, s := range settings {
		said[s.Key] = s.Value
	}
	head := said["vcs.revision"]
	if head == "" {
		return "devel"
	}
	head = "commit " + head[:min(12, len(head))]
	if said["vcs.modified"] == "true" {
		head += ", changed since"
	}
	return head
}

func kib(bytes int) string {
	if bytes < 0 {
		return "unknown"
	}
	return fmt.Sprintf("%d KiB", bytes>>10)
}

// Setenv sets variables that a library reads when it is loaded, unless the user
// has, and returns them as they are, for About.
func Setenv(pairs ...string) (string, error) {
	var set []string
	for i := 0; i < len(pairs); i += 2 {
		key, value := pairs[i], pairs[i+1]
		if given, ok := os.LookupEnv(key); ok {
			value = given
		} else if err := os.Setenv(key, value); err != nil {
			return "", err
		}
		set = append(set, key+"="+value)
	}
	return strings.Join(set, " "), nil
}
