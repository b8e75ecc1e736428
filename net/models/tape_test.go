package models_test

import "github.com/simdconv/simdconv/kernels/ref"

// A tape is a residual network written with ref in float64: it computes values
// at once and notes how to go back.
type tape struct {
	n       int // samples
	weights map[string][]float64
	grads   map[string][]float64
	stats   map[string][]float64 // mean and variance of each normalisation's batch
	back    []func()
}

// A value is maps of h x w x c with their gradient.
type value struct {
	h, w, c int
	v, d    []float64
}

func (t *tape) value(h, w, c int) *value {
	size := t.n * h * w * c
	return &value{h, w, c, make([]float64, size), make([]float64, size)}
}

// backward runs f on the way back, which fills an array that is then added to
// the gradient of x: x may have been read more than once.
func (t *tape) backward(x *value, f func(dx []float64)) {
	t.back = append(t.back, func() {
		dx := make([]float64, len(x.d))
		f(dx)
		for i, d := range dx {
			x.d[i] += d
		}
	})
}

func (t *tape) grad(name string) []float64 {
	t.grads[name] = make([]float64, len(t.weights[name]))
	return t.grads[name]
}

// conv has the padding that Keras calls same, and no bias.
func (t *tape) conv(x *value, name string, filters, size, stride int) *value {
	y := t.value((x.h+stride-1)/stride, (x.w+stride-1)/stride, filters)
	before := func(in, out int) (before, after int) {
		total := max((out-1)*stride+size-in, 0)
		return total / 2, total - total/2
	}
	top, bottom := before(x.h, y.h)
	left, right := before(x.w, y.w)
	s := ref.Conv{
		N: t.n, H: x.h, W: x.w, C: x.c, K: filters, R: size, S: size, StrideH: stride, StrideW: stride,
		DilationH: 1, DilationW: 1, Top: top, Bottom: bottom, Left: left, Right: right, Groups: 1,
	}
	w := t.weights[name+"/kernel"]
	ref.ConvForward(s, y.v, x.v, w)
	t.backward(x, func(dx []float64) {
		ref.ConvBackwardWeights(s, t.grad(name+"/kernel"), y.d, x.v)
		ref.ConvBackwardData(s, dx, y.d, w)
	})
	return y
}

func (t *tape) norm(x *value, name string) *value {
	y := t.value(x.h, x.w, x.c)
	m := t.n * x.h * x.w
	mean, variance := make([]float64, x.c), make([]float64, x.c)
	gamma, beta := t.weights[name+"/gamma"], t.weights[name+"/beta"]
	ref.BatchNormTrain(m, x.c, y.v, mean, variance, x.v, gamma, beta, 1e-3)
	t.stats[name+"/moving_mean"], t.stats[name+"/moving_variance"] = mean, variance
	t.backward(x, func(dx []float64) {
		ref.BatchNormBackward(m, x.c, dx, t.grad(name+"/gamma"), t.grad(name+"/beta"), y.d, x.v, gamma, mean, variance, 1e-3)
	})
	return y
}

func (t *tape) relu(x *value) *value {
	y := t.value(x.h, x.w, x.c)
	ref.ReLU(y.v, x.v)
	t.backward(x, func(dx []float64) { ref.ReLUBackward(dx, y.d, y.v) })
	return y
}

func (t *tape) add(a, b *value) *value {
	y := t.value(a.h, a.w, a.c)
	for i := range y.v {
		y.v[i] = a.v[i] + b.v[i]
	}
	for _, x := range []*value{a, b} {
		t.backward(x, func(dx []float64) { copy(dx, y.d) })
	}
	return y
}

func (t *tape) globalAverage(x *value) *value {
	y := t.value(1, 1, x.c)
	p := ref.Pool{N: t.n, H: x.h, W: x.w, C: x.c, R: x.h, S: x.w}
	ref.AvgPoolForward(p, y.v, x.v)
	t.backward(x, func(dx []float64) { ref.AvgPoolBackward(p, dx, y.d) })
	return y
}

func (t *tape) dense(x *value, name string, units int) *value {
	y := t.value(1, 1, units)
	in, w := x.h*x.w*x.c, t.weights[name+"/kernel"]
	ref.DenseForward(t.n, in, units, y.v, x.v, w, t.weights[name+"/bias"])
	t.backward(x, func(dx []float64) {
		ref.DenseBackwardWeights(t.n, in, units, t.grad(name+"/kernel"), t.grad(name+"/bias"), y.d, x.v)
		ref.DenseBackwardData(t.n, in, units, dx, y.d, w)
	})
	return y
}

// loss goes all the way back.
func (t *tape) loss(x *value, labels []uint8) float64 {
	loss, _ := ref.CrossEntropy(x.d, x.v, labels, x.c)
	for i := len(t.back) - 1; i >= 0; i-- {
		t.back[i]()
	}
	return loss
}
