package peers

import (
	"fmt"

	"github.com/simdconv/simdconv/benchmarks/suite"
)

// Memories returns a contest for each of some rows, compared with the stream loop
// of the row's traffic.
func (f Field) Memories(rows []suite.Memory) []*Contest {
	var all []*Contest
	for _, r := range rows {
		m := &memory{row: r}
		c := &Contest{
			Duel:   Duel{Work: float64(r.Op.Traffic().Bytes()), Threads: r.Threads, Cold: r.Cold, Time: f.Time},
			Amount: float64(r.Op.Bytes()) / 1e9, Unit: "GB/s", Share: "%stream",
			open: func() (Roof, error) {
				loop, err := r.Stream()
				return func() ([]float64, error) { return loop.Rates(), nil }, err
			},
			close: func() { *m = memory{row: r} },
		}
		if f.Self {
			c.Rows = append(c.Rows, memoryRow(suite.Impl, m, ownMemory))
		}
		for _, p := range f.Peers {
			if lib, ok := p.Library.(Streamer); ok {
				c.Rows = append(c.Rows, memoryRow(p.Name, m, lib.Memory))
			}
		}
		all = append(all, c)
	}
	return all
}

// A memory is the operands of one operation, shared by its rows, and what it must
// give.
type memory struct {
	row     suite.Memory
	in, out [][]float32
	want    [][]float64
}

func memoryRow(impl string, m *memory, prepare func(r suite.Memory, in, out [][]float32) (Run, error)) *Row {
	return &Row{
		Name: m.row.Name(impl),
		prepare: func() (Run, error) {
			if err := m.use(); err != nil {
				return Run{}, err
			}
			return prepare(m.row, m.in, m.out)
		},
		check: func([]float32) error { return suite.CheckMemory(m.row.Op, m.out, m.want) },
	}
}

// use makes the operands what they are before a row's first call.
func (m *memory) use() error {
	op := m.row.Op
	if m.in != nil {
		op.Reset(m.out)
		return nil
	}
	m.in, m.out = op.Operands()
	if m.want = op.Want(m.in, m.out); m.want != nil {
		return nil
	}
	// Plain loops do not know it: what others give is compared with ours.
	call, err := m.row.Call(m.in, m.out)
	if err == nil {
		err = call()
	}
	if err != nil {
		*m = memory{row: m.row} // or the next row would have nothing to be compared with
		return fmt.Errorf("%s: %w", m.row.Name(suite.Impl), err)
	}
	for _, out := range m.out {
		var want []float64
		for _, v := range out[max(0, len(out)-checkedElements):] {
			want = append(want, float64(v))
		}
		m.want = append(m.want, want)
	}
	op.Reset(m.out)
	return nil
}

// checkedElements is how many of a result's last elements are compared with ours.
const checkedElements = 1 << 18

// ownMemory prepares a row of simdconv.
func ownMemory(r suite.Memory, in, out [][]float32) (Run, error) {
	call, err := r.Call(in, out)
	return Run{Call: call, Kernel: "simdconv"}, err
}
