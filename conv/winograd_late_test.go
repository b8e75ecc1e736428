package conv

import (
	"fmt"
	"strings"
	"testing"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/geometry"
	"github.com/simdconv/simdconv/kernels/kerneltest"
)

// lateShapes have weights that a pass packs itself, with panels, blocks of the
// reduction and tiles that are not whole.
func lateShapes() []Shape {
	return []Shape{
		{N: 1, C: 300, K: 205, Window: geometry.Window{H: 5, W: 6, R: 3, S: 3}.Same()},
		{N: 2, C: 257, K: 260, Window: geometry.Window{H: 9, W: 4, R: 3, S: 3}.Valid()},
		{N: 3, C: 64, K: 1030, Window: geometry.Window{H: 7, W: 9, R: 3, S: 3}.Same()},
	}
}

// late runs both passes that read weights, in a room full of NaN.
func late(t *testing.T, s Shape, o Options, x, w, dy []float32) (results [2][]float32, packed int) {
	t.Helper()
	p, err := NewPlan(s, o)
	if err != nil {
		t.Fatal(err)
	}
	room := new(Room)
	ws, err := p.NewWorkspaceIn(room, Forward|BackwardData)
	if err != nil {
		t.Fatal(err)
	}
	results = [2][]float32{make([]float32, p.shape.YLen()), make([]float32, p.shape.XLen())}
	for i, pass := range []Pass{Forward, BackwardData} {
		d, err := p.NewPackedIn(room, pass)
		if err != nil {
			t.Fatal(err)
		}
		spoil(room)
		run := func() error {
			if err := p.Pack(d, w); err != nil {
				return err
			}
			if pass == Forward {
				return p.Forward(ws, results[i], x, d, Epilogue{Act: kernels.ActReLU})
			}
			return p.BackwardData(ws, results[i], dy, d)
		}
		if err := run(); err != nil {
			t.Fatal(err)
		}
		if o.Threads == 1 {
			if n := testing.AllocsPerRun(1, func() { err = run() }); n > 0 || err != nil {
				t.Errorf("%v %v: %v allocations, %v", s, pass, n, err)
			}
		}
		packed += d.Bytes()
	}
	return results, packed
}

// Weights that the pass packs give the bits of those that were packed before, on
// every tier, at any number of threads, and read nothing beyond them.
func TestOnceBits(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
		for i, s := range lateShapes() {
			if (i > 0 || testing.Short()) && tier == kernels.TierGeneric || i > 0 && testing.Short() {
				continue
			}
			s, err := s.Check()
			if err != nil {
				t.Fatal(err)
			}
			x, w, dy := make([]float32, s.XLen()), kerneltest.Guarded(t, s.WLen(), i%2 == 0), make([]float32, s.YLen())
			kerneltest.FillUniform(x, 1)
			kerneltest.FillUniform(w, 2)
			kerneltest.FillUniform(dy, 3)
			all := []Algorithm{Winograd4, Winograd6}
			if i > 0 || tier == kernels.TierGeneric {
				all = all[:1]
			}
			for _, a := range all {
				o := Options{Options: kernels.Options{Tier: tier, Threads: 1}, Forward: a, BackwardData: a}
				want, packed := late(t, s, o, x, w, dy)
				if packed == 0 {
					t.Errorf("%v by %v: no weights were packed", s, a)
				}
				o.Once = true
				for _, o.Threads = range []int{1, 2, 7}[min(i, 1):] {
					got, packed := late(t, s, o, x, w, dy)
					if packed != 0 {
						t.Errorf("%v by %v: %d bytes of weights were packed before the pass", s, a, packed)
					}
					for k, y := range got {
						kerneltest.Equal(t, fmt.Sprintf("%v by %v, %d threads, result %d", s, a, o.Threads, k), y, want[k])
					}
				}
			}
		}
	})
}

