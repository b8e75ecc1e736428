package benchmarks

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

// naive is the algorithm of kernels/ref: plain loops, on one thread.
const naive = "naive"

const maxCount = 1 << 12 // of images and of threads

// A settings value is the flags as they are given.
type settings struct {
	nets, layers, passes, algos, isas, batches, threads, pack string
	cold, slow                                                bool
}

func (s *settings) register(f *flag.FlagSet) {
	f.StringVar(&s.nets, "nets", "lecture_cnn,resnet34", "networks of benchmarks/shapes, or all")
	f.StringVar(&s.layers, "layers", "", "only layers whose name matches this regular expression")
	f.StringVar(&s.passes, "passes", "fwd", "fwd, bwddata, bwdweights")
	f.StringVar(&s.algos, "algos", "naive,im2col,direct,winograd2", "naive, auto and the algorithms of package conv")
	f.StringVar(&s.isas, "isas", "best", "generic, avx2, avx512, best")
	f.StringVar(&s.batches, "batches", "1", "batch sizes, the n of a name")
	f.StringVar(&s.threads, "threads", "1", "numbers of threads")
	f.StringVar(&s.pack, "pack", "once", "pack the weights once, before the clock starts, or in each call")
	f.BoolVar(&s.cold, "cold", false, "empty the caches before each call")
	f.BoolVar(&s.slow, "slow", false, "also rows that plain Go needs seconds for")
}

// A tour is what the flags ask for, checked.
type tour struct {
	nets             []string
	layers           *regexp.Regexp
	passes           []conv.Pass
	algos            []string
	tiers            []kernels.Tier
	batches, threads []int
	packEach         bool
	cold, slow       bool
}

// resolve checks the flags. Errors name the flag, the value and what was
// expected.
func (s settings) resolve() (tour, error) {
	t := tour{cold: s.cold, slow: s.slow}
	if s.nets == "all" {
		s.nets = strings.Join(shapes.Networks(), ",")
	}
	var err error
	fail := func(name, value string, cause error) (tour, error) {
		return tour{}, fmt.Errorf("-%s=%s: %w", name, value, cause)
	}
	if t.nets, err = list(s.nets, parseNetwork); err != nil {
		return fail("nets", s.nets, err)
	}
	if t.layers, err = regexp.Compile(s.layers); err != nil {
		return fail("layers", s.layers, err)
	}
	if t.passes, err = list(s.passes, conv.ParsePass); err != nil {
		return fail("passes", s.passes, err)
	}
	if t.algos, err = list(s.algos, parseAlgorithm); err != nil {
		return fail("algos", s.algos, err)
	}
	if t.tiers, err = list(s.isas, parseTier); err != nil {
		return fail("isas", s.isas, err)
	}
	if t.batches, err = list(s.batches, parseCount); err != nil {
		return fail("batches", s.batches, err)
	}
	if t.threads, err = list(s.threads, parseCount); err != nil {
		return fail("threads", s.threads, err)
	}
	switch s.pack {
	case "once", "each":
		t.packEach = s.pack == "each"
	default:
		return fail("pack", s.pack, fmt.Errorf("want once or each"))
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
	if s == naive {
		return s, nil
	}
	a, err := conv.ParseAlgorithm(s)
	if err != nil {
		return "", fmt.Errorf("%w, or naive", err)
	}
	return a.String(), nil
}

// parseTier returns a tier that can run here.
func parseTier(s string) (kernels.Tier, error) {
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
