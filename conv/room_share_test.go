package conv

import (
	"strings"
	"sync"
	"testing"

	"github.com/simdconv/simdconv/kernels/kerneltest"
)

func wantRoomError(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("%v, want %s", err, want)
	}
}

// A roomLayer has packed weights in one room and its workspace in another, or
// memory of its own.
type roomLayer struct {
	*Plan
	ws         *Workspace
	packed     *Packed
	x, w, want []float32
}

func newRoomLayer(t *testing.T, s Shape, scratch, weights *Room, seed uint64) *roomLayer {
	t.Helper()
	p, err := NewPlan(s, Options{})
	if err != nil {
		t.Fatal(err)
	}
	l := &roomLayer{Plan: p, x: make([]float32, p.shape.XLen()), w: make([]float32, p.shape.WLen()), want: make([]float32, p.shape.YLen())}
	kerneltest.FillUniform(l.x, seed)
	kerneltest.FillUniform(l.w, seed+1)
	own, err := p.NewPacked(Forward)
	if err == nil {
		l.ws, err = p.NewWorkspace(Forward)
	}
	if err == nil {
		err = first(p.Pack(own, l.w), p.Forward(l.ws, l.want, l.x, own, Epilogue{}))
	}
	if err == nil {
		l.ws, err = p.NewWorkspaceIn(scratch, Forward)
	}
	if err == nil {
		l.packed, err = p.NewPackedIn(weights, Forward)
	}
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// forward runs the layer, and checks the result of a pass that did not fail.
func (l *roomLayer) forward(t *testing.T) error {
	t.Helper()
	y := make([]float32, len(l.want))
	err := l.Forward(l.ws, y, l.x, l.packed, Epilogue{})
	if err == nil {
		kerneltest.Equal(t, "y", y, l.want)
	}
	return err
}

// A pass enters the room of its packed weights whatever its workspace has, and
// leaves every room when it fails.
func TestRoomOfWeights(t *testing.T) {
	s := square(1, 2, 3, 4, 3, 1, 1)
	for _, scratch := range []*Room{nil, new(Room)} {
		weights := new(Room)
		a, b := newRoomLayer(t, s, scratch, weights, 1), newRoomLayer(t, s, scratch, weights, 3)
		wantRoomError(t, a.forward(t), "conv: fwd: packed weights are empty, call Pack first")
		if err := first(a.Pack(a.packed, a.w), a.forward(t)); err != nil {
			t.Fatal(err)
		}
		if !weights.enter() {
			t.Fatal("the room is in use after the call")
		}
		wantRoomError(t, a.forward(t), "conv: fwd: the room is in use by another call")
		weights.leave()
		if err := first(a.forward(t), b.Pack(b.packed, b.w)); err != nil {
			t.Fatal(err)
		}
		wantRoomError(t, a.forward(t), "conv: fwd: others have been packed in the room since, call Pack again")
		if err := first(b.forward(t), a.Pack(a.packed, a.w), a.forward(t)); err != nil {
			t.Fatal(err)
		}
		if scratch == nil {
			continue
		}
		if !scratch.enter() {
			t.Fatal("the room is in use after the call")
		}
		wantRoomError(t, a.forward(t), "conv: fwd: the room is in use by another call")
		scratch.leave()
		if err := a.forward(t); err != nil {
			t.Fatal(err)
		}
	}
}

// Layers with workspaces of their own that pack in one room at the same time
// fail, or multiply with their own weights.
func TestRoomConcurrent(t *testing.T) {
	weights := new(Room)
	var layers []*roomLayer
	for i := range uint64(3) {
		layers = append(layers, newRoomLayer(t, square(1, 16, 6, 32, 3, 1, 1), nil, weights, 10*i))
	}
	check := func(err error) {
		if err != nil && !strings.Contains(err.Error(), "the room is in use") && !strings.Contains(err.Error(), "others have been packed") {
			t.Error(err)
		}
	}
	var wg sync.WaitGroup
	for _, l := range layers { // before another can have the room
		if err := l.Pack(l.packed, l.w); err != nil {
			t.Fatal(err)
		}
	}
	for _, l := range layers {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for range 200 {
				if !l.packed.Filled() {
					check(l.Pack(l.packed, l.w))
				}
				check(l.forward(t))
				_, err := l.NewWorkspaceIn(weights, Forward)
				check(err)
			}
		}()
	}
	wg.Wait()
	for _, l := range layers {
		if err := first(l.Pack(l.packed, l.w), l.forward(t)); err != nil {
			t.Error(err)
		}
	}
}

// A room is as large as the largest layer needs: nobody keeps the memory that a
// larger one replaced.
func TestRoomReplaced(t *testing.T) {
	room := new(Room)
	small := newRoomLayer(t, square(1, 2, 3, 4, 3, 1, 1), room, room, 1)
	if err := first(small.Pack(small.packed, small.w), small.forward(t)); err != nil {
		t.Fatal(err)
	}
	large := newRoomLayer(t, square(1, 64, 8, 64, 3, 1, 1), room, room, 3)
	if err := first(large.Pack(large.packed, large.w), large.forward(t)); err != nil {
		t.Fatal(err)
	}
	if small.packed.data != nil || len(room.packed) != large.packed.Bytes()/4 {
		t.Errorf("the small layer keeps %d packed weights, the room has %d, want 0 and %d", len(small.packed.data), len(room.packed), large.packed.Bytes()/4)
	}
	for _, l := range []*roomLayer{small, large} {
		if l.ws.shared != nil {
			t.Error("a workspace keeps shared memory of the room after its call")
		}
		for i := range l.ws.workers {
			if l.ws.workers[i].scratch != nil {
				t.Errorf("worker %d keeps memory of the room after its call", i)
			}
		}
	}
	if err := first(small.Pack(small.packed, small.w), small.forward(t)); err != nil {
		t.Error(err)
	}
}
