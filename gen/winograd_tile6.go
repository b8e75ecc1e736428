package main

// tile6 has the transforms of F(4,3) and F(3,4). With a = 5/8 and b = 3/2, a row
// of Bᵀ holds the coefficients of the product of (x - q) over all points q but
// its own; that of infinity takes all of them:
//
//	     | a²b²   0   -a²-b²   0      1   0 |
//	     |  0   -ab²   -b²     a      1   0 |
//	Bᵀ = |  0    ab²   -b²    -a      1   0 |
//	     |  0   -ba²   -a²     b      1   0 |
//	     |  0    ba²   -a²    -b      1   0 |
//	     |  0    a²b²   0     -a²-b²  0   1 |
//
// A row of G is (1, p, p², ...)/N with N the product of p - q over the finite
// points q but p; a row of Aᵀ is a power of the points.
var tile6 = &points{
	tile: 6,
	input: stages{
		wide: []step{
			{[]int{0, 1, 2}, func(w *vectors, d source, to sink) { inputLow6(w, d, to, true, true) }},
			{[]int{3, 4, 5}, func(w *vectors, d source, to sink) { inputHigh6(w, d, to, true, true) }},
		},
		narrow: []step{
			{[]int{1, 2}, func(w *vectors, d source, to sink) { inputLow6(w, d, to, false, true) }},
			{[]int{3, 4}, func(w *vectors, d source, to sink) { inputHigh6(w, d, to, false, true) }},
			{[]int{0, 5}, func(w *vectors, d source, to sink) {
				inputLow6(w, d, to, true, false)
				inputHigh6(w, d, to, true, false)
			}},
		},
	},
	filter: map[int]stages{
		3: {wide: filterSteps6(3)},
		4: {wide: filterSteps6(4)},
	},
	output: map[int]stages{
		4: {wide: []step{{[]int{0, 2}, outputEven6(false)}, {[]int{1, 3}, outputOdd6(true)}}},
		3: {wide: []step{{[]int{0, 2}, outputEven6(true)}, {[]int{1}, outputOdd6(false)}}},
	},
}

// inputLow6 emits row 0, and rows 1 and 2, the pair ±a, if they are asked for.
func inputLow6(w *vectors, d source, to sink, end, pair bool) {
	var x value
	d2 := d(2)
	if end {
		x = w.fnmaOver(d2.keep(), "bb", d(0))
	}
	even := w.fnmaOver(d(4), "bb", d2)
	if end {
		to(0, w.fnmaOver(even.keep(), "aa", x))
	}
	if pair {
		pair6(w, "a", even, w.fnmaOver(d(3), "bb", d(1)), 1, to)
	} else {
		w.drop(even)
	}
}

// inputHigh6 emits row 5, and rows 3 and 4, the pair ±b, if they are asked for.
func inputHigh6(w *vectors, d source, to sink, end, pair bool) {
	d3 := d(3)
	odd := w.fnmaOver(d3.keep(), "aa", d(1))
	if end {
		to(5, w.fnma(w.fnmaOver(d(5), "aa", d3), "bb", odd.keep()))
	} else {
		w.drop(d3)
	}
	if pair {
		pair6(w, "b", w.fnmaOver(d(4), "aa", d(2)), odd, 3, to)
	} else {
		w.drop(odd)
	}
}

// pair6 emits even + c*odd and even - c*odd.
func pair6(w *vectors, c string, even, odd value, row int, to sink) {
	to(row, w.fma(even.keep(), c, odd.keep()))
	to(row+1, w.fnma(even, c, odd))
}

// filterSteps6 evaluates a filter of 3 or 4 taps at 0 and ±a, and at ±b and
// infinity.
func filterSteps6(taps int) []step {
	low := func(w *vectors, g source, to sink) {
		g0 := g(0)
		to(0, w.mul("n0", g0.keep()))
		filterPair6(w, g0, g, "na", taps, 1, to)
	}
	high := func(w *vectors, g source, to sink) {
		filterPair6(w, g(0), g, "nb", taps, 3, to)
		to(5, g(taps-1))
	}
	return []step{{[]int{0, 1, 2}, low}, {[]int{3, 4, 5}, high}}
}

// filterPair6 evaluates a filter at a pair of points of norm n = "na" or "nb".
func filterPair6(w *vectors, g0 value, g source, n string, taps, row int, to sink) {
	point := n[1:]
	even := w.fma(w.mul(n, g0), n+point+point, g(2))
	odd := w.mul(n+point, g(1))
	if taps == 4 {
		odd = w.fma(odd, n+point+point+point, g(3))
	}
	to(row, w.add(even.keep(), odd.keep()))
	to(row+1, w.sub(even, odd))
}

// outputEven6 emits rows 0 and 2; the last row takes infinity.
func outputEven6(last bool) func(*vectors, source, sink) {
	return func(w *vectors, m source, to sink) {
		a, b := w.add(m(1), m(2)), w.add(m(3), m(4))
		to(0, w.add(w.add(m(0), a.keep()), b.keep()))
		b = w.fma(w.mul("bb", b), "aa", a)
		if last {
			b = w.add(m(5), b)
		}
		to(2, b)
	}
}

// outputOdd6 emits row 1, and row 3 with infinity if it is there.
func outputOdd6(last bool) func(*vectors, source, sink) {
	return func(w *vectors, m source, to sink) {
		a, b := w.sub(m(1), m(2)), w.sub(m(3), m(4))
		if last {
			to(3, w.fma(w.fma(m(5), "aaa", a.keep()), "bbb", b.keep()))
		}
		to(1, w.fma(w.mul("b", b), "a", a))
	}
}
