package suite

import (
	"flag"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/simdconv/simdconv/benchmarks/shapes"
	"github.com/simdconv/simdconv/conv"
	"github.com/simdconv/simdconv/kernels"
)

const maxCount = 1 << 12 // of images and of threads

// Settings are the flags as they are given.
type Settings struct {
	Nets, Layers, Passes, Algos, ISAs, Batches, Threads, Pack string
	Cold, Slow                                                bool
}

// Register adds the flags with their defaults to a set.
func (s *Settings) Register(f *flag.FlagSet) {
	f.StringVar(&s.Nets, "nets", "lecture_cnn,resnet34", "networks of benchmarks/shapes, or all")
	f.StringVar(&s.Layers, "layers", "", "only layers whose name matches this regular expression")
	f.StringVar(&s.Passes, "passes", "fwd", "fwd, bwddata, bwdweights")
	f.StringVar(&s.Algos, "algos", "naive,im2col,direct,winograd2,winograd4", "naive, auto and the algorithms of package conv")
	f.StringVar(&s.ISAs, "isas", "best", "generic, avx2, avx512, best")
	f.StringVar(&s.Batches, "batches", "1", "batch sizes, the n of a name")
	f.StringVar(&s.Threads, "threads", "1", "numbers of threads")
	f.StringVar(&s.Pack, "pack", "once", "pack the weights once, before the clock starts, or in each call")
	f.BoolVar(&s.Cold, "cold", false, "empty the caches before each call")
	f.BoolVar(&s.Slow, "slow", false, "also rows that plain Go needs seconds for")
}

// A Tour is what the flags ask for, checked.
type Tour struct {
	Nets             []string
	Layers           *regexp.Regexp
	Passes           []conv.Pass
	Algos            []string
	Tiers            []kernels.Tier
	Batches, Threads []int
	PackEach         bool
	Cold, Slow       bool
}

// Resolve checks the flags. Errors name the flag, the value and what was
// expected.
func (s Settings) Resolve() (Tour, error) {
	t := Tour{Cold: s.Cold, Slow: s.Slow}
	if s.Nets == "all" {
		s.Nets = strings.Join(shapes.Networks(), ",")
	}
	var err error
	fail := func(name, value string, cause error) (Tour, error) {
		return Tour{}, fmt.Errorf("-%s=%s: %w", name, value, cause)
	}
	if t.Nets, err = list(s.Nets, parseNetwork); err != nil {
		return fail("nets", s.Nets, err)
	}
	if t.Layers, err = regexp.Compile(s.Layers); err != nil {
		return fail("layers", s.Layers, err)
	}
	if t.Passes, err = list(s.Passes, conv.ParsePass); err != nil {
		return fail("passes", s.Passes, err)
	}
	if t.Algos, err = list(s.Algos, parseAlgorithm); err != nil {
		return fail("algos", s.Algos, err)
	}
	if t.Tiers, err = list(s.ISAs, ParseTier); err != nil {
		return fail("isas", s.ISAs, err)
	}
	if t.Batches, err = list(s.Batches, parseCount); err != nil {
		return fail("batches", s.Batches, err)
	}
	if t.Threads, err = list(s.Threads, parseCount); err != nil {
		return fail("threads", s.Threads, err)
	}
	switch s.Pack {
	case "once", "each":
		t.PackEach = s.Pack == "each"
	default:
		return fail("pack", s.Pack, fmt.Errorf("want once or each"))
	}
	return t, nil
}

// list parses values between commas, each of which may stand there once.
func list[T comparable](s string, parse func(string) (T, error)) ([]T, error) {
	var values []T
	for _, field := range strings.Split(s, ",") {
		v, err := parse(strings.TrimSpace(field))
		if err != nil {
			return nil, err
		}
		if slices.Contains(values, v) {
			return nil, fmt.Errorf("%v stands there twice", v)
		}
		values = append(values, v)
	}
	return values, nil
}

func parseNetwork(s string) (string, error) {
	_, err := shapes.Layers(s)
	return s, err
}

func parseAlgorithm(s string) (string, error) {
	if s == Naive {
		return s, nil
	}
	a, err := conv.ParseAlgorithm(s)
	if err != nil {
		return "", fmt.Errorf("%w, or naive", err)
	}
	return a.String(), nil
}

// ParseTier returns a tier that can run here.
func ParseTier(s string) (kernels.Tier, error) {
	t := kernels.TierAuto
	if s != "best" {
		var err error
		if t, err = kernels.ParseTier(s); err != nil {
			return t, fmt.Errorf("%w, or best", err)
		}
	}
	o, err := kernels.Options{Tier: t}.Resolve()
	return o.Tier, err
}

func parseCount(s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > maxCount {
		return 0, fmt.Errorf("%q, want an integer from 1 to %d", s, maxCount)
	}
	return n, nil
}
