package main

// tile4 has the transforms of F(2,3):
//
//	     | 1  0 -1  0 |        |  1    0    0  |
//	Bᵀ = | 0  1  1  0 |    G = | 1/2  1/2  1/2 |    Aᵀ = | 1  1  1  0 |
//	     | 0 -1  1  0 |        | 1/2 -1/2  1/2 |         | 0  1 -1  1 |
//	     | 0 -1  0  1 |        |  0    0    1  |
var tile4 = &points{
	tile: 4,
	input: stages{
		wide:   []step{{[]int{0, 3, 1, 2}, func(w *vectors, d source, to sink) { inputEnds4(w, d, to); inputPair4(w, d, to) }}},
		narrow: []step{{[]int{0, 3}, inputEnds4}, {[]int{1, 2}, inputPair4}},
	},
	filter: map[int]stages{3: {wide: []step{{[]int{0, 1, 2, 3}, filter4}}}},
	output: map[int]stages{2: {wide: []step{{[]int{0, 1}, output4}}}},
}

func inputEnds4(w *vectors, d source, to sink) {
	to(0, w.sub(d(0), d(2)))
	to(3, w.sub(d(3), d(1)))
}

func inputPair4(w *vectors, d source, to sink) {
	even, odd := d(2), d(1)
	to(1, w.add(even.keep(), odd.keep()))
	to(2, w.sub(even, odd))
}

func filter4(w *vectors, g source, to sink) {
	g0, g2 := g(0), g(2)
	even := w.mul("half", w.add(g0.keep(), g2.keep()))
	to(0, g0)
	odd := w.mul("half", g(1))
	to(1, w.add(even.keep(), odd.keep()))
	to(2, w.sub(even, odd))
	to(3, g2)
}

func output4(w *vectors, m source, to sink) {
	m1, m2 := m(1), m(2)
	sum := w.add(m1.keep(), m2.keep())
	to(0, w.add(m(0), sum))
	diff := w.sub(m1, m2)
	to(1, w.add(m(3), diff))
}
