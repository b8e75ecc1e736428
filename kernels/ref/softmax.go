package ref

import "math"

// Softmax turns every row of cols numbers into probabilities,
//
//	y[j] = exp(x[j] - max) / sum over l of exp(x[l] - max)
//
// Subtracting the row's maximum changes nothing but keeps exp from
// overflowing. In place if y is x.
func Softmax[T Float](y, x []T, cols int) {
	checkLen("y", y, len(x))
	checkRows("x", x, cols)
	for i := 0; i < len(x); i += cols {
		row, out := x[i:i+cols], y[i:i+cols]
		top := largest(row)
		var sum T
		for j, v := range row {
			out[j] = T(math.Exp(float64(v - top)))
			sum += out[j]
		}
		for j := range out {
			out[j] /= sum
		}
	}
}

// SoftmaxBackward computes the gradient of [Softmax] from its output y:
//
//	dx[j] = y[j] * (dy[j] - sum over l of dy[l]*y[l])
func SoftmaxBackward[T Float](dx, dy, y []T, cols int) {
	checkLen("dx", dx, len(y))
	checkLen("dy", dy, len(y))
	checkRows("y", y, cols)
	for i := 0; i < len(y); i += cols {
		var dot T
		for j := i; j < i+cols; j++ {
			dot += dy[j] * y[j]
		}
		for j := i; j < i+cols; j++ {
			dx[j] = y[j] * (dy[j] - dot)
		}
	}
}

// CrossEntropy returns the loss of a classifier whose logits, one row of cols
// per example, should give the labels the highest probability, and the number
// of rows in which they do (the first maximum counts):
//
//	loss = sum over rows of -log p[label] / rows,  p = Softmax(logits)
//	-log p[label] = log(sum over l of exp(logits[l] - max)) - (logits[label] - max)
//
// If dx is not nil it becomes the gradient of the loss,
//
//	dx[j] = (p[j] - (1 if j is the label, else 0)) / rows
func CrossEntropy[T Float](dx, logits []T, labels []uint8, cols int) (loss T, correct int) {
	rows := len(labels)
	checkLen("logits", logits, rows*cols)
	for i, label := range labels {
		row := logits[i*cols : (i+1)*cols]
		top := largest(row)
		var sum T
		for _, v := range row {
			sum += T(math.Exp(float64(v - top)))
		}
		loss += T(math.Log(float64(sum))) - (row[label] - top)
		if firstIndex(row, top) == int(label) {
			correct++
		}
	}
	if dx != nil {
		Softmax(dx, logits, cols)
		for i, label := range labels {
			dx[i*cols+int(label)]--
		}
		for i := range dx {
			dx[i] /= T(rows)
		}
	}
	return loss / T(rows), correct
}

// largest returns the maximum of row.
func largest[T Float](row []T) T {
	top := row[0]
	for _, v := range row {
		top = max(top, v)
	}
	return top
}

// firstIndex returns the first index of v in row, or -1.
func firstIndex[T Float](row []T, v T) int {
	for j := range row {
		if row[j] == v {
			return j
		}
	}
	return -1
}
