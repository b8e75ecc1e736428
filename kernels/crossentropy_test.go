package kernels_test

import (
	"fmt"
	"math"
	"slices"
	"sync"
	"testing"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/kerneltest"
	"github.com/simdconv/simdconv/kernels/ref"
)

func TestCrossEntropy(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
		e := newEngine(t, tier, 2)
		for _, cols := range softmaxCols {
			for _, rows := range []int{1, 3, 64, 130} {
				if rows*cols > 70000 {
					continue
				}
				logits := uniform(rows*cols, uint64(rows))
				e.Scale(logits, 5)
				labels := make([]uint8, rows)
				for i := range labels {
					labels[i] = uint8(i * 7 % min(cols, 256))
					// Half of the rows are right.
					if i%2 == 0 {
						logits[i*cols+int(labels[i])] = 6
					}
				}
				dx, check := kerneltest.Canary(t, len(logits))
				loss, correct := e.CrossEntropy(dx, logits, labels, cols)
				check()

				name := fmt.Sprintf("rows=%d cols=%d", rows, cols)
				exact := make([]float64, len(logits))
				mean, right := ref.CrossEntropy(exact, widen(logits), labels, cols)
				if d := math.Abs(loss - mean*float64(rows)); !(d <= float64(rows)*softmaxBound(cols)) {
					t.Errorf("%s: loss %v, want %v", name, loss, mean*float64(rows))
				}
				if correct != right {
					t.Errorf("%s: %d correct, want %d", name, correct, right)
				}
				for i := range dx {
					if d := math.Abs(float64(dx[i]) - exact[i]); !(d <= softmaxBound(cols)/float64(rows)) {
						t.Fatalf("%s: dx[%d] = %v, want %v", name, i, dx[i], exact[i])
					}
				}

				if again, n := e.CrossEntropy(nil, logits, labels, cols); again != loss || n != correct {
					t.Errorf("%s: %v and %d without a gradient, want %v and %d", name, again, n, loss, correct)
				}
				if again, n := e.CrossEntropy(logits, logits, labels, cols); again != loss || n != correct {
					t.Errorf("%s: %v and %d in place, want %v and %d", name, again, n, loss, correct)
				}
				kerneltest.Equal(t, name+" in place", logits, dx)
			}
		}
		if loss, correct := e.CrossEntropy(nil, nil, nil, 3); loss != 0 || correct != 0 {
			t.Errorf("no rows: %v, %d", loss, correct)
		}
	})
}

func TestCrossEntropyEdges(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
		e := newEngine(t, tier, 1)
		for _, c := range []struct {
			logits  []float64
			label   uint8
			loss    float64
			correct int
		}{
			{[]float64{1, 1}, 0, math.Ln2, 1}, // the first maximum counts
			{[]float64{1, 1}, 1, math.Ln2, 0},
			{[]float64{1000, -1000}, 0, 0, 1},
			{[]float64{1000, -1000}, 1, 2000, 0},
			{[]float64{0, -inf}, 0, 0, 1},
			{[]float64{0, -inf}, 1, inf, 0},
			{[]float64{inf, 0}, 1, nan, 0},
			{[]float64{-inf, -inf}, 1, nan, 0},
			{[]float64{nan, 0}, 0, nan, 0},
			{[]float64{nan, 0}, 1, nan, 0},
		} {
			logits := []float32{float32(c.logits[0]), float32(c.logits[1])}
			dx := make([]float32, 2)
			loss, correct := e.CrossEntropy(dx, logits, []uint8{c.label}, 2)
			if !(math.Abs(loss-c.loss) < 1e-7 || loss == c.loss || loss != loss && c.loss != c.loss) || correct != c.correct {
				t.Errorf("%v, label %d: %v, %d, want %v, %d", c.logits, c.label, loss, correct, c.loss, c.correct)
			}
			exact := make([]float64, 2)
			ref.CrossEntropy(exact, c.logits, []uint8{c.label}, 2)
			near(t, fmt.Sprint(c.logits), dx, exact, 0)
		}
	})
}

// TestCrossEntropyPanics checks every message, and that nothing is written.
func TestCrossEntropyPanics(t *testing.T) {
	e := newEngine(t, kernels.TierAuto, 1)
	buf := uniform(13, 1)
	logits, dx := buf[:12], uniform(12, 2)
	for _, c := range []struct {
		want       string
		dx, logits []float32
		labels     []uint8
		cols       int
	}{
		{"kernels: rows must have at least one column", dx, logits, make([]uint8, 3), 0},
		{"kernels: length is not a whole number of rows", dx, logits[:11], make([]uint8, 3), 4},
		{"kernels: the number of labels is not that of the rows", dx, logits, make([]uint8, 4), 4},
		{"kernels: the number of labels is not that of the rows", dx, logits, nil, 4},
		{"kernels: operands of different lengths", dx[:11], logits, make([]uint8, 3), 4},
		{"kernels: operands of different lengths", dx[:0], logits, make([]uint8, 3), 4},
		{"kernels: operands overlap without being the same", buf[1:], logits, make([]uint8, 3), 4},
		{"kernels: label out of range", dx, logits, []uint8{0, 3, 4}, 4},
		{"kernels: label out of range", nil, logits, []uint8{255, 0, 0}, 4},
	} {
		x, y := clone(buf), clone(dx)
		wantPanic(t, c.want, func() { e.CrossEntropy(c.dx, c.logits, c.labels, c.cols) })
		kerneltest.Equal(t, "logits", buf, x)
		kerneltest.Equal(t, "dx", dx, y)
	}
}

// TestRowsConcurrent uses one engine from many goroutines.
func TestRowsConcurrent(t *testing.T) {
	e := threadedEngines(t, kernels.TierAuto)[2]
	const cols = 10
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			rows := 1000 * (g + 1)
			x := ints(rows*cols, uint64(g), 3)
			y, db, exact := make([]float32, len(x)), make([]float32, cols), make([]float32, cols)
			ref.BiasBackward(exact, x)
			labels := make([]uint8, rows)
			loss, correct := e.CrossEntropy(nil, x, labels, cols)
			for range 3 {
				e.SumRows(db, x)
				kerneltest.Equal(t, "SumRows", db, exact)
				l, c := e.CrossEntropy(y, slices.Clone(x), labels, cols)
				if l != loss || c != correct {
					t.Errorf("loss %v and %d, want %v and %d", l, c, loss, correct)
				}
				e.Softmax(y, x, cols)
			}
		}()
	}
	wg.Wait()
}
