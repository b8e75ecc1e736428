package conv

import (
	"fmt"

	"github.com/simdconv/simdconv/kernels"
)

// An Epilogue is applied to each output before it is stored:
//
//	y = act(scale*sum + bias + residual)
//
// Scale and Bias have K elements, Residual has y's shape; a nil part is absent.
// LDR is ignored.
type Epilogue = kernels.Epilogue

// Forward computes
//
//	y[n,oh,ow,k] = act(scale[k] * sum x[n, oh*StrideH + r*DilationH - Top, ow*StrideW + s*DilationW - Left, c] * w[r,s,c,k]
//	               + bias[k] + residual[n,oh,ow,k])
//
// over the taps (r,s) that lie in the image and the channels c of k's group. It
// writes every element of y, or nothing if it returns an error: an operand of
// the wrong length, y overlapping an input, or weights or a workspace that are
// not p's. It allocates nothing.
func (p *Plan) Forward(ws *Workspace, y, x []float32, w *Packed, ep Epilogue) error {
	err := first(
		checkLen(Forward, "y", y, p.shape.YLen()),
		checkLen(Forward, "x", x, p.shape.XLen()),
		p.checkPacked(w, Forward),
		p.checkEpilogue(y, ep),
		checkApart(Forward, "y", "x", y, x),
	)
	if err != nil {
		return err
	}
	if err := ws.acquire(p, Forward, w, y); err != nil {
		return err
	}
	defer ws.release()
	ep.LDR = p.shape.K
	ws.job = job{x: x, y: y, packed: w, ep: ep, flags: ep.TileFlags()}
	p.chosen[Forward.index()].method.run(ws, Forward)
	return nil
}

// BackwardData computes the gradient of the input,
//
//	dx[n,h,w,c] = sum dy[n,oh,ow,k] * w[r,s,c,k]
//
// over the outputs (oh,ow), taps (r,s) and channels k that (h,w,c) went into. It
// writes every element of dx, or nothing if it returns an error. It allocates
// nothing.
func (p *Plan) BackwardData(ws *Workspace, dx, dy []float32, w *Packed) error {
	err := first(
		checkLen(BackwardData, "dx", dx, p.shape.XLen()),
		checkLen(BackwardData, "dy", dy, p.shape.YLen()),
		p.checkPacked(w, BackwardData),
		checkApart(BackwardData, "dx", "dy", dx, dy),
	)
	if err != nil {
		return err
	}
	if err := ws.acquire(p, BackwardData, w, dx); err != nil {
		return err
	}
	defer ws.release()
	ws.job = job{x: dy, y: dx, packed: w}
	p.chosen[BackwardData.index()].method.run(ws, BackwardData)
	return nil
}

// BackwardWeights computes the gradients of the weights and of the bias,
//
//	dw[r,s,c,k] = sum x[n, oh*StrideH + r*DilationH - Top, ow*StrideW + s*DilationW - Left, c] * dy[n,oh,ow,k]
//	db[k]       = sum dy[n,oh,ow,k]
//
// over the batch and the outputs whose tap lies in the image. db may be nil. It
// writes every element of dw and db, or nothing if it returns an error. It
// allocates nothing once the engine behind the plan is warm.
func (p *Plan) BackwardWeights(ws *Workspace, dw, db, dy, x []float32) error {
	err := first(
		checkLen(BackwardWeights, "dw", dw, p.shape.WLen()),
		checkLen(BackwardWeights, "dy", dy, p.shape.YLen()),
		checkLen(BackwardWeights, "x", x, p.shape.XLen()),
		checkApart(BackwardWeights, "dw", "dy", dw, dy),
		checkApart(BackwardWeights, "dw", "x", dw, x),
	)
	if err == nil && db != nil {
		err = first(
			checkLen(BackwardWeights, "db", db, p.shape.K),
			checkApart(BackwardWeights, "db", "dy", db, dy),
			checkApart(BackwardWeights, "db", "x", db, x),
			checkApart(BackwardWeights, "db", "dw", db, dw),
		)
	}
	if err != nil {
		return err
	}
	if err := ws.acquire(p, BackwardWeights, nil, nil); err != nil {
		return err
	}
	defer ws.release()
	ws.job = job{x: x, y: dw, dy: dy}
	p.chosen[BackwardWeights.index()].method.run(ws, BackwardWeights)
	if db != nil {
		p.engine.SumRows(db, dy)
	}
	return nil
}

func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func checkLen(pass Pass, name string, s []float32, want int) error {
	if len(s) != want {
		return fmt.Errorf("conv: %v: %s has %d elements, want %d", pass, name, len(s), want)
	}
	return nil
}

func checkApart(pass Pass, a, b string, s, t []float32) error {
	if kernels.Overlap(s, t) {
		return fmt.Errorf("conv: %v: %s overlaps %s", pass, a, b)
	}
	return nil
}

func (p *Plan) checkEpilogue(y []float32, ep Epilogue) error {
	if ep.Act > kernels.ActReLU {
		return fmt.Errorf("conv: fwd: unknown activation %d", ep.Act)
	}
	for _, v := range [...]struct {
		name string
		s    []float32
		want int
	}{
		{"scale", ep.Scale, p.shape.K},
		{"bias", ep.Bias, p.shape.K},
		{"residual", ep.Residual, p.shape.YLen()},
	} {
		if v.s == nil {
			continue
		}
		if err := first(checkLen(Forward, v.name, v.s, v.want), checkApart(Forward, "y", v.name, y, v.s)); err != nil {
			return err
		}
	}
	return nil
}
