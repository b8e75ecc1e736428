package kernels

import "github.com/simdconv/simdconv/kernels/micro"

// gemvWidth is how many columns are computed at a time: four rows of them stay
// in L2 while the rows of B stream past.
const gemvWidth = 8192

// byRows computes columns col0 to col1-1 of a product of few rows: it goes
// through B once, some whole rows at a time, at the speed of memory.
func (j *gemmJob) byRows(w *gemmWorker, col0, col1 int) {
	t := &w.tile
	for col := col0; col < col1; col += gemvWidth {
		t.Cols = min(gemvWidth, col1-col)
		t.COff = col
		for k0 := 0; k0 < j.k; k0 += j.blockSteps {
			kc := min(j.blockSteps, j.k-k0)
			j.placeA(w, gemmBlock{k0: k0, kc: kc, t1: j.tiles})
			t.AOff = 0
			if !j.copyA {
				t.AOff = k0
			}
			j.addRows(t, k0, kc, col)
		}
		if j.epFlags != 0 {
			j.finishRows(t, col, t.Cols)
		}
	}
}

// addRows adds kc steps to the tile's columns.
func (j *gemmJob) addRows(t *micro.TileArgs, k0, kc, col int) {
	t.B, t.LDB = j.b, j.ldb
	long := j.bundle.GemvSteps(j.m)
	for k := k0; k < k0+kc; {
		t.Flags, t.Beta = micro.FlagLoad, 1
		if k == 0 {
			if t.Beta = j.beta; j.beta == 0 {
				t.Flags = 0
			}
		}
		steps := 1
		if k0+kc-k >= long {
			steps = long
		}
		t.BOff = k*j.ldb + col
		j.bundle.Gemv(j.m, steps, t)
		t.AOff += steps
		k += steps
	}
}

// finishRows applies the epilogue to columns whose sums are stored.
func (j *gemmJob) finishRows(t *micro.TileArgs, col, cols int) {
	t.Flags, t.Beta, t.Segs = j.epFlags|micro.FlagLoad, 1, nil
	for at := col; at < col+cols; at += j.bundle.NR {
		t.Cols = min(j.bundle.NR, col+cols-at)
		t.VOff = at
		for row := 0; row < j.m; row += j.bundle.MR {
			t.COff, t.ROff = row*j.ldc+at, row*t.LDR+at
			t.Next = t.COff
			j.bundle.Rows(min(j.bundle.MR, j.m-row), t)
		}
	}
}
