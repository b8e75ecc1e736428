package gonumblas

import (
	"sync"

	"github.com/simdconv/simdconv/kernels"
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"
)

// An Implementation is gonum's implementation of BLAS with Sgemm replaced. The
// zero value runs on the best tier and as many threads as GOMAXPROCS was at its
// first product. It may be used by any number of goroutines at once.
type Implementation struct {
	gonum.Implementation
	engine *kernels.Engine // nil means the shared one
}

var _ blas.Float32 = Implementation{}

// New returns an implementation with its own tier, threads and pool, or an error
// if the options ask for what cannot run here.
func New(o kernels.Options) (Implementation, error) {
	e, err := kernels.New(o)
	return Implementation{engine: e}, err
}

// shared is the zero value's engine. It panics if SIMDCONV_ISA names a tier that
// is unknown or cannot run here.
var shared = sync.OnceValue(func() *kernels.Engine {
	e, err := kernels.New(kernels.Options{})
	if err != nil {
		panic(err)
	}
	return e
})

// Sgemm computes C = alpha*op(A)*op(B) + beta*C, where op(A) is m x k and op(B)
// is k x n, as gonum's does. See [kernels.Engine.Gemm].
func (i Implementation) Sgemm(tA, tB blas.Transpose, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int) {
	transA, okA := transposed(tA)
	transB, okB := transposed(tB)
	ar, ac, br, bc := m, k, k, n
	if transA {
		ar, ac = ac, ar
	}
	if transB {
		br, bc = bc, br
	}
	ok := okA && okB && fits(a, ar, ac, lda) && fits(b, br, bc, ldb) && fits(c, m, n, ldc) &&
		!kernels.Overlap(a, c) && !kernels.Overlap(b, c)
	if !ok {
		i.Implementation.Sgemm(tA, tB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
		return
	}
	e := i.engine
	if e == nil {
		e = shared()
	}
	e.Gemm(transA, transB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
}

func transposed(t blas.Transpose) (trans, ok bool) {
	switch t {
	case blas.NoTrans:
		return false, true
	case blas.Trans, blas.ConjTrans:
		return true, true
	}
	return false, false
}

// fits reports whether s is a matrix of at least one element that gonum would
// accept.
func fits(s []float32, rows, cols, ld int) bool {
	return rows > 0 && cols > 0 && ld >= cols && len(s) >= cols && (len(s)-cols)/ld >= rows-1
}
