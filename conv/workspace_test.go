package conv

import (
	"testing"
	"unsafe"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/kerneltest"
	"github.com/simdconv/simdconv/kernels/micro"
)

// bytes adds up the buffers that a workspace really has.
func (ws *Workspace) bytes() int {
	n := 4 * cap(ws.shared)
	for i := range ws.workers {
		n += 4*cap(ws.workers[i].scratch) + int(unsafe.Sizeof(micro.Segment{}))*cap(ws.workers[i].segs)
	}
	return n
}

// everyPlan calls f with a plan of each shape by each algorithm that can do it.
func everyPlan(t *testing.T, shapes []namedShape, f func(t *testing.T, name string, p *Plan)) {
	kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
		for _, s := range shapes {
			for _, m := range methods {
				o := Options{Options: kernels.Options{Tier: tier, Threads: 3}}
				probe := Plan{shape: s.Shape, bundle: micro.For(tier)}
				for i, a := range []*Algorithm{&o.Forward, &o.BackwardData, &o.BackwardWeights} {
					if m.method.refuse(&probe, passes[i]) == "" {
						*a = m.algorithm
					}
				}
				p, err := NewPlan(s.Shape, o)
				if err != nil {
					t.Fatalf("%s: %v", s.Name, err)
				}
				f(t, s.Name+" by "+m.algorithm.String(), p)
			}
		}
	})
}

func TestWorkspaceSize(t *testing.T) {
	everyPlan(t, append(corpus(t), randomShapes(3, 20)...), func(t *testing.T, name string, p *Plan) {
		most := 0
		for set := Pass(1); set < 1<<len(passes); set++ {
			ws, err := p.NewWorkspace(set)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := p.WorkspaceSize(set), ws.bytes(); got != want {
				t.Errorf("%s: WorkspaceSize(%v) = %d, the workspace has %d bytes", name, set, got, want)
			}
			most = max(most, p.WorkspaceSize(set))
		}
		if got := p.WorkspaceSize(Forward | BackwardData | BackwardWeights); got != most {
			t.Errorf("%s: all passes take %d bytes, some of them %d", name, got, most)
		}
	})
}

// TestSegmentsFit checks that the segments of a workspace are enough for every
// band and tap: appending must not allocate.
func TestSegmentsFit(t *testing.T) {
	everyPlan(t, append(corpus(t), randomShapes(4, 60)...), func(t *testing.T, name string, p *Plan) {
		for i := range p.outers {
			o := &p.outers[i]
			rows, room := p.shape.N*p.oh, o.segments(p.ow, p.mostPixels())
			for row := 0; row < rows; row += o.band {
				for tap := range o.taps {
					segs := p.bandSegments(nil, o, tap, row, min(row+o.band, rows))
					if len(segs) > room {
						t.Fatalf("%s: tap %d of the band at row %d has %d segments, room for %d", name, tap, row, len(segs), room)
					}
				}
			}
		}
	})
}

func TestPackedBytes(t *testing.T) {
	s := square(1, 5, 7, 6, 3, 1, 1)
	for _, c := range []struct {
		algorithm Algorithm
		want      int
	}{
		{Direct, 4 * 9 * 5 * 8},
		{Im2col, 4 * 9 * 5 * 8},
		{Winograd2, 4 * 16 * 48}, // 5 channels of 2 panels of 4, padded to an odd number of lines
		{Winograd4, 4 * 36 * 48},
		{Winograd6, 4 * 64 * 48},
	} {
		p, err := NewPlan(s, Options{Options: kernels.Options{Tier: kernels.TierGeneric}, Forward: c.algorithm})
		if err != nil {
			t.Fatal(err)
		}
		d, err := p.NewPacked(Forward)
		if err != nil {
			t.Fatal(err)
		}
		if d.Bytes() != c.want {
			t.Errorf("%v: %d bytes, want %d", c.algorithm, d.Bytes(), c.want)
		}
		if at := uintptr(unsafe.Pointer(&d.data[0])); at%kernels.Align != 0 {
			t.Errorf("%v: packed weights start at %#x, want a multiple of %d", c.algorithm, at, kernels.Align)
		}
	}
}

// TestSharedWorkspace has a workspace in use by another call.
func TestSharedWorkspace(t *testing.T) {
	p, err := NewPlan(square(1, 2, 3, 4, 3, 1, 1), Options{})
	if err != nil {
		t.Fatal(err)
	}
	ws, err := p.NewWorkspace(Forward | BackwardData | BackwardWeights)
	if err != nil {
		t.Fatal(err)
	}
	x, w, y := make([]float32, 32), make([]float32, 54), make([]float32, 48)
	forward, err := p.NewPacked(Forward)
	if err != nil {
		t.Fatal(err)
	}
	backward, err := p.NewPacked(BackwardData)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range []*Packed{forward, backward} {
		if err := p.Pack(d, w); err != nil {
			t.Fatal(err)
		}
	}
	calls := func() []error {
		return []error{
			p.Forward(ws, y, x, forward, Epilogue{Bias: make([]float32, 3)}),
			p.BackwardData(ws, x, y, backward),
			p.BackwardWeights(ws, w, nil, y, x),
		}
	}
	if err := ws.acquire(p, Forward, nil, nil); err != nil {
		t.Fatal(err)
	}
	for i, err := range calls() {
		want := "conv: " + passes[i].String() + ": workspace is in use by another call"
		if err == nil || err.Error() != want {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	ws.release()
	for i, err := range calls() {
		if err != nil {
			t.Errorf("%v after the other call has ended: %v", passes[i], err)
		}
	}
	// A workspace that is not in use must not keep the caller's memory alive.
	if j := &ws.job; j.x != nil || j.y != nil || j.dy != nil || j.packed != nil || j.ep.Bias != nil {
		t.Errorf("the workspace holds on to %+v", *j)
	}
	for i := range ws.workers {
		if a := &ws.workers[i].tile; a.A != nil || a.B != nil || a.C != nil || a.Bias != nil {
			t.Errorf("worker %d holds on to operands", i)
		}
	}
}
