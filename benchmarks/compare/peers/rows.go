package peers

import (
	"fmt"

	"github.com/simdconv/simdconv/benchmarks/roof"
	"github.com/simdconv/simdconv/benchmarks/suite"
	"github.com/simdconv/simdconv/conv"
	"github.com/simdconv/simdconv/kernels"
)

// winogradFactor is how much larger the error of a peer's best algorithm may be
// than a direct sum's. F(4x4,3x3) in oneDNN 2.6.3 has up to 2.9e-6 of the rms.
const winogradFactor = 4

// arithmetic returns a contest without rows that is compared with the FMA roof.
func (f Field) arithmetic(flop float64, tier kernels.Tier, threads int, cold bool) *Contest {
	fma := func() ([]float64, error) { return roof.FMA(tier, threads) }
	return &Contest{Duel: Duel{Work: flop, Roof: fma, Threads: threads, Cold: cold, Time: f.Time}, Amount: flop / 1e9, Unit: "GFLOP/s", Share: "%peak"}
}

// Convs returns a contest for each layer, pass, batch and number of threads that
// the flags ask for: simdconv's algorithms, then the peers'.
func (f Field) Convs(t suite.Tour) ([]*Contest, error) {
	rows, err := t.ConvRows()
	if err != nil {
		return nil, err
	}
	var all []*Contest
	of := map[suite.Conv]*Contest{}
	operands := &suite.Operands{} // one for all, as contests run one after the other
	for _, r := range rows {
		key := r
		key.Algo = ""
		c := of[key]
		if c == nil {
			c = f.arithmetic(r.FLOP(), r.Tier, r.Threads, r.Cold)
			of[key], all = c, append(all, c)
		}
		if f.Self {
			c.Rows = append(c.Rows, convRow(suite.Impl, r, operands, ownConv))
		}
	}
	for _, r := range rows {
		key := r
		key.Algo = ""
		c := of[key]
		if c == nil {
			continue // has its peers
		}
		delete(of, key)
		for _, p := range f.Peers {
			lib, ok := p.Library.(Convolver)
			if !ok {
				continue
			}
			for _, r.Algo = range lib.Algorithms(r) {
				c.Rows = append(c.Rows, convRow(p.Name, r, operands, lib.Conv))
			}
		}
	}
	return all, nil
}

func convRow(impl string, r suite.Conv, o *suite.Operands, prepare func(suite.Conv, *suite.Operands) (Run, error)) *Row {
	return &Row{
		Name: r.Name(impl),
		prepare: func() (Run, error) {
			if err := o.Use(r); err != nil {
				return Run{}, err
			}
			return prepare(r, o)
		},
		check: func(got []float32) error { return checkConv(r, o, got) },
	}
}

// ownConv prepares a row of simdconv.
func ownConv(r suite.Conv, o *suite.Operands) (Run, error) {
	out := o.Result(r.Pass)
	call, _, err := r.Call(o, out)
	return Run{Call: call, Result: func() ([]float32, error) { return out, nil }, Kernel: r.Algo}, err
}

// checkConv compares a result with plain loops in float64. Where these would take
// too long, which they do for all images but the last, it compares each image with
// simdconv's im2col.
func checkConv(r suite.Conv, o *suite.Operands, got []float32) error {
	bound := r.Bound()
	if r.Algo == conv.Auto.String() {
		bound *= winogradFactor
	}
	if o.Want != nil {
		if err := suite.Compare(got[len(got)-len(o.Want):], o.Want, bound); err != nil || len(o.Want) == len(got) {
			return err
		}
	}
	ours := r
	ours.Algo = conv.Im2col.String()
	run, err := ownConv(ours, o)
	if err != nil {
		return err
	}
	if err := run.Call(); err != nil {
		return err
	}
	want, _ := run.Result()
	size := len(got)
	if r.Pass != conv.BackwardWeights {
		size /= r.N
	}
	return comparePieces(got, want, size, 2*bound) // both have errors
}

// comparePieces compares a result with ours, piece by piece: in the rms of a whole
// batch one wrong element would be lost.
func comparePieces(got, ours []float32, size int, bound float64) error {
	var want []float64
	for at := 0; at < len(got); at += size {
		end := min(at+size, len(got))
		want = want[:0]
		for _, v := range ours[at:end] {
			want = append(want, float64(v))
		}
		if err := suite.Compare(got[at:end], want, bound); err != nil {
			return fmt.Errorf("elements %d to %d of %d: %w", at, end-1, len(got), err)
		}
	}
	return nil
}

// Gemms returns a contest for each product and number of threads that the flags
// ask for.
func (f Field) Gemms(t suite.Tour) ([]*Contest, error) {
	rows, err := t.GemmRows()
	if err != nil {
		return nil, err
	}
	var all []*Contest
	for _, r := range rows {
		c := f.arithmetic(r.FLOP(), r.Tier, r.Threads, r.Cold)
		ops := &matrices{row: r}
		if f.Self {
			c.Rows = append(c.Rows, gemmRow(suite.Impl, ops, ownGemm))
		}
		for _, p := range f.Peers {
			if lib, ok := p.Library.(Multiplier); ok {
				c.Rows = append(c.Rows, gemmRow(p.Name, ops, lib.Gemm))
			}
		}
		all = append(all, c)
	}
	return all, nil
}

// matrices are the operands of one product, shared by its rows.
type matrices struct {
	row     suite.Gemm
	a, b, c []float32
}

func gemmRow(impl string, m *matrices, prepare func(r suite.Gemm, a, b, c []float32) (Run, error)) *Row {
	return &Row{
		Name: m.row.Name(impl),
		prepare: func() (Run, error) {
			if m.a == nil {
				m.a, m.b, m.c = m.row.Operands()
			}
			clear(m.c)
			return prepare(m.row, m.a, m.b, m.c)
		},
		check: m.check,
	}
}

// check compares a product with plain loops in float64, at some elements if it is
// large, and all of it with ours.
func (m *matrices) check(got []float32) error {
	if err := m.row.Check(m.a, m.b, got); err != nil {
		return err
	}
	ours := make([]float32, len(got))
	call, err := m.row.Call(m.a, m.b, ours)
	if err == nil {
		err = call()
	}
	if err != nil {
		return err
	}
	return comparePieces(got, ours, pieceElements, 2*suite.Bound(m.row.K)) // both have errors
}

func ownGemm(r suite.Gemm, a, b, c []float32) (Run, error) {
	call, err := r.Call(a, b, c)
	return Run{Call: call, Result: func() ([]float32, error) { return c, nil }}, err
}
