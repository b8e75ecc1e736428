package ref_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/simdconv/simdconv/kernels/ref"
)

func TestGemm(t *testing.T) {
	// [1 2 3; 4 5 6] * [1 0; 0 1; 2 2] = [7 8; 16 17], with rows of 4 and 3
	// elements so that leading dimensions matter.
	nan := math.NaN()
	a := []float64{1, 2, 3, nan, 4, 5, 6, nan}
	b := []float64{1, 0, nan, 0, 1, nan, 2, 2, nan}
	at := []float64{1, 4, nan, 2, 5, nan, 3, 6, nan}
	bt := []float64{1, 0, 2, nan, 0, 1, 2, nan}
	for _, transA := range []bool{false, true} {
		for _, transB := range []bool{false, true} {
			t.Run(fmt.Sprintf("transA=%v,transB=%v", transA, transB), func(t *testing.T) {
				a, lda := a, 4
				if transA {
					a, lda = at, 3
				}
				b, ldb := b, 3
				if transB {
					b, ldb = bt, 4
				}
				c := []float64{nan, nan, -1, nan, nan, -1}
				ref.Gemm(transA, transB, 2, 2, 3, 1, a, lda, b, ldb, 0, c, 3)
				checkEqual(t, "C", c, []float64{7, 8, -1, 16, 17, -1})
				ref.Gemm(transA, transB, 2, 2, 3, 2, a, lda, b, ldb, 10, c, 3)
				checkEqual(t, "C", c, []float64{84, 96, -1, 192, 204, -1})
			})
		}
	}
}

func TestGemmWithoutSum(t *testing.T) {
	c := []float64{5, 6}
	ref.Gemm(false, false, 1, 2, 0, 1, nil, 0, nil, 2, 3, c, 2)
	checkEqual(t, "C", c, []float64{15, 18})
	ref.Gemm(false, false, 1, 2, 0, 1, nil, 0, nil, 2, 0, c, 2)
	checkEqual(t, "C", c, []float64{0, 0})
}

func TestDense(t *testing.T) {
	y := stale(4)
	x, w := []float64{1, 2, 3, 4, 5, 6}, []float64{1, 0, 0, 1, 2, 2}
	ref.DenseForward(2, 3, 2, y, x, w, []float64{100, 200})
	checkEqual(t, "y", y, []float64{107, 208, 116, 217})
	ref.DenseForward(2, 3, 2, y, x, w, nil)
	checkEqual(t, "y without bias", y, []float64{7, 8, 16, 17})
}

func TestDenseGradients(t *testing.T) {
	const rows, in, out = 3, 4, 2
	x, w, b, dy := normal(1, rows*in), normal(2, in*out), normal(3, out), normal(4, rows*out)
	y, dx, dw, db := stale(rows*out), stale(rows*in), stale(in*out), stale(out)
	ref.DenseBackwardData(rows, in, out, dx, dy, w)
	ref.DenseBackwardWeights(rows, in, out, dw, db, dy, x)
	loss := func() float64 {
		ref.DenseForward(rows, in, out, y, x, w, b)
		return dot(dy, y)
	}
	checkGradient(t, "dx", loss, x, dx)
	checkGradient(t, "dw", loss, w, dw)
	checkGradient(t, "db", loss, b, db)

	again := stale(in * out)
	ref.DenseBackwardWeights(rows, in, out, again, nil, dy, x)
	checkEqual(t, "dw without db", again, dw)
}
