package kernels

// Fill sets every element of y to v.
func (e *Engine) Fill(y []float32, v float32) {
	e.vector(&vectorJob{op: opFill, x: [4][]float32{y}, s: [4]float32{v}})
}

// Scale computes y = alpha * y.
func (e *Engine) Scale(y []float32, alpha float32) {
	e.vector(&vectorJob{op: opScale, x: [4][]float32{y}, s: [4]float32{alpha}})
}

// Axpy computes y = y + alpha*x; the product is rounded before the sum. x may
// be y. It panics if the lengths differ or the slices overlap partially.
func (e *Engine) Axpy(alpha float32, x, y []float32) {
	checkSame(y, x)
	e.vector(&vectorJob{op: opAxpy, x: [4][]float32{y, x}, s: [4]float32{alpha}})
}

// Add computes y = a + b. y may be a or b. It panics if the lengths differ or
// y overlaps an operand partially.
func (e *Engine) Add(y, a, b []float32) {
	checkSame(y, a)
	checkSame(y, b)
	e.vector(&vectorJob{op: opAdd, x: [4][]float32{y, a, b}})
}

// Mul computes y = a * b, element by element. y may be a or b. It panics if
// the lengths differ or y overlaps an operand partially.
func (e *Engine) Mul(y, a, b []float32) {
	checkSame(y, a)
	checkSame(y, b)
	e.vector(&vectorJob{op: opMul, x: [4][]float32{y, a, b}})
}

// AddBias adds b to every row of y:
//
//	y[i][j] = y[i][j] + b[j]
//
// where rows are as long as b. It panics if b is empty, if y is not a whole
// number of rows, or if they overlap.
func (e *Engine) AddBias(y, b []float32) {
	checkRows(y, len(b))
	if Overlap(y, b) {
		panic(badShared)
	}
	e.vector(&vectorJob{op: opAddBias, x: [4][]float32{y}, row: b, cols: len(b)})
}

func fill(y []float32, v float32) {
	for i := range y {
		y[i] = v
	}
}

func scale(y []float32, alpha float32) {
	for i := range y {
		y[i] *= alpha
	}
}

// The conversions round products before sums: without them some builds fuse
// the two and give other bits.

func axpy(alpha float32, x, y []float32) {
	x = x[:len(y)]
	for i := range y {
		y[i] += float32(alpha * x[i])
	}
}

func add(y, a, b []float32) {
	a, b = a[:len(y)], b[:len(y)]
	for i := range y {
		y[i] = a[i] + b[i]
	}
}

func mul(y, a, b []float32) {
	a, b = a[:len(y)], b[:len(y)]
	for i := range y {
		y[i] = a[i] * b[i]
	}
}

func addBias(y, b []float32) {
	for len(y) >= len(b) {
		row := y[:len(b)]
		for j := range row {
			row[j] += b[j]
		}
		y = y[len(b):]
	}
}
