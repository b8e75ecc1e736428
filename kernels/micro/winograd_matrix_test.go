package micro_test

import "math"

// A transform is the matrix of one dimension: out x in.
type transform [][]float64

// finitePoints are those of a tile; infinity comes last.
var finitePoints = map[int][]float64{4: {0, 1, -1}, 6: {0, 5. / 8, -5. / 8, 3. / 2, -3. / 2}, 8: {0, 1, -1, 2, -2, .5, -.5}}

// without returns the coefficients of the product of x - q over all points q
// but the i-th.
func without(points []float64, i int) []float64 {
	p := []float64{1}
	for j, q := range points {
		if j == i {
			continue
		}
		next := make([]float64, len(p)+1)
		for k, c := range p {
			next[k] -= q * c
			next[k+1] += c
		}
		p = next
	}
	return p
}

// inputMatrix is Bᵀ, by its definition. The row of 0 of tiles 4 and 8 has the
// other sign, and so has the filter's.
func inputMatrix(tile int) (m transform) {
	points := finitePoints[tile]
	for i := range tile {
		row := make([]float64, tile)
		copy(row, without(points, i))
		m = append(m, row)
	}
	return flip(m, tile)
}

// filterMatrix is G.
func filterMatrix(taps, tile int) (m transform) {
	points := finitePoints[tile]
	for i, p := range points {
		n := 1.
		for j, q := range points {
			if i != j {
				n *= p - q
			}
		}
		row := make([]float64, taps)
		for k := range row {
			row[k] = math.Pow(p, float64(k)) / n
		}
		m = append(m, row)
	}
	last := make([]float64, taps)
	last[taps-1] = 1
	return flip(append(m, last), tile)
}

func flip(m transform, tile int) transform {
	if tile != 6 {
		for k := range m[0] {
			m[0][k] = -m[0][k]
		}
	}
	return m
}

// outputMatrix is Aᵀ.
func outputMatrix(tile, out int) (m transform) {
	for i := range out {
		var row []float64
		for _, p := range finitePoints[tile] {
			row = append(row, math.Pow(p, float64(i)))
		}
		infinity := 0.
		if i == out-1 {
			infinity = 1
		}
		m = append(m, append(row, infinity))
	}
	return m
}

// both returns m x mᵀ.
func (m transform) both(x [][]float64) [][]float64 {
	left := make([][]float64, len(m))
	for i := range m {
		left[i] = make([]float64, len(x))
		for j := range x {
			for k := range x {
				left[i][j] += m[i][k] * x[k][j]
			}
		}
	}
	out := make([][]float64, len(m))
	for i := range m {
		out[i] = make([]float64, len(m))
		for j := range m {
			for k := range x {
				out[i][j] += left[i][k] * m[j][k]
			}
		}
	}
	return out
}
