package conv

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/kerneltest"
)

// In a room that others have left full of NaN every pass gives the bits that it
// gives in memory of its own.
func TestRoom(t *testing.T) {
	everyPlan(t, randomShapes(5, 30), func(t *testing.T, name string, p *Plan) {
		s, room := p.Shape(), new(Room)
		x, w, dy := make([]float32, s.XLen()), make([]float32, s.WLen()), make([]float32, s.YLen())
		kerneltest.FillUniform(x, 1)
		kerneltest.FillUniform(w, 2)
		kerneltest.FillUniform(dy, 3)
		var want [][]float32
		for _, r := range []*Room{nil, room} {
			results := [][]float32{make([]float32, s.YLen()), make([]float32, s.XLen()), make([]float32, s.WLen()), make([]float32, s.K)}
			ws, err := p.NewWorkspaceIn(r, Forward|BackwardData|BackwardWeights)
			if err != nil {
				t.Fatal(err)
			}
			forward, err := p.NewPackedIn(r, Forward)
			if err != nil {
				t.Fatal(err)
			}
			backward, err := p.NewPackedIn(r, BackwardData)
			if err != nil {
				t.Fatal(err)
			}
			spoil(r)
			for _, err := range []error{
				p.Pack(forward, w), p.Forward(ws, results[0], x, forward, Epilogue{}),
				p.Pack(backward, w), p.BackwardData(ws, results[1], dy, backward),
				p.BackwardWeights(ws, results[2], results[3], dy, x),
			} {
				if err != nil {
					t.Fatal(err)
				}
			}
			if r == nil {
				want = results
				continue
			}
			for i, y := range results {
				kerneltest.Equal(t, name, y, want[i])
			}
			if forward.Filled() || !backward.Filled() {
				t.Errorf("%s: weights of Forward are there: %v, of BackwardData: %v; want the last ones alone", name, forward.Filled(), backward.Filled())
			}
			if err := p.Forward(ws, results[0], x, forward, Epilogue{}); err == nil || !strings.Contains(err.Error(), "conv: fwd: others have been packed in the room since") {
				t.Errorf("%s: Forward with weights that were overwritten: %v", name, err)
			}
		}
	})
}

// spoil fills a room with NaN.
func spoil(r *Room) {
	if r == nil {
		return
	}
	nan := float32(math.NaN())
	r.scratch, r.packed = kernels.AlignedFloats(r.scratchLen), kernels.AlignedFloats(r.packedLen)
	for _, s := range [][]float32{r.scratch, r.packed} {
		for i := range s {
			s[i] = nan
		}
	}
}

// Calls that share a room do not overlap, and allocate nothing after the first.
func TestRoomInUse(t *testing.T) {
	room := new(Room)
	p, err := NewPlan(square(1, 2, 3, 4, 3, 1, 1), Options{})
	if err != nil {
		t.Fatal(err)
	}
	ws, err := p.NewWorkspaceIn(room, Forward)
	if err != nil {
		t.Fatal(err)
	}
	packed, err := p.NewPackedIn(room, Forward)
	if err != nil {
		t.Fatal(err)
	}
	x, w, y := make([]float32, 32), make([]float32, 54), make([]float32, 48)
	call := func() error {
		if err := p.Pack(packed, w); err != nil {
			return err
		}
		return p.Forward(ws, y, x, packed, Epilogue{})
	}
	if err := call(); err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(10, func() { err = errors.Join(err, call()) }); n != 0 || err != nil {
		t.Errorf("%v allocations, %v", n, err)
	}
	if !room.enter() {
		t.Fatal("the room is in use after the call")
	}
	_, errWorkspace := p.NewWorkspaceIn(room, Forward)
	_, errPacked := p.NewPackedIn(room, Forward)
	for name, err := range map[string]error{
		"Pack": p.Pack(packed, w), "fwd": p.Forward(ws, y, x, packed, Epilogue{}), "NewWorkspaceIn": errWorkspace, "NewPackedIn": errPacked,
	} {
		wantRoomError(t, err, "conv: "+name+": the room is in use by another call")
	}
	room.leave()
	if err := call(); err != nil {
		t.Fatal(err)
	}
	for _, set := range []Pass{0, 8} {
		if _, err := p.NewWorkspaceIn(room, set); err == nil {
			t.Errorf("a workspace for %v", set)
		}
	}
	if _, err := p.NewPackedIn(room, BackwardWeights); err == nil {
		t.Error("packed weights for BackwardWeights")
	}
}
