package conv

import (
	"testing"

	"github.com/simdconv/simdconv/kernels/geometry"
	"github.com/simdconv/simdconv/kernels/micro"
	"github.com/simdconv/simdconv/kernels/parallel"
)

// TestWinogradAxis checks that tiles follow each other over all outputs, the whole
// ones first, and that no number of them has fewer points.
func TestWinogradAxis(t *testing.T) {
	for _, out := range []int{2, 4, 6} {
		for outputs := 1; outputs < 40; outputs++ {
			a := newWinogradAxis(outputs, out)
			next, points := 0, 0
			for tile := range a.tiles {
				first, n := a.first(tile), a.size(tile)
				if first != next || n < 1 || n > out || (n == out) != (tile < a.whole) {
					t.Fatalf("F(%d), %d outputs: tile %d of %d (%d whole) has %d from %d, want them from %d", out, outputs, tile, a.tiles, a.whole, n, first, next)
				}
				next += n
				points += out + 1
				if n == out {
					points++
				}
			}
			if next != outputs || points != a.points(out+2) {
				t.Errorf("F(%d): tiles end at %d and have %d points, want %d and %d", out, next, points, outputs, a.points(out+2))
			}
			for n := ceilDiv(outputs, out); n <= outputs; n++ {
				if whole := max(0, outputs-n*(out-1)); n*(out+1)+whole < points {
					t.Errorf("F(%d), %d outputs: %d tiles have %d points, %d of them %d", out, outputs, a.tiles, points, n, n*(out+1)+whole)
				}
			}
		}
	}
	if a := newWinogradAxis(14, 4); a.points(6) != 22 {
		t.Errorf("14 outputs have %d points, want 22", a.points(6))
	}
}

// TestWinogradOrder checks that every tile has its place, and that the tiles of a
// block that have a plane are those of its range.
func TestWinogradOrder(t *testing.T) {
	for _, s := range []Shape{
		{N: 1, Window: geometry.Window{H: 1, W: 2}}, {N: 5, Window: geometry.Window{H: 7, W: 7}}, {N: 9, Window: geometry.Window{H: 14, W: 13}},
		{N: 3, Window: geometry.Window{H: 8, W: 27}}, {N: 2, Window: geometry.Window{H: 55, W: 12}}, {N: 2, Window: geometry.Window{H: 3, W: 50}},
	} {
		g := winogradGrid{winograd: winograd{4}, images: s.N, rows: newWinogradAxis(s.H, 4), cols: newWinogradAxis(s.W, 4)}
		g.setOrder()
		seen := map[[3]int]bool{}
		for tile := range g.tiles {
			image, row, col := g.place(tile)
			if image < 0 || image >= s.N || row < 0 || row >= g.rows.tiles || col < 0 || col >= g.cols.tiles {
				t.Fatalf("%dx%d: tile %d is at %d, %d, %d", s.H, s.W, tile, image, row, col)
			}
			seen[[3]int{image, row, col}] = true
		}
		if len(seen) != g.tiles {
			t.Errorf("%dx%d: %d tiles at %d places", s.H, s.W, g.tiles, len(seen))
		}
		perGroup := g.group * g.rows.tiles * g.cols.tiles
		for _, block := range []int{1, 5, 14, 28, 112} {
			for first := 0; first < g.tiles; first += block {
				last := min(first+block, g.tiles)
				ranges := g.ranges(first, last)
				for tile := first; tile < last; tile++ {
					_, row, col := g.place(tile)
					for kind, r := range ranges {
						has := (kind&lastRow == 0 || row < g.rows.whole) && (kind&lastCol == 0 || col < g.cols.whole)
						in := r.from <= tile-first && tile-first < r.to
						if has && !in || in && !has && first/perGroup == (last-1)/perGroup {
							t.Fatalf("%dx%d, tiles %d to %d: range %v of kind %d, tile %d has its planes: %v", s.H, s.W, first, last, r, kind, tile, has)
						}
					}
				}
			}
		}
	}
	g := winograd{4}
	kinds := map[int]int{}
	for plane := range g.planes() {
		kinds[g.kind(plane)]++
	}
	if kinds[0] != 25 || kinds[lastRow] != 5 || kinds[lastCol] != 5 || kinds[lastRow|lastCol] != 1 || g.kind(5) != lastCol || g.kind(30) != lastRow {
		t.Errorf("planes by kind: %v, 5 is of %d, 30 of %d", kinds, g.kind(5), g.kind(30))
	}
}

// TestWinogradSegments checks that the steps of a block of the reduction are the tiles
// that have planes of a kind, each once, and no others: in blocks of any number up to
// winogradSplit, wherever the groups of images end.
func TestWinogradSegments(t *testing.T) {
	for _, s := range []struct{ n, h, w int }{{1, 1, 2}, {32, 7, 7}, {57, 4, 4}, {113, 3, 4}, {9, 14, 13}, {40, 8, 11}, {3, 55, 12}, {2, 3, 50}} {
		g := winogradGrid{winograd: winograd{4}, images: s.n, rows: newWinogradAxis(s.h, 4), cols: newWinogradAxis(s.w, 4)}
		g.setOrder()
		for _, split := range []int{1, 5, winogradSplit} {
			splits := ceilDiv(g.tiles, split)
			var lists []micro.Segment
			for i := range splits {
				first, last := parallel.Share(g.tiles, splits, i)
				for kind := range planeKinds {
					segs := g.segments(first, last, kind)
					lists = append(lists, segs[:]...)
				}
			}
			for i := range splits * planeKinds {
				first, last := parallel.Share(g.tiles, splits, i/planeKinds)
				kind := i % planeKinds
				steps := map[int]int{}
				for _, seg := range blockSegments(lists, i) {
					if seg.A != seg.B || seg.K < 1 {
						t.Fatalf("%+v of kind %d: segment %+v", s, kind, seg)
					}
					for k := range seg.K {
						steps[first+seg.A/gradientBlock+k]++
					}
				}
				for tile := first; tile < last; tile++ {
					_, row, col := g.place(tile)
					want := 1
					if kind&lastRow != 0 && row >= g.rows.whole || kind&lastCol != 0 && col >= g.cols.whole {
						want = 0
					}
					if steps[tile] != want {
						t.Fatalf("%+v, block %d to %d: tile %d is in %d steps of kind %d, want %d", s, first, last, tile, steps[tile], kind, want)
					}
					delete(steps, tile)
				}
				if len(steps) > 0 {
					t.Fatalf("%+v, block %d to %d: kind %d has steps beyond it: %v", s, first, last, kind, steps)
				}
			}
		}
	}
}
