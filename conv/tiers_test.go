package conv

import (
	"testing"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/micro"
)

// TestTiersChoose checks that what the choice is made of is the same on every
// tier: refusals, estimates, none of them NaN, and what WorkspaceLimit is
// compared with.
func TestTiersChoose(t *testing.T) {
	shapes := append(corpus(t), randomShapes(8, 60)...)
	// Packed weights on either side of panelsInL2: 33 channels are 64 for AVX-512, 48 for AVX2.
	far, err := square(1, 33, 2500, 2, 1, 2, 0).Check()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range append(shapes, namedShape{"gaps, weights about as large as L2", far}) {
		var first *Plan
		for tier := kernels.TierGeneric; tier <= kernels.TierAVX512; tier++ {
			if _, err := micro.Resolve(tier); err != nil {
				continue
			}
			p, err := NewPlan(c.Shape, Options{Options: kernels.Options{Tier: tier, Threads: 1}})
			if err != nil {
				t.Fatal(err)
			}
			if first == nil {
				first = p
			}
			for i, pass := range passes {
				for k, got := range p.chosen[i].ranking {
					if want := first.chosen[i].ranking[k]; got != want {
						t.Errorf("%s: %v: %+v on %v, %+v on %v", c.Name, pass, got, tier, want, first.opts.Tier)
					}
				}
			}
		}
	}
}
