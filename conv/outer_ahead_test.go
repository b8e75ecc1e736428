package conv

import (
	"testing"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/kerneltest"
)

// TestFar checks which layers ask for the next band: those of 1x1 filters over
// operands beyond the caches, with enough products for each value.
func TestFar(t *testing.T) {
	for _, c := range []struct {
		shape Shape
		want  bool
	}{
		{square(32, 128, 256, 28, 1, 2, 0), true},
		{square(4, 128, 256, 28, 1, 2, 0), false}, // in the caches
		{square(32, 128, 256, 28, 3, 2, 1), false},
		{square(16, 32, 128, 56, 1, 1, 0), false}, // 26 products
		{square(32, 128, 256, 28, 1, 2, 0).with(func(s *Shape) { s.Groups = 4 }), false},
	} {
		s, err := c.shape.Check()
		if err != nil {
			t.Fatal(err)
		}
		if got := s.far(); got != c.want {
			t.Errorf("%v: far is %v, want %v", s, got, c.want)
		}
	}
}

// TestAhead compares layers whose tiles ask for the next band, of two rows, with the
// same ones whose tiles do not, bit by bit.
func TestAhead(t *testing.T) {
	for _, s := range []Shape{square(3, 20, 40, 9, 1, 2, 1), square(2, 3, 5, 7, 1, 1, 0), square(2, 12, 8, 6, 1, 3, 2).with(func(s *Shape) { s.Groups = 4 })} {
		kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
			var dw [2][]float32
			for i := range dw {
				p, err := NewPlan(s, Options{Options: kernels.Options{Tier: tier, Threads: 2}, BackwardWeights: Direct})
				if err != nil {
					t.Fatal(err)
				}
				p.outers[0].band, p.outers[0].ahead = 2, i == 1
				ws, err := p.NewWorkspace(BackwardWeights)
				if err != nil {
					t.Fatal(err)
				}
				x, dy := kerneltest.Guarded(t, p.shape.XLen(), true), kerneltest.Guarded(t, p.shape.YLen(), true)
				kerneltest.FillUniform(x, 1)
				kerneltest.FillUniform(dy, 2)
				dw[i] = make([]float32, p.shape.WLen())
				if err := p.BackwardWeights(ws, dw[i], nil, dy, x); err != nil {
					t.Fatal(err)
				}
			}
			kerneltest.Equal(t, s.String(), dw[1], dw[0])
		})
	}
}
