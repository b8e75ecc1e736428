package conv

import (
	"slices"
	"testing"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/kerneltest"
	"github.com/simdconv/simdconv/kernels/micro"
)

// panelLayouts have reductions and outputs around the block and the panel; in short,
// only single groups have more than a block.
func panelLayouts() (all []panels) {
	for _, nr := range []int{4, 16, 32} {
		for _, red := range []int{1, 3, blockC - 1, blockC, blockC + 1, 2*blockC + 5} {
			for _, out := range []int{1, nr - 1, nr, nr + 1} {
				for _, taps := range [][2]int{{1, 1}, {2, 3}} {
					for _, groups := range []int{1, 3} {
						if testing.Short() && groups > 1 && red > blockC {
							continue
						}
						all = append(all, panels{r: taps[0], s: taps[1], groups: groups, red: red, out: out, nr: nr})
					}
				}
			}
		}
	}
	return all
}

// TestPack packs weights that name their own place, forward and backward, and
// reads them back by the definition of the layout. The buffer starts out dirty.
func TestPack(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
		for _, l := range panelLayouts() {
			for _, backward := range []bool{false, true} {
				checkPack(t, micro.For(tier), l, backward)
			}
		}
	})
}

func checkPack(t *testing.T, b *micro.Bundle, l panels, backward bool) {
	cg, kg := l.red, l.out
	if backward {
		cg, kg = kg, cg
	}
	k := kg * l.groups
	w := make([]float32, l.r*l.s*cg*k)
	for i := range w {
		w[i] = float32(i + 1)
	}
	dst := make([]float32, l.len())
	for i := range dst {
		dst[i] = -1
	}
	for panel := range l.count() {
		if backward {
			l.pack(b, dst, w, panel, k, 1, kg, cg*k)
		} else {
			l.pack(b, dst, w, panel, 1, k, kg, cg*k)
		}
	}
	at := 0 // dst is read once through, in the order of its definition
	next := func() float32 { at++; return dst[at-1] }
	for g := range l.groups {
		for first := 0; first < l.out; first += l.nr {
			for c0 := 0; c0 < l.red; c0 += blockC {
				for tap := range l.r * l.s {
					for red := c0; red < min(c0+blockC, l.red); red++ {
						for out := first; out < first+l.nr; out++ {
							want := float32(0)
							if out < l.out {
								c, ch := red, out
								if backward {
									c, ch = ch, c
								}
								want = w[(tap*cg+c)*k+g*kg+ch]
							}
							if got := next(); got != want {
								t.Fatalf("%+v backward=%v: group %d out %d tap %d reduction %d is %v, want %v", l, backward, g, out, tap, red, got, want)
							}
						}
					}
				}
			}
		}
	}
	if at != len(dst) {
		t.Fatalf("%+v: %d weights packed, the buffer has %d", l, at, len(dst))
	}
}

// A step is one step of a reduction: its offsets in the input and in a panel.
type step struct{ a, b int }

func stepsOf(segs []micro.Segment, bStep int) (all []step) {
	for _, s := range segs {
		for i := range s.K {
			all = append(all, step{s.A + i, s.B + i*bStep})
		}
	}
	return all
}

// TestSegments checks that the reduction runs over (channel block, r, s,
// channel) of the taps given, reading the weights where pack put them.
func TestSegments(t *testing.T) {
	const rowIn, pixel = 1000, 300
	for _, l := range panelLayouts() {
		rows, cols := []tap{{0, -1}, {1, 0}}, []tap{{1, 0}, {2, 1}}
		if l.r == 1 {
			rows, cols = []tap{{0, 3}}, []tap{{0, -2}}
		}
		var want []step
		for c0 := 0; c0 < l.red; c0 += blockC {
			n := min(blockC, l.red-c0)
			for _, r := range rows {
				for _, s := range cols {
					for c := range n {
						want = append(want, step{
							r.off*rowIn + s.off*pixel + c0 + c,
							(c0*l.r*l.s + (r.f*l.s+s.f)*n + c) * l.nr,
						})
					}
				}
			}
		}
		if got := stepsOf(l.appendSegments(nil, rows, cols, rowIn, pixel, 1000), l.nr); !slices.Equal(got, want) {
			t.Fatalf("%+v: reduction over %v, want %v", l, got, want)
		}
	}
	l := panels{r: 2, s: 3, groups: 1, red: 300, out: 5, nr: 16}
	if segs := l.appendSegments(nil, nil, []tap{{0, 0}}, rowIn, pixel, 1000); segs != nil {
		t.Errorf("no taps: segments %v", segs)
	}
}

// TestSegmentsMerge checks that runs which continue each other in the input and
// in the panel become one: a pointwise reduction is a single segment.
func TestSegmentsMerge(t *testing.T) {
	l := panels{r: 1, s: 1, groups: 1, red: 3*blockC + 7, out: 5, nr: 16}
	if segs := l.appendSegments(nil, []tap{{0, 0}}, []tap{{0, 0}}, 5000, l.red, 1000); len(segs) != 1 {
		t.Errorf("pointwise: %d segments, want 1", len(segs))
	}
	if segs := l.appendSegments(nil, []tap{{0, 0}}, []tap{{0, 0}}, 5000, l.red, 2*blockC+1); len(segs) != 2 {
		t.Errorf("pointwise, at most %d steps each: %d segments, want 2", 2*blockC+1, len(segs))
	}
	// Neighbouring taps of a row follow each other if a pixel is a block.
	l = panels{r: 2, s: 3, groups: 1, red: 8, out: 5, nr: 16}
	if segs := l.appendSegments(nil, []tap{{0, 0}, {1, 1}}, []tap{{0, 0}, {1, 1}, {2, 2}}, 80, 8, 1000); len(segs) != 2 {
		t.Errorf("2x3 taps of 8 channels: %d segments, want one a row", len(segs))
	}
}

// TestNextCall checks that calls take whole segments in order, as many as fit.
func TestNextCall(t *testing.T) {
	segs := []micro.Segment{{K: 5}, {K: 1}, {K: 17}, {K: 4}, {K: 13}}
	for most := 17; most <= 41; most++ {
		for rest := segs; len(rest) > 0; {
			n := nextCall(rest, most)
			if n < 1 || steps(rest[:n]) > most || n < len(rest) && steps(rest[:n+1]) <= most {
				t.Fatalf("most %d: the call takes %d of %v", most, n, rest)
			}
			rest = rest[n:]
		}
	}
	if n := nextCall(nil, 10); n != 0 {
		t.Errorf("no segments: the call takes %d", n)
	}
}
