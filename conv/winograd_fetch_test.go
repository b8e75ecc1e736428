package conv

import (
	"fmt"
	"testing"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/geometry"
	"github.com/simdconv/simdconv/kernels/kerneltest"
)

// TestFetches checks that the runs that products ask for cover what a block of tiles
// reads and writes, each starting at a pixel of it, where the lists have room.
func TestFetches(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
		if tier == kernels.TierGeneric {
			t.Skip("plain Go asks for nothing, and its panels are too narrow to")
		}
		testFetches(t, tier)
	})
}

func testFetches(t *testing.T, tier kernels.Tier) {
	t.Helper()
	full := 0
	for _, s := range []Shape{
		square(1, 64, 64, 56, 3, 1, 1), square(5, 128, 32, 14, 3, 1, 1), square(9, 7, 40, 7, 3, 1, 1), square(3, 96, 20, 13, 3, 1, 0),
		{N: 2, C: 128, K: 16, Window: geometry.Window{H: 3, W: 50, R: 3, S: 3, Padding: geometry.Padding{Top: 5, Right: 7}}},
	} {
		p, err := NewPlan(s, Options{Options: kernels.Options{Tier: tier}, Forward: Winograd4})
		if err != nil {
			t.Fatal(err)
		}
		g := winograd{4}.grid(p, Forward)
		if g.fetchRows == 0 {
			g.setFetches(0, winogradFetchImages+1)
		}
		for first := 0; first < g.tiles; first += winogradBlock {
			last := min(first+winogradBlock, g.tiles)
			var in, out fetches
			g.fetchInput(&in, first, last)
			g.fetchOutput(&out, first, last)
			if in.n == maxFetches {
				full++
			}
			reads, writes := map[int]bool{}, map[int]bool{}
			for tile := first; tile < last; tile++ {
				image, row, col := g.place(tile)
				for i := range 6 {
					for j := range 6 {
						ih, iw := g.rows.first(row)-g.top+i, g.cols.first(col)-g.left+j
						if ih >= 0 && ih < g.inH && iw >= 0 && iw < g.inW {
							reads[((image*g.inH+ih)*g.inW+iw)*g.red] = true
						}
						if i < g.rows.size(row) && j < g.cols.size(col) {
							writes[(image*g.outH+g.rows.first(row)+i)*g.outW+g.cols.first(col)+j] = true
						}
					}
				}
			}
			checkFetches(t, fmt.Sprintf("%v, x of tiles from %d", s, first), &in, g.fetchRows*g.nr, g.red, reads, p.shape.XLen())
			checkFetches(t, fmt.Sprintf("%v, y of tiles from %d", s, first), &out, g.fetchRows, 1, writes, p.shape.YLen()/g.results)
		}
	}
	if full > 0 {
		t.Errorf("%d lists are full: give them room for the tiles of a block", full)
	}
}

// checkFetches checks that runs cover every place, length long, and start within size.
func checkFetches(t *testing.T, what string, f *fetches, run, length int, places map[int]bool, size int) {
	t.Helper()
	asked := map[int]bool{}
	for _, at := range f.at[:f.n] {
		if at < 0 || at >= size {
			t.Fatalf("%s: a run starts at %d, want 0 to %d", what, at, size-1)
		}
		for i := range run {
			asked[at+i] = true
		}
	}
	for place := range places {
		for i := range length {
			if !asked[place+i] {
				t.Fatalf("%s: nothing asks for %d", what, place+i)
			}
		}
	}
}

// TestFetchedBits has images far enough for products to ask for them: each must have
// the bits that it has alone.
func TestFetchedBits(t *testing.T) {
	if testing.Short() {
		t.Skip("takes 0.4 s")
	}
	checkFetchedBits(t, square(28, 128, 70, 14, 3, 1, 1), false)
	checkFetchedBits(t, square(40, 128, 38, 14, 3, 1, 1), true)
}

func checkFetchedBits(t *testing.T, batch Shape, between bool) {
	t.Helper()
	one := batch
	one.N = 1
	kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
		y := make([][]float32, 2)
		for i, s := range []Shape{batch, one} {
			p, err := NewPlan(s, Options{Options: kernels.Options{Tier: tier, Threads: 2}, Forward: Winograd4})
			if err != nil {
				t.Fatal(err)
			}
			if g := (winograd{4}).grid(p, Forward); (g.fetchRows > 0) != (i == 0) || i == 0 && g.between != between {
				t.Fatalf("%v asks for %d rows of pixels, between tiles: %v, want any: %v, %v", s, g.fetchRows, g.between, i == 0, between)
			}
			y[i] = forwardOf(t, p)
		}
		for i := 0; i < len(y[0]); i += len(y[1]) {
			kerneltest.Equal(t, fmt.Sprintf("y from %d", i), y[0][i:i+len(y[1])], y[1])
		}
	})
}

// forwardOf runs a plan on images that are all alike.
func forwardOf(t *testing.T, p *Plan) []float32 {
	t.Helper()
	x, w, y := make([]float32, p.shape.XLen()), make([]float32, p.shape.WLen()), make([]float32, p.shape.YLen())
	image := p.shape.XLen() / p.shape.N
	kerneltest.FillUniform(x[:image], 1)
	for i := image; i < len(x); i += image {
		copy(x[i:i+image], x[:image])
	}
	kerneltest.FillUniform(w, 2)
	packed, err := p.NewPacked(Forward)
	if err != nil {
		t.Fatal(err)
	}
	ws, err := p.NewWorkspace(Forward)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Pack(packed, w); err != nil {
		t.Fatal(err)
	}
	if err := p.Forward(ws, y, x, packed, kernels.Epilogue{}); err != nil {
		t.Fatal(err)
	}
	return y
}

// TestStreamedPixels checks that a large y goes past the caches only where the kernel
// writes it so, pixels of whole lines with AVX-512: products ask for any other.
func TestStreamedPixels(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
		for _, k := range []int{64, 72} {
			p, err := NewPlan(square(32, 64, k, 56, 3, 1, 1), Options{Options: kernels.Options{Tier: tier}, Forward: Winograd4})
			if err != nil {
				t.Fatal(err)
			}
			want := uint32(0)
			if tier == kernels.TierAVX512 && k == 64 {
				want = 1
			}
			if g := (winograd{4}).grid(p, Forward); g.stream != want || g.fetchRows == 0 {
				t.Errorf("%d channels: Stream is %d, want %d; %d rows of pixels are asked for, want some", k, g.stream, want, g.fetchRows)
			}
		}
	})
}
