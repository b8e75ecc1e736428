package kernels_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/kerneltest"
	"github.com/simdconv/simdconv/kernels/ref"
)

// rowShapes are numbers of rows and columns around vector widths, chunks of
// rows and blocks of columns.
var rowShapes = [][2]int{
	{0, 1}, {0, 33}, {1, 1}, {1, 700}, {3, 5}, {4, 16}, {7, 17}, {511, 3}, {512, 1}, {513, 2},
	{515, 64}, {1024, 9}, {1027, 33}, {2051, 1}, {6, 511}, {6, 513}, {600, 1025},
}

func TestSumRows(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
		e := newEngine(t, tier, 2)
		for _, s := range rowShapes {
			rows, cols := s[0], s[1]
			db, check := kerneltest.Canary(t, cols)
			exact := make([]float32, cols)
			dy := ints(rows*cols, 1, 50)
			e.SumRows(db, dy)
			check()
			ref.BiasBackward(exact, dy)
			kerneltest.Equal(t, fmt.Sprint(s), db, exact)

			dy = uniform(rows*cols, 2)
			wide := make([]float64, cols)
			e.SumRows(db, dy)
			ref.BiasBackward(wide, widen(dy))
			kerneltest.Close(t, fmt.Sprint(s), db, wide, math.Sqrt(float64(rows))*ulp)
		}
	})
}

// TestSumRowsOrder holds the sum to its definition, bit by bit: chunks of 512
// rows, each in order, then the chunks in order.
func TestSumRowsOrder(t *testing.T) {
	const rows, cols = 1700, 70
	dy := uniform(rows*cols, 3)
	exact := make([]float32, cols)
	for j := range exact {
		for i0 := 0; i0 < rows; i0 += 512 {
			var sum float32
			for i := i0; i < min(i0+512, rows); i++ {
				sum += dy[i*cols+j]
			}
			exact[j] += sum
		}
	}
	kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
		db := make([]float32, cols)
		newEngine(t, tier, 1).SumRows(db, dy)
		kerneltest.Equal(t, "db", db, exact)
	})
}

func TestSumRowsGuarded(t *testing.T) {
	e := newEngine(t, kernels.TierAuto, 2)
	for _, atEnd := range []bool{false, true} {
		for _, s := range [][2]int{{1, 1}, {5, 17}, {514, 37}} {
			db, dy := kerneltest.Guarded(t, s[1], atEnd), kerneltest.Guarded(t, s[0]*s[1], atEnd)
			e.Fill(dy, 1)
			e.SumRows(db, dy)
			for _, v := range db {
				if v != float32(s[0]) {
					t.Fatalf("%v: sum of ones is %v", s, v)
				}
			}
			e.AddBias(dy, db)
			if dy[len(dy)-1] != float32(s[0]+1) {
				t.Errorf("%v: AddBias gives %v", s, dy[len(dy)-1])
			}
		}
	}
}

func TestAddBias(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
		e := newEngine(t, tier, 2)
		for _, s := range rowShapes {
			y, b := uniform(s[0]*s[1], 1), uniform(s[1], 2)
			exact := clone(y)
			ref.Epilogue(exact, nil, b, nil, false)
			e.AddBias(y, b)
			kerneltest.Equal(t, fmt.Sprint(s), y, exact)
		}
	})
}

// TestRowsThreadsBits compares the bits of 1, 2 and 7 threads.
func TestRowsThreadsBits(t *testing.T) {
	engines := threadedEngines(t, kernels.TierAuto)
	for _, s := range [][2]int{{5001, 64}, {100, 5003}, {300001, 1}} {
		dy, db := uniform(s[0]*s[1], 1), make([]float32, s[1])
		y := clone(dy)
		engines[0].SumRows(db, dy)
		engines[0].AddBias(y, db)
		for _, e := range engines[1:] {
			db2, y2 := make([]float32, s[1]), clone(dy)
			e.SumRows(db2, dy)
			e.AddBias(y2, db2)
			kerneltest.Equal(t, "SumRows", db2, db)
			kerneltest.Equal(t, "AddBias", y2, y)
			if n := kerneltest.Allocs(func() { e.SumRows(db2, dy); e.AddBias(y2, db2) }); n > 0 {
				t.Errorf("%v: %d allocations", s, n)
			}
		}
	}
}

func TestRowsPanics(t *testing.T) {
	e := newEngine(t, kernels.TierAuto, 1)
	const (
		rows    = "kernels: length is not a whole number of rows"
		cols    = "kernels: rows must have at least one column"
		overlap = "kernels: a result overlaps another operand"
	)
	v := uniform(12, 1)
	before := clone(v)
	for _, f := range []func(row, all []float32){e.SumRows, func(row, all []float32) { e.AddBias(all, row) }} {
		wantPanic(t, cols, func() { f(nil, v) })
		wantPanic(t, cols, func() { f(nil, nil) })
		wantPanic(t, rows, func() { f(make([]float32, 5), v) })
		wantPanic(t, overlap, func() { f(v[:4], v) })
		wantPanic(t, overlap, func() { f(v[7:10], v[:9]) })
		wantPanic(t, overlap, func() { f(v, v) })
	}
	kerneltest.Equal(t, "operand", v, before)
}
