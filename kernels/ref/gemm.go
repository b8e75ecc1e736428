package ref

// Gemm computes C = alpha * op(A) * op(B) + beta * C, where op(A) is m x k,
// op(B) is k x n and C is m x n, all row-major; op(X) is X or, if the flag is
// set, its transpose. Element (i, j) of a matrix stored with leading dimension
// ld, the distance between its rows, is x[i*ld+j].
//
// As in BLAS, C is not read if beta is 0. The sum over k is taken in order and
// multiplied by alpha at the end.
func Gemm[T Float](transA, transB bool, m, n, k int, alpha T, a []T, lda int, b []T, ldb int, beta T, c []T, ldc int) {
	for i := 0; i < m; i++ {
		for j := 0; j < n; j++ {
			var sum T
			for l := 0; l < k; l++ {
				sum += element(transA, a, lda, i, l) * element(transB, b, ldb, l, j)
			}
			out := alpha * sum
			if beta != 0 {
				out += beta * c[i*ldc+j]
			}
			c[i*ldc+j] = out
		}
	}
}

// element returns op(X)[i][j].
func element[T Float](trans bool, x []T, ld, i, j int) T {
	if trans {
		i, j = j, i
	}
	return x[i*ld+j]
}
