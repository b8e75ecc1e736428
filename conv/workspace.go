package conv

import (
	"fmt"
	"sync/atomic"
	"unsafe"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/micro"
	"github.com/simdconv/simdconv/kernels/parallel"
)

// A Workspace is the memory one call at a time needs beside its operands. It
// belongs to the plan that made it. Calls that share one fail; concurrent
// callers have one each.
type Workspace struct {
	plan   *Plan
	passes Pass
	busy   atomic.Bool
	needs  needs
	room   *Room // whose memory it has; nil for its own

	job     job
	shared  []float32
	workers []worker
}

// A job is the pass under way.
type job struct {
	x, y    []float32 // what is read and what is written; in BackwardWeights x and dw
	dy      []float32 // BackwardWeights only
	packed  *Packed
	ep      kernels.Epilogue
	flags   uint32 // of ep
	sweep   *sweep // direct
	image   int    // im2col: image, group and pixels of the block under way
	group   int
	first   int
	pixels  int
	parts   int // tasks that share the results
	threads int // most threads of the pass: Winograd's
	outer   *outer
	last    int // outer: output rows first to last are the band under way
	blocks  int // of tiles of Winograd's grid; tasks of its weight gradients
	grid    winogradGrid
	weights winogradWeights
	split   int // the first block of the reduction under way
}

// A worker is one worker's own memory.
type worker struct {
	tile    micro.TileArgs
	segs    []micro.Segment
	scratch []float32
	input   fetches // of Winograd's products
	output  fetches
	end     int       // direct: where the results end up to which tiles ask for the next
	_       [128]byte // no line shared with the next worker
}

// segmentBytes is the size of a micro.Segment.
const segmentBytes = int(unsafe.Sizeof(micro.Segment{}))

func workspaceBytes(n needs, threads int) int {
	return 4*n.shared + threads*(4*n.worker+segmentBytes*n.segments)
}

func (p *Plan) needs(set Pass) (n needs) {
	for i, pass := range passes {
		if set&pass != 0 {
			n = n.max(p.chosen[i].method.needs(p, pass))
		}
	}
	return n
}

// WorkspaceSize returns the bytes of buffers that a workspace for the given
// passes holds.
func (p *Plan) WorkspaceSize(set Pass) int {
	return workspaceBytes(p.needs(set), p.opts.Threads)
}

// NewWorkspace allocates a workspace for a set of passes. Running a pass then
// allocates nothing.
func (p *Plan) NewWorkspace(set Pass) (*Workspace, error) {
	ws, err := p.newWorkspace(set)
	if err != nil {
		return nil, err
	}
	ws.shared = kernels.AlignedFloats(ws.needs.shared)
	for i := range ws.workers {
		ws.workers[i].scratch = kernels.AlignedFloats(ws.needs.worker)
	}
	return ws, nil
}

// newWorkspace returns a workspace without the memory for values.
func (p *Plan) newWorkspace(set Pass) (*Workspace, error) {
	if set == 0 || set >= 1<<len(passes) {
		return nil, fmt.Errorf("conv: NewWorkspace(%v), want a set of Forward, BackwardData and BackwardWeights", set)
	}
	n := p.needs(set)
	ws := &Workspace{plan: p, passes: set, needs: n, workers: make([]worker, p.opts.Threads)}
	for i := range ws.workers {
		ws.workers[i].segs = make([]micro.Segment, 0, n.segments)
	}
	return ws, nil
}

// acquire checks that ws can serve a pass of p and marks it busy. It enters the
// rooms of ws and of w, the pass's packed weights if it has any: only then is
// what w holds certain to stay. dst is the result, which must be apart from weights
// that the pass still has to read.
func (ws *Workspace) acquire(p *Plan, pass Pass, w *Packed, dst []float32) error {
	switch {
	case ws == nil:
		return fmt.Errorf("conv: %v: workspace is nil", pass)
	case ws.plan != p:
		return fmt.Errorf("conv: %v: workspace belongs to another plan", pass)
	case ws.passes&pass == 0:
		return fmt.Errorf("conv: %v: workspace was made for %v", pass, ws.passes)
	case !ws.busy.CompareAndSwap(false, true):
		return fmt.Errorf("conv: %v: workspace is in use by another call", pass)
	}
	if !ws.room.enter() {
		ws.busy.Store(false)
		return errRoom(pass)
	}
	if !ws.enterOf(w) {
		ws.room.leave()
		ws.busy.Store(false)
		return errRoom(pass)
	}
	ws.job.packed = w
	if w != nil {
		if err := first(w.checkFilled(pass), checkApart(pass, "the result", "w", dst, w.w)); err != nil {
			ws.release()
			return err
		}
	}
	if ws.room != nil {
		ws.bind()
	}
	return nil
}

// release drops every reference to the caller's memory and leaves the rooms.
func (ws *Workspace) release() {
	w := ws.job.packed
	ws.job = job{}
	for i := range ws.workers {
		ws.workers[i].tile = micro.TileArgs{}
	}
	if ws.room != nil {
		ws.unbind()
	}
	ws.leaveOf(w)
	ws.room.leave()
	ws.busy.Store(false)
}

// run shares n tasks of a pass among the plan's threads.
func (ws *Workspace) run(t parallel.Task, n int, pass Pass) {
	ws.plan.opts.Pool.Run(t, n, ws.plan.chosen[pass.index()].threads)
}
