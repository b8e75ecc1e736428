package kernels

import (
	"fmt"
	"runtime"

	"github.com/simdconv/simdconv/kernels/micro"
	"github.com/simdconv/simdconv/kernels/parallel"
)

// A Tier is an instruction-set level. Its zero value asks for the best.
type Tier = micro.Tier

// The tiers. AVX2 means AVX2 and FMA; AVX512 means F, BW, DQ and VL.
const (
	TierAuto    = micro.Auto
	TierGeneric = micro.Generic
	TierAVX2    = micro.AVX2
	TierAVX512  = micro.AVX512
)

// BestTier returns the best tier of this machine, capped by the environment
// variable SIMDCONV_ISA (generic, avx2 or avx512). It returns an error if that
// variable names a tier that is unknown or that the machine does not have.
func BestTier() (Tier, error) { return micro.Best() }

// ParseTier returns the tier named generic, avx2 or avx512.
func ParseTier(s string) (Tier, error) { return micro.ParseTier(s) }

// Options are what every plan of this module is built with. The zero value
// means the best tier, all threads and the shared worker pool.
type Options struct {
	Tier    Tier           // TierAuto: the best the machine and SIMDCONV_ISA allow
	Threads int            // most threads to use; 0 means GOMAXPROCS when the plan or engine is made
	Pool    *parallel.Pool // nil means parallel.Default()
}

// maxThreads bounds the scratch memory of workers, which is there before they run.
const maxThreads = 4096

// Resolve returns o with every default filled in: a real tier, at least one
// thread and a pool. It returns an error if the tier is unknown or cannot run
// here, if SIMDCONV_ISA is wrong, or if Threads is not in 0 to 4096.
func (o Options) Resolve() (Options, error) {
	t, err := micro.Resolve(o.Tier)
	if err != nil {
		return Options{}, fmt.Errorf("kernels: %w", err)
	}
	o.Tier = t
	if o.Threads < 0 || o.Threads > maxThreads {
		return Options{}, fmt.Errorf("kernels: Threads is %d, want 0 (GOMAXPROCS) to %d", o.Threads, maxThreads)
	}
	if o.Threads == 0 {
		o.Threads = min(runtime.GOMAXPROCS(0), maxThreads)
	}
	if o.Pool == nil {
		o.Pool = parallel.Default()
	}
	return o, nil
}
