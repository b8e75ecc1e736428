package main

import "fmt"

// tile8 has the transforms of F(6,3), with s = 21/4 and the points 0, ±1, ±2, ±1/2
// and infinity:
//
//	     | 1   0   -s     0     s     0   -1  0 |
//	     | 0   1    1   -17/4 -17/4   1    1  0 |
//	     | 0  -1    1    17/4 -17/4  -1    1  0 |
//	Bᵀ = | 0  1/2  1/4  -5/2  -5/4    2    1  0 |
//	     | 0 -1/2  1/4   5/2  -5/4   -2    1  0 |
//	     | 0   2    4   -5/2   -5    1/2   1  0 |
//	     | 0  -2    4    5/2   -5   -1/2   1  0 |
//	     | 0  -1    0     s     0    -s    0  1 |
//
// G and Aᵀ are as in tile6.
var tile8 = &points{
	tile: 8,
	input: stages{
		wide: []step{
			{[]int{0, 7}, inputEnds8},
			inputPair8(pairs8[0]), inputPair8(pairs8[1]), inputPair8(pairs8[2]),
		},
		narrow: []step{
			{[]int{0}, inputFirst8}, {[]int{7}, inputLast8},
			inputOne8(pairs8[0], 0), inputOne8(pairs8[0], 1), inputOne8(pairs8[1], 0),
			inputOne8(pairs8[1], 1), inputOne8(pairs8[2], 0), inputOne8(pairs8[2], 1),
		},
	},
	filter: map[int]stages{3: {wide: []step{
		{[]int{0, 7}, filterEnds8},
		filterPair8(pairs8[0]), filterPair8(pairs8[1]), filterPair8(pairs8[2]),
	}}},
	output: map[int]stages{6: {
		wide:   []step{outputRows8(0, 2), outputRows8(4), outputRows8(1, 3), outputRows8(5)},
		narrow: []step{outputRows8(0), outputRows8(2), outputRows8(4), outputRows8(1), outputRows8(3), outputRows8(5)},
		row:    outputRow8,
	}},
}

// A pair8 is the points p and -p, of rows row and row+1: sum and product are of
// the squares of the other two sizes, n is one over the product of p's distances.
type pair8 struct {
	row             int
	p, sum, product string
	n, np, npp      string
}

var (
	pairs8 = []pair8{
		{1, "1", "17/4", "1", "-2/9", "-2/9", "-2/9"},
		{3, "2", "5/4", "1/4", "1/90", "1/45", "2/45"},
		{5, "1/2", "5", "4", "32/45", "16/45", "8/45"},
	}
	input8  = []string{"2", "1/2", "17/4", "5/4", "1/4", "5", "4", "21/4"}
	filter8 = []string{"-2/9", "1/90", "1/45", "2/45", "32/45", "16/45", "8/45"}
	output8 = []string{"2", "1/2", "4", "1/4", "8", "1/8", "16", "1/16", "32", "1/32"}
)

// plus returns y + c*x.
func plus(w *vectors, y value, c string, x value) value {
	if c == "1" {
		return w.add(y, x)
	}
	return w.fma(y, c, x)
}

// minus returns y - c*x.
func minus(w *vectors, y value, c string, x value) value {
	if c == "1" {
		return w.sub(y, x)
	}
	return w.fnma(y, c, x)
}

func inputEnds8(w *vectors, d source, to sink) {
	inputFirst8(w, d, to)
	inputLast8(w, d, to)
}

func inputFirst8(w *vectors, d source, to sink) {
	to(0, w.fma(w.sub(d(0), d(6)), "21/4", w.sub(d(4), d(2))))
}

func inputLast8(w *vectors, d source, to sink) {
	to(7, w.fma(w.sub(d(7), d(1)), "21/4", w.sub(d(3), d(5))))
}

// inputParts8 returns the even and odd parts of a pair.
func inputParts8(w *vectors, p pair8, d source) (even, odd value) {
	even = plus(w, w.fnma(d(6), p.sum, d(4)), p.product, d(2))
	odd = plus(w, w.fnma(d(5), p.sum, d(3)), p.product, d(1))
	return even, odd
}

func inputPair8(p pair8) step {
	return step{[]int{p.row, p.row + 1}, func(w *vectors, d source, to sink) {
		even, odd := inputParts8(w, p, d)
		to(p.row, plus(w, even.keep(), p.p, odd.keep()))
		to(p.row+1, minus(w, even, p.p, odd))
	}}
}

// inputOne8 emits the point p of a pair, or -p if i is 1.
func inputOne8(p pair8, i int) step {
	return step{[]int{p.row + i}, func(w *vectors, d source, to sink) {
		even, odd := inputParts8(w, p, d)
		if i == 0 {
			to(p.row, plus(w, even, p.p, odd))
		} else {
			to(p.row+1, minus(w, even, p.p, odd))
		}
	}}
}

func filterEnds8(w *vectors, g source, to sink) {
	to(0, g(0))
	to(7, g(2))
}

func filterPair8(p pair8) step {
	return step{[]int{p.row, p.row + 1}, func(w *vectors, g source, to sink) {
		even := w.fma(w.mul(p.n, g(0)), p.npp, g(2))
		odd := w.mul(p.np, g(1))
		to(p.row, w.add(even.keep(), odd.keep()))
		to(p.row+1, w.sub(even, odd))
	}}
}

// outputRows8 emits rows that are all even or all odd.
func outputRows8(rows ...int) step {
	return step{rows, func(w *vectors, m source, to sink) {
		var parts [3]value
		for i := range parts {
			parts[i] = outputPart8(w, m(2*i+1), m(2*i+2), rows[0])
		}
		outputs8(w, m, parts, rows, to)
	}}
}

// outputRow8 emits all outputs in the registers of the planes.
func outputRow8(w *vectors, m source, to sink) {
	var even, odd [3]value
	for i := range even {
		x, y := m(2*i+1), m(2*i+2)
		even[i] = outputPart8(w, x.keep(), y.keep(), 0)
		odd[i] = outputPart8(w, x, y, 1)
	}
	outputs8(w, m, even, []int{0, 2, 4}, to)
	outputs8(w, m, odd, []int{1, 3, 5}, to)
}

// outputPart8 is what a pair of planes gives to even or to odd rows.
func outputPart8(w *vectors, x, y value, row int) value {
	if row%2 == 0 {
		return w.add(x, y)
	}
	return w.sub(x, y)
}

// outputs8 emits rows from the parts of the pairs 1, 2 and 1/2.
func outputs8(w *vectors, m source, parts [3]value, rows []int, to sink) {
	for i, row := range rows {
		if i == len(rows)-1 {
			to(row, output8of(w, m, parts, row))
			continue
		}
		to(row, output8of(w, m, [3]value{parts[0].keep(), parts[1].keep(), parts[2].keep()}, row))
	}
}

// output8of is row i of Aᵀ: powers of the points.
func output8of(w *vectors, m source, parts [3]value, i int) value {
	one, two, half := parts[0], parts[1], parts[2]
	switch i {
	case 0:
		return w.add(w.add(w.add(m(0), one), two), half)
	case 5:
		one = w.add(m(7), one)
	}
	power := fmt.Sprint(1 << i)
	return w.fma(w.fma(one, power, two), "1/"+power, half)
}
