package kernels

import "github.com/simdconv/simdconv/kernels/micro"

const (
	sumRowsChunk = 512 // rows added up in one chain
	sumRowsCols  = 512 // most columns of one task
)

// sumRowsTime is roughly what an element takes in nanoseconds.
const sumRowsTime = 0.15

// SumRows adds up the rows of dy, which are as long as db:
//
//	db[j] = sum over i of dy[i][j]
//
// Chunks of 512 rows are summed in order, and then the sums of the chunks: the
// error of a result is at most (512 + rows/512) * 2^-24 times the sum of the
// magnitudes. Without rows db is zero. It panics if db is empty, if dy is not
// a whole number of rows, or if they overlap.
func (e *Engine) SumRows(db, dy []float32) {
	checkRows(dy, len(db))
	if Overlap(db, dy) {
		panic(badShared)
	}
	cols := len(db)
	rows := len(dy) / cols
	chunks := max(1, ceilDiv(rows, sumRowsChunk))

	j := sumJobs.take()
	j.bundle, j.db, j.dy = e.bundle, db, dy
	j.blocks = ceilDiv(cols, sumRowsCols)
	if need := (chunks - 1) * cols; len(j.partial) < need {
		j.partial = AlignedFloats(need)
	}
	e.run(j, chunks*j.blocks, sumRowsTime*flopPerNanosecond*float64(len(dy)))
	for c := range chunks - 1 {
		elements(e.bundle, micro.OpAdd, &micro.VectorArgs{X0: db, X1: db, X2: j.partial[c*cols : (c+1)*cols]}, 0, cols)
	}
	j.db, j.dy = nil, nil
	sumJobs.put(j)
}

// A sumJob is one SumRows under way.
type sumJob struct {
	bundle  *micro.Bundle
	db, dy  []float32
	blocks  int       // of columns
	partial []float32 // sums of all chunks but the first, whose are in db
}

var sumJobs freeList[sumJob]

// Run sums one chunk of rows over one block of columns.
func (j *sumJob) Run(_, i int) {
	cols := len(j.db)
	chunk, block := i/j.blocks, i%j.blocks
	c0 := block * sumRowsCols
	c1 := min(c0+sumRowsCols, cols)
	sum := j.db[c0:c1]
	if chunk > 0 {
		at := (chunk - 1) * cols
		sum = j.partial[at+c0 : at+c1]
	}
	clear(sum)
	row := chunk * sumRowsChunk
	j.bundle.Channels(micro.OpSumRows, &micro.ChannelArgs{
		DY: j.dy, Shift: sum, Off: row*cols + c0, LD: cols,
		Rows: min(sumRowsChunk, len(j.dy)/cols-row), Cols: len(sum),
	})
}
