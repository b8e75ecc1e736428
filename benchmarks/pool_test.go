package benchmarks

import (
	"fmt"
	"testing"

	"github.com/simdconv/simdconv/benchmarks/roof"
	"github.com/simdconv/simdconv/kernels/geometry"
	"github.com/simdconv/simdconv/pool"
)

// BenchmarkPool runs the windows that networks have, on maps of 64 channels.
func BenchmarkPool(b *testing.B) {
	for _, r := range memoryRows(asked, poolRows) {
		b.Run(r.name(), r.run)
	}
}

func poolRows(n int) (rows []memoryRow) {
	const c = 64
	for _, h := range []int{112, 56} {
		square := func(f, stride int) geometry.Window {
			return geometry.Window{H: h, W: h, R: f, S: f, StrideH: stride, StrideW: stride}
		}
		for _, w := range []struct {
			name string
			op   pool.Op
			geometry.Window
		}{
			{"op=max/window=2x2_s2", pool.Max, square(2, 2).Valid()},
			{"op=max/window=3x3_s2", pool.Max, square(3, 2).Same()},
			{"op=average/window=2x2_s2", pool.Average, square(2, 2).Valid()},
			{"op=average/window=3x3_s2", pool.Average, square(3, 2).Same()},
			{"op=average/window=global", pool.Average, square(h, 1).Valid()},
		} {
			s := pool.Shape{N: n, C: c, Window: w.Window}
			x, y, arg := 4*s.XLen(), 4*s.YLen(), 0
			if w.op == pool.Max {
				arg = s.YLen()
			}
			for _, backward := range []bool{false, true} {
				r := memoryRow{n: n, bytes: x + y + arg, label: fmt.Sprintf("%s/h=%d/c=%d/pass=fwd", w.name, h, c)}
				r.traffic = roof.Traffic{Read: x, Write: y + arg}
				if backward {
					r.label = fmt.Sprintf("%s/h=%d/c=%d/pass=bwd", w.name, h, c)
					r.traffic = roof.Traffic{Read: y + arg, Write: x}
				}
				r.prepare = func(r memoryRow) (func() error, error) { return preparePool(r, w.op, s, backward) }
				rows = append(rows, r)
			}
		}
	}
	return rows
}

func preparePool(r memoryRow, op pool.Op, s pool.Shape, backward bool) (func() error, error) {
	p, err := pool.NewPlan(op, s, r.options())
	if err != nil {
		return nil, err
	}
	ws := p.NewWorkspace()
	x, y := filled(p.XLen(), 1), make([]float32, p.YLen())
	var arg []uint8
	if op == pool.Max {
		arg = make([]uint8, p.YLen())
	}
	forward := func() error { return p.Forward(ws, y, arg, x) }
	if !backward {
		return forward, nil
	}
	if err := forward(); err != nil {
		return nil, err
	}
	return func() error { return p.Backward(ws, x, y, arg) }, nil
}
