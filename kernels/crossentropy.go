package kernels

import (
	"math"

	"github.com/simdconv/simdconv/kernels/micro"
)

const (
	badLabel  = "kernels: label out of range"
	badLabels = "kernels: the number of labels is not that of the rows"
)

// lossElements is about how many logits make one partial sum of the loss.
const lossElements = 1024

// CrossEntropy returns the loss of a classifier whose logits, one row of cols
// for each label, should give the labels the highest probability, and the
// number of rows in which they do (the first maximum counts; a row with a NaN
// has none):
//
//	loss = sum over rows of log(sum over l of exp(z[l] - max)) - (z[label] - max)
//
// which is -log p[label] of p = softmax(z). If dx is not nil it becomes the
// gradient of the mean loss,
//
//	dx[j] = (p[j] - (1 if j is the label, else 0)) * (1/rows)
//
// with p as in [Engine.Softmax], to which the error of a row's loss is the
// absolute one. Losses are added up in float64, over runs of rows whose length
// depends on cols alone, then over the runs. dx may be logits.
//
// It panics, before anything is written, if cols is below 1, if the logits are
// not one row per label, if a label is not below cols, if dx has another length
// than logits, or if they overlap partially.
func (e *Engine) CrossEntropy(dx, logits []float32, labels []uint8, cols int) (loss float64, correct int) {
	checkRows(logits, cols)
	if len(logits)/cols != len(labels) {
		panic(badLabels)
	}
	if dx != nil {
		checkSame(dx, logits)
	}
	for _, label := range labels {
		if int(label) >= cols {
			panic(badLabel)
		}
	}
	j := lossJobs.take()
	j.bundle, j.dx, j.logits, j.labels, j.cols = e.bundle, dx, logits, labels, cols
	j.span = max(1, lossElements/cols)
	tasks := ceilDiv(len(labels), j.span)
	if len(j.partial) < tasks {
		j.partial = make([]lossSum, tasks)
	}
	e.run(j, tasks, rowTime[opSoftmax]*flopPerNanosecond*float64(len(logits)))
	for _, p := range j.partial[:tasks] {
		loss += p.loss
		correct += p.correct
	}
	j.dx, j.logits, j.labels = nil, nil, nil
	lossJobs.put(j)
	return loss, correct
}

// A lossJob is one CrossEntropy under way.
type lossJob struct {
	bundle     *micro.Bundle
	dx, logits []float32
	labels     []uint8
	cols, span int // rows have cols logits, tasks span rows
	partial    []lossSum
}

// A lossSum is the result of one task.
type lossSum struct {
	loss    float64
	correct int
}

var lossJobs freeList[lossJob]

// Run does the rows of task i.
func (j *lossJob) Run(_, i int) {
	var sum lossSum
	for r := i * j.span; r < min((i+1)*j.span, len(j.labels)); r++ {
		row := j.logits[r*j.cols : (r+1)*j.cols]
		var dx []float32
		if j.dx != nil {
			dx = j.dx[r*j.cols : (r+1)*j.cols]
		}
		sum.add(j.bundle, dx, row, int(j.labels[r]), 1/float32(len(j.labels)))
	}
	j.partial[i] = sum
}

// add adds one row's loss to s. dx, if not nil, becomes the row's gradient
// times share, and may be the row.
func (s *lossSum) add(b *micro.Bundle, dx, row []float32, label int, share float32) {
	top := largest(b, row)
	if row[label] == top && firstIndex(row, top) == label {
		s.correct++
	}
	logit := float64(row[label]) - float64(top)
	total := exponentials(b, dx, row, top)
	s.loss += math.Log(float64(total)/micro.ExpScale) - logit
	if dx == nil {
		return
	}
	shares(b, dx, total)
	dx[label]--
	elements(b, micro.OpScale, &micro.VectorArgs{X0: dx, S0: share}, 0, len(dx))
}

// firstIndex returns the first index of v in row, or -1.
func firstIndex(row []float32, v float32) int {
	for i := range row {
		if row[i] == v {
			return i
		}
	}
	return -1
}
