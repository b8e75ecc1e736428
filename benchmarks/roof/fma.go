package roof

import (
	"fmt"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/micro"
)

// FMA returns the rates, in floating-point operations per second, of some bursts
// of the tier's fused multiply-adds on that many threads at once: a loop that
// touches registers alone. (The generic tier multiplies and adds.) Threads
// beyond GOMAXPROCS share what there is.
//
// It returns an error if the tier cannot run here or threads is below 1.
func FMA(tier kernels.Tier, threads int) ([]float64, error) {
	if err := checkThreads(threads); err != nil {
		return nil, err
	}
	t, err := micro.Resolve(tier)
	if err != nil {
		return nil, fmt.Errorf("roof: %w", err)
	}
	b := micro.For(t)
	return measure(threads, func(int) float64 { return float64(b.Roof(micro.RoofTurns)) }), nil
}
