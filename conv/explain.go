package conv

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/simdconv/simdconv/kernels/micro"
)

// Explain returns, for a single pass, the ranking of all algorithms, the chosen
// one marked with a star: for each the time predicted from its cost, which is in
// operations at the FMA peak, the roof that binds it, its workspace and error
// bound, or why it was refused. The choice is made on cost alone; the peak is
// measured here, in a millisecond, the first time. With BatchInvariant times and
// costs are those of one image.
func (p *Plan) Explain(pass Pass) string {
	c := p.chosen[pass.index()]
	peak, of := peakOf(p.bundle), ""
	if p.opts.BatchInvariant {
		of = ", for one image"
	}
	return fmt.Sprintf("%v %v on %v, up to %d threads, FMA peak %.3g GFLOP/s a thread%s\n%s",
		pass, p.shape, p.opts.Tier, c.threads, peak/1e9, of, explain(c, peak*float64(c.threads)))
}

// explain lists a ranking; rate, in operations a second, may be unknown, 0.
func explain(c choice, rate float64) string {
	ranking := slices.Clone(c.ranking)
	slices.SortStableFunc(ranking, func(a, b candidate) int {
		refused := func(c candidate) int { return min(len(c.refusal), 1) }
		return cmp.Or(refused(a)-refused(b), cmp.Compare(a.estimate.cost(), b.estimate.cost()))
	})
	var b strings.Builder
	for _, r := range ranking {
		mark := ' '
		if r.algorithm == c.algorithm {
			mark = '*'
		}
		fmt.Fprintf(&b, "%c %-10v ", mark, r.algorithm)
		if r.refusal != "" {
			fmt.Fprintf(&b, "refused: %s\n", r.refusal)
			continue
		}
		e := r.estimate
		fmt.Fprintf(&b, "about %.3g ms, cost %.4g MFLOP at peak, bound by %s, workspace %d B a thread, error at most %v x sequential\n",
			1e3*e.cost()/rate, e.cost()/1e6, e.roof(), r.workspace, e.errorBound)
	}
	return b.String()
}

// peaks are the measured FMA rates of the tiers, in operations a second.
var peaks struct {
	sync.Mutex
	byTier [micro.AVX512 + 1]float64
}

func peakOf(b *micro.Bundle) float64 {
	peaks.Lock()
	defer peaks.Unlock()
	if peak := &peaks.byTier[b.Tier]; *peak == 0 {
		b.Roof(micro.RoofTurns / 16) // wakes the clock
		for start := time.Now(); time.Since(start) < time.Millisecond; {
			from := time.Now()
			flop := b.Roof(micro.RoofTurns / 16)
			if d := time.Since(from); d > 0 { // clocks may be coarse
				*peak = max(*peak, float64(flop)/d.Seconds())
			}
		}
	}
	return peaks.byTier[b.Tier]
}
