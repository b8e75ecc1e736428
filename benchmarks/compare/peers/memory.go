package peers

import (
	"fmt"
	"slices"

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
	ours    [][]float32 // if plain loops do not know all of out
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
		check: func([]float32) error { return m.check() },
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
	m.want = op.Want(m.in, m.out)
	whole := len(m.want) == len(m.out)
	for i, want := range m.want {
		whole = whole && len(want) == len(m.out[i])
	}
	if whole {
		return nil
	}
	call, err := m.row.Call(m.in, m.out)
	if err == nil {
		err = call()
	}
	if err != nil {
		*m = memory{row: m.row} // or the next row would have nothing to be compared with
		return fmt.Errorf("%s: %w", m.row.Name(suite.Impl), err)
	}
	for _, out := range m.out {
		m.ours = append(m.ours, slices.Clone(out))
	}
	op.Reset(m.out)
	return nil
}

// pieceElements is how many elements of a result are compared with ours at a time.
const pieceElements = 1 << 18

// check compares what a call left in out with plain loops, and what these do not
// know with ours.
func (m *memory) check() error {
	if err := suite.CheckMemory(m.row.Op, m.out, m.want); err != nil {
		return err
	}
	for i, ours := range m.ours {
		if err := comparePieces(m.out[i], ours, pieceElements, suite.Bound(m.row.Op.Terms())); err != nil {
			return fmt.Errorf("result %d of %d: %w", i+1, len(m.ours), err)
		}
	}
	return nil
}

// ownMemory prepares a row of simdconv.
func ownMemory(r suite.Memory, in, out [][]float32) (Run, error) {
	call, err := r.Call(in, out)
	return Run{Call: call, Kernel: "simdconv"}, err
}
