package conv_test

import (
	"flag"
	"fmt"
	"testing"

	"github.com/simdconv/simdconv/conv"
	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/kerneltest"
)

var (
	manyShapes = flag.Int("shapes", 0, "TestManyShapes: how many random shapes")
	shapesSeed = flag.Uint64("seed", 1, "TestManyShapes: where they come from")
)

// TestManyShapes is a run over random geometry: every tier, algorithm and
// pass against package ref, on 1 to 3 threads, every buffer between guard pages.
//
//	go test -run=TestManyShapes -shapes=5000 ./conv
//
// takes half a minute. The corpus and FuzzConv's seeds are its short form.
func TestManyShapes(t *testing.T) {
	if *manyShapes == 0 {
		t.Skip("see -shapes")
	}
	checked := map[conv.Algorithm]int{}
	for i, s := range conv.RandomShapes(*shapesSeed+1000, *manyShapes) {
		for _, a := range algorithms(s.Shape) {
			checked[a]++
		}
		t.Run(fmt.Sprintf("%d/%s", i, s.Name), func(t *testing.T) {
			alloc := guards(t, i%2 == 0)
			c := newExactCase(s.Name, s.Shape, alloc)
			kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
				c.check(t, kernels.Options{Tier: tier, Threads: 1 + i%3}, alloc)
			})
		})
	}
	t.Logf("%d shapes by %v", *manyShapes, checked)
}
