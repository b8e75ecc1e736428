package conv

import (
	"fmt"
	"sync/atomic"

	"github.com/simdconv/simdconv/kernels"
)

// A Room is memory that many plans use in turn, as the layers of a network do:
// scratch for the pass under way, and the packed weights of the plan that packed
// last. It is as large as the largest of them needs, and allocated when it is
// first used. The zero value is an empty Room.
//
// Calls that share a Room must not overlap: the second one fails. A pass has the
// rooms of its workspace and of its packed weights.
type Room struct {
	busy       atomic.Bool
	scratch    []float32
	packed     []float32
	scratchLen int // what the largest needs
	packedLen  int
	holder     atomic.Pointer[Packed] // whose weights are in packed
}

// errRoom is the error of a pass, or another call, that did not get the room.
func errRoom(call any) error {
	return fmt.Errorf("conv: %v: the room is in use by another call", call)
}

// enter reports whether the room was free, and keeps others out until leave.
func (r *Room) enter() bool { return r == nil || r.busy.CompareAndSwap(false, true) }

func (r *Room) leave() {
	if r != nil {
		r.busy.Store(false)
	}
}

// NewWorkspaceIn is NewWorkspace with the memory of a room, which may be nil.
func (p *Plan) NewWorkspaceIn(r *Room, set Pass) (*Workspace, error) {
	if r == nil {
		return p.NewWorkspace(set)
	}
	ws, err := p.newWorkspace(set)
	if err != nil {
		return nil, err
	}
	if !r.enter() {
		return nil, errRoom("NewWorkspaceIn")
	}
	defer r.leave()
	ws.room = r
	r.scratchLen = max(r.scratchLen, lines(ws.needs.shared)+p.opts.Threads*lines(ws.needs.worker))
	return ws, nil
}

// bind gives the workspace the room's memory.
func (ws *Workspace) bind() {
	r := ws.room
	if len(r.scratch) < r.scratchLen {
		r.scratch = kernels.AlignedFloats(r.scratchLen)
	}
	rest := r.scratch
	take := func(n int) []float32 {
		s := rest[:n:n]
		rest = rest[lines(n):]
		return s
	}
	ws.shared = take(ws.needs.shared)
	for i := range ws.workers {
		ws.workers[i].scratch = take(ws.needs.worker)
	}
}

// unbind takes it back, so that no workspace keeps what a larger one replaced.
func (ws *Workspace) unbind() {
	ws.shared = nil
	for i := range ws.workers {
		ws.workers[i].scratch = nil
	}
}

// enterOf enters the room of packed weights, unless it is the workspace's too.
func (ws *Workspace) enterOf(w *Packed) bool {
	return w == nil || w.room == ws.room || w.room.enter()
}

func (ws *Workspace) leaveOf(w *Packed) {
	if w != nil && w.room != ws.room {
		w.room.leave()
	}
}

// NewPackedIn is NewPacked with the memory of a room, which may be nil. Weights
// packed there last until others are: see Filled.
func (p *Plan) NewPackedIn(r *Room, pass Pass) (*Packed, error) {
	if r == nil {
		return p.NewPacked(pass)
	}
	d, err := p.newPacked(pass)
	if err != nil {
		return nil, err
	}
	if !r.enter() {
		return nil, errRoom("NewPackedIn")
	}
	defer r.leave()
	d.room = r
	r.packedLen = max(r.packedLen, d.Bytes()/4)
	return d, nil
}

// Filled reports whether d holds weights: Pack has been called, and no others
// have been packed in its room since.
func (d *Packed) Filled() bool { return d.filled && (d.room == nil || d.room.holder.Load() == d) }

// hold gives d the room's memory for packed weights, and takes it from who had
// it.
func (d *Packed) hold() {
	r := d.room
	if last := r.holder.Load(); last != nil {
		last.data, last.w = nil, nil
	}
	if len(r.packed) < r.packedLen {
		r.packed = kernels.AlignedFloats(r.packedLen)
	}
	r.holder.Store(d)
	d.data = r.packed[:d.Bytes()/4]
}

// lines rounds n up to whole cache lines.
func lines(n int) int { return (n + 15) / 16 * 16 }
