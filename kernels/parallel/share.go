package parallel

// Share returns the i-th of parts near-equal parts of [0, n): the longer ones
// come first, by at most one.
func Share(n, parts, i int) (first, last int) {
	q, r := n/parts, n%parts
	first = i*q + min(i, r)
	last = first + q
	if i < r {
		last++
	}
	return first, last
}
