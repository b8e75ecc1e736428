package kernels_test

import (
	"math"
	"testing"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/kerneltest"
)

// TestGemmPanics makes one argument wrong at a time. C must stay as it is.
func TestGemmPanics(t *testing.T) {
	const m, n, k = 3, 4, 5
	type args struct {
		transA, transB bool
		m, n, k        int
		a, b, c        []float32
		lda, ldb, ldc  int
		ep             kernels.Epilogue
	}
	buf := make([]float32, 100)
	for _, c := range []struct {
		name, want string
		epilogue   bool // not an argument of Gemm
		wrong      func(*args)
	}{
		{"m", "kernels: negative dimension", false, func(a *args) { a.m = -1 }},
		{"n", "kernels: negative dimension", false, func(a *args) { a.n = -1 }},
		{"k", "kernels: negative dimension", false, func(a *args) { a.k = -1 }},
		{"lda", "kernels: bad leading dimension of a", false, func(a *args) { a.lda = k - 1 }},
		{"lda transposed", "kernels: bad leading dimension of a", false, func(a *args) { a.transA, a.lda = true, m-1 }},
		{"lda of nothing", "kernels: bad leading dimension of a", false, func(a *args) { a.k, a.lda = 0, 0 }},
		{"ldb", "kernels: bad leading dimension of b", false, func(a *args) { a.ldb = n - 1 }},
		{"ldb transposed", "kernels: bad leading dimension of b", false, func(a *args) { a.transB, a.ldb = true, k-1 }},
		{"ldc", "kernels: bad leading dimension of c", false, func(a *args) { a.ldc = n - 1 }},
		{"ldc of nothing", "kernels: bad leading dimension of c", false, func(a *args) { a.m, a.ldc = 0, 0 }},
		{"a", "kernels: insufficient length of a", false, func(a *args) { a.a = a.a[:m*k-1] }},
		{"a nil", "kernels: insufficient length of a", false, func(a *args) { a.a = nil }},
		{"a transposed", "kernels: insufficient length of a", false, func(a *args) { a.transA, a.lda = true, m+1 }},
		{"a overflow", "kernels: insufficient length of a", false, func(a *args) { a.lda = math.MaxInt }},
		{"b", "kernels: insufficient length of b", false, func(a *args) { a.b = a.b[:k*n-1] }},
		{"b transposed", "kernels: insufficient length of b", false, func(a *args) { a.transB, a.ldb = true, k+1 }},
		{"b overflow", "kernels: insufficient length of b", false, func(a *args) { a.ldb = math.MaxInt/4 + 2 }},
		{"c", "kernels: insufficient length of c", false, func(a *args) { a.c = a.c[:m*n-1] }},
		{"c gap", "kernels: insufficient length of c", false, func(a *args) { a.ldc = n + 1 }},
		{"a in c", "kernels: c overlaps an operand", false, func(a *args) { a.a, a.c = buf[:15], buf[14:26] }},
		{"b in c", "kernels: c overlaps an operand", false, func(a *args) { a.b, a.c = buf[11:31], buf[:12] }},
		{"scale", "kernels: scale or bias is not as long as the result has columns", true, func(a *args) { a.ep.Scale = make([]float32, n+1) }},
		{"bias", "kernels: scale or bias is not as long as the result has columns", true, func(a *args) { a.ep.Bias = make([]float32, n-1) }},
		{"scale in c", "kernels: c overlaps an operand", true, func(a *args) { a.ep.Scale = a.c[:n] }},
		{"bias in c", "kernels: c overlaps an operand", true, func(a *args) { a.ep.Bias = a.c[n : 2*n] }},
		{"act", "kernels: unknown activation", true, func(a *args) { a.ep.Act = 2 }},
		{"ldr", "kernels: bad leading dimension of residual", true, func(a *args) { a.ep.Residual, a.ep.LDR = buf, n-1 }},
		{"ldr negative", "kernels: bad leading dimension of residual", true, func(a *args) { a.ep.Residual, a.ep.LDR = buf, -1 }},
		{"residual", "kernels: insufficient length of residual", true, func(a *args) { a.ep.Residual = buf[:m*n-1] }},
		{"residual empty", "kernels: insufficient length of residual", true, func(a *args) { a.ep.Residual = buf[:0] }},
		{"residual beside c", "kernels: c overlaps an operand", true, func(a *args) { a.c, a.ep.Residual = buf[:12], buf[1:13] }},
		{"residual is c", "kernels: c overlaps an operand", true, func(a *args) { a.ep.Residual = a.c }},
		{"residual askew", "kernels: c overlaps an operand", true, func(a *args) { a.c, a.ep.Residual, a.ep.LDR = buf[:20], buf[:20], n+1 }},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, e := range engines(t) {
				a := args{m: m, n: n, k: k, lda: k, ldb: n, ldc: n, a: uniform(m*k, 1), b: uniform(k*n, 2), c: uniform(m*n, 3)}
				c.wrong(&a)
				before := clone(a.c)
				wantPanic(t, c.want, func() {
					e.GemmEpilogue(a.transA, a.transB, a.m, a.n, a.k, a.a, a.lda, a.b, a.ldb, a.c, a.ldc, a.ep)
				})
				if !c.epilogue {
					wantPanic(t, c.want, func() {
						e.Gemm(a.transA, a.transB, a.m, a.n, a.k, 1, a.a, a.lda, a.b, a.ldb, 0, a.c, a.ldc)
					})
				}
				kerneltest.Equal(t, "c", a.c, before)
			}
		})
	}
}

// TestGemmAllowed are calls close to those that panic.
func TestGemmAllowed(t *testing.T) {
	for _, e := range engines(t) {
		e.Gemm(false, false, 0, 4, 5, 1, nil, 5, nil, 4, 0, nil, 4)
		e.Gemm(false, false, 3, 0, 5, 1, nil, 5, nil, 1, 0, nil, 1)
		s := uniform(12, 1)
		// A and B may be the same, and the end of C's last row may lie before A.
		c := make([]float32, 7)
		e.Gemm(false, true, 2, 2, 3, 1, s, 3, s, 3, 0, c, 5)
		buf := make([]float32, 20)
		e.Gemm(false, false, 2, 2, 2, 1, buf[7:11], 2, s, 2, 0, buf, 5)
		// The residual may be an operand, and LDR is that of C unless given.
		d := make([]float32, 5)
		e.GemmEpilogue(false, false, 2, 2, 0, nil, 1, nil, 2, d, 3, kernels.Epilogue{Residual: s, Bias: s[:2], Scale: s[:2]})
		kerneltest.Equal(t, "LDR=0", d, []float32{s[0] + s[0], s[1] + s[1], 0, s[3] + s[0], s[4] + s[1]})
	}
}
