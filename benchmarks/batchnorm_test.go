package benchmarks

import (
	"fmt"
	"testing"

	"github.com/simdconv/simdconv/benchmarks/roof"
	"github.com/simdconv/simdconv/bn"
)

// BenchmarkBatchNorm runs training, its gradient and inference, alone and with
// the residual and ReLU fused. As statistics of a tensor are needed before its
// first element can be normalised, the traffic that %stream compares with reads x
// twice in training, and dy and x twice going backward.
func BenchmarkBatchNorm(b *testing.B) {
	for _, r := range memoryRows(asked, batchNormRows) {
		b.Run(r.name(), r.run)
	}
}

func batchNormRows(n int) (rows []memoryRow) {
	const c = 64
	for _, h := range []int{112, 56} {
		x := 4 * n * h * h * c
		for _, fused := range []bool{false, true} {
			op, mask, residual := "plain", 0, 0
			if fused {
				op, mask, residual = "add_relu", x/32, x
			}
			for _, pass := range []struct {
				name    string
				bytes   int
				traffic roof.Traffic
			}{
				{"train", 2*x + residual + mask, roof.Traffic{Read: 2*x + residual, Write: x + mask}},
				{"bwd", 3*x + residual + mask, roof.Traffic{Read: 4*x + 2*mask, Write: x + residual}},
				{"infer", 2*x + residual, roof.Traffic{Read: x + residual, Write: x}},
			} {
				rows = append(rows, memoryRow{
					n: n, bytes: pass.bytes, traffic: pass.traffic,
					label: fmt.Sprintf("op=%s/h=%d/c=%d/pass=%s", op, h, c, pass.name),
					prepare: func(r memoryRow) (func() error, error) {
						return prepareBatchNorm(r, n*h*h, c, pass.name, fused)
					},
				})
			}
		}
	}
	return rows
}

func prepareBatchNorm(r memoryRow, m, c int, pass string, fused bool) (func() error, error) {
	p, err := bn.NewPlan(m, c, bn.Options{Options: r.options()})
	if err != nil {
		return nil, err
	}
	ws := p.NewWorkspace()
	x, y := filled(m*c, 1), make([]float32, m*c)
	v := filled(8*c, 2)
	q := bn.Params{Gamma: v[:c], Beta: v[c : 2*c], MovingMean: v[2*c : 3*c], MovingVariance: v[3*c : 4*c]}
	for i := range q.MovingVariance {
		q.MovingVariance[i] = 1
	}
	s := bn.Saved{Mean: v[4*c : 5*c], InvStd: v[5*c : 6*c]}
	var f bn.Fused
	if fused {
		f = bn.Fused{ReLU: true, Residual: filled(m*c, 3)}
	}
	if pass == "infer" {
		return func() error { return p.InferFused(ws, y, x, q, f) }, nil
	}
	if fused {
		f.Mask = make([]uint8, p.MaskLen())
	}
	train := func() error { return p.TrainFused(ws, y, x, q, s, f) }
	if pass == "train" {
		return train, nil
	}
	if err := train(); err != nil {
		return nil, err
	}
	dx, dgamma, dbeta := make([]float32, m*c), v[6*c:7*c], v[7*c:]
	if fused {
		return func() error {
			return p.BackwardFused(ws, dx, f.Residual, dgamma, dbeta, y, x, f.Mask, q.Gamma, s)
		}, nil
	}
	return func() error { return p.Backward(ws, dx, dgamma, dbeta, y, x, q.Gamma, s) }, nil
}