// Where weights are few, or serve several blocks of tiles, they are packed before.
func TestOnceIsForFewTiles(t *testing.T) {
	for _, c := range []struct {
		n, side, channels int
		late              bool
	}{{8, 14, 256, true}, {9, 14, 256, false}, {8, 7, 512, true}, {8, 14, 128, false}} {
		s := Shape{N: c.n, C: c.channels, K: c.channels, Window: geometry.Window{H: c.side, W: c.side, R: 3, S: 3}.Same()}
		p, err := NewPlan(s, Options{Once: true, Forward: Winograd4})
		if err != nil {
			t.Fatal(err)
		}
		if got := (winograd{4}).grid(p, Forward).late; got != c.late {
			t.Errorf("%+v: late %v", c, got)
		}
	}
}

// The result must not be the weights that the pass still has to read.
func TestOnceOverlap(t *testing.T) {
	s := Shape{N: 1, C: 256, K: 256, Window: geometry.Window{H: 4, W: 4, R: 3, S: 3}.Same()}
	p, err := NewPlan(s, Options{Once: true, Forward: Winograd4, BackwardData: Winograd4})
	if err != nil {
		t.Fatal(err)
	}
	ws, err := p.NewWorkspace(Forward | BackwardData)
	if err != nil {
		t.Fatal(err)
	}
	w, x := make([]float32, p.shape.WLen()), make([]float32, p.shape.XLen())
	for _, pass := range []Pass{Forward, BackwardData} {
		d, err := p.NewPacked(pass)
		if err == nil {
			err = p.Pack(d, w)
		}
		if err != nil {
			t.Fatal(err)
		}
		if y := w[:len(x)]; pass == Forward {
			err = p.Forward(ws, y, x, d, Epilogue{})
		} else {
			err = p.BackwardData(ws, y, x, d)
		}
		if err == nil || !strings.Contains(err.Error(), "the result overlaps w") {
			t.Errorf("%v: %v", pass, err)
		}
	}
}

// A limit of the workspace holds with Once, whose panels need more, and chooses what it
// chooses without.
func TestOnceWithLimit(t *testing.T) {
	s := Shape{N: 1, C: 256, K: 256, Window: geometry.Window{H: 14, W: 14, R: 3, S: 3}.Same()}
	for _, invariant := range []bool{false, true} {
		o := Options{Options: kernels.Options{Threads: 1}, BatchInvariant: invariant, WorkspaceLimit: 2 << 20}
		without, err := NewPlan(s, o)
		if err != nil {
			t.Fatal(err)
		}
		o.Once = true
		p, err := NewPlan(s, o)
		if err != nil {
			t.Fatal(err)
		}
		if a, b := without.Algorithm(Forward), p.Algorithm(Forward); a != b {
			t.Errorf("batch invariant %v: %v, with Once %v", invariant, a, b)
		}
		if n := p.WorkspaceSize(Forward); n > o.WorkspaceLimit {
			t.Errorf("batch invariant %v: a workspace of %d bytes, at most %d allowed", invariant, n, o.WorkspaceLimit)
		}
	}
}

// The panels of a chunk of U, which one thread packs together, fit into the workspace,
// between guard pages.
func TestOnceGuards(t *testing.T) {
	s := Shape{N: 1, C: 250, K: 240, Window: geometry.Window{H: 4, W: 4, R: 3, S: 3}.Same()}
	kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
		p, err := NewPlan(s, Options{Options: kernels.Options{Tier: tier, Threads: 1}, Once: true, Forward: Winograd4, BackwardData: Winograd4})
		if err != nil {
			t.Fatal(err)
		}
		x, w, y := make([]float32, p.shape.XLen()), make([]float32, p.shape.WLen()), make([]float32, p.shape.YLen())
		for _, pass := range []Pass{Forward, BackwardData} {
			ws, err := p.NewWorkspace(pass)
			if err != nil {
				t.Fatal(err)
			}
			ReplaceBuffers(func(n int) []float32 { return kerneltest.Guarded(t, n, true) }, ws)
			d, err := p.NewPacked(pass)
			if err == nil {
				err = p.Pack(d, w)
			}
			if err == nil && pass == Forward {
				err = p.Forward(ws, y, x, d, Epilogue{})
			} else if err == nil {
				err = p.BackwardData(ws, x, y, d)
			}
			if err != nil || d.Bytes() > 0 {
				t.Errorf("%v: %d bytes packed before the pass, %v", pass, d.Bytes(), err)
			}
		}
	})
}
