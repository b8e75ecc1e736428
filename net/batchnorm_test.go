package net

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/simdconv/simdconv/bn"
	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/kerneltest"
	"github.com/simdconv/simdconv/kernels/ref"
)

// positive makes a variance of random numbers.
func positive(x []float32) {
	for i, v := range x {
		x[i] = v*v + 0.1
	}
}

func TestBatchNormalization(t *testing.T) {
	for _, c := range []struct {
		layer             BatchNormalization
		epsilon, momentum float64
	}{
		{BatchNormalization{}, 1e-3, 0.99},
		{BatchNormalization{Epsilon: 0.5, Momentum: 0.25}, 0.5, 0.25},
		{BatchNormalization{Momentum: bn.NoMomentum}, 1e-3, 0},
		{BatchNormalization{Momentum: 1}, 1e-3, 1},
	} {
		for _, in := range []Shape{{17}, {4, 5, 3}, {3, 2, 40}} {
			t.Run(fmt.Sprintf("%+v in=%v", c.layer, in), func(t *testing.T) {
				allOptions(t, func(t *testing.T, o kernels.Options) [][]float32 {
					var mean, variance []float32
					r := trial{layer: c.layer, in: in, batch: 6, options: o, prepare: func(p []*Param) {
						positive(p[3].Data)
						mean, variance = slices.Clone(p[2].Data), slices.Clone(p[3].Data)
					}}
					r.run(t)
					return checkBatchNorm(t, &r, double(mean), double(variance), c.epsilon, c.momentum)
				})
			})
		}
	}
}

// checkBatchNorm compares a trial with ref and returns all results. mean and
// variance are the moving ones before it.
func checkBatchNorm(t *testing.T, r *trial, mean, variance []float64, epsilon, momentum float64) [][]float32 {
	c := r.in[len(r.in)-1]
	m := len(r.x) / c
	array := func(n int) []float64 { return make([]float64, n) }
	gamma, beta := double(r.params[0].Data), double(r.params[1].Data)
	y, batchMean, batchVariance := array(m*c), array(c), array(c)
	ref.BatchNormTrain(m, c, y, batchMean, batchVariance, double(r.x), gamma, beta, epsilon)
	kerneltest.Close(t, "y", r.y, y, bound)

	dx, dgamma, dbeta := array(m*c), array(c), array(c)
	ref.BatchNormBackward(m, c, dx, dgamma, dbeta, double(r.dy), double(r.x), gamma, batchMean, batchVariance, epsilon)
	kerneltest.Close(t, "dx", r.dx, dx, 4*bound)
	kerneltest.Close(t, "dgamma", r.params[0].Grad, dgamma, bound)
	kerneltest.Close(t, "dbeta", r.params[1].Grad, dbeta, bound)

	ref.MovingAverage(mean, batchMean, momentum)
	ref.MovingAverage(variance, batchVariance, momentum)
	kerneltest.Close(t, "moving mean", r.params[2].Data, mean, bound)
	kerneltest.Close(t, "moving variance", r.params[3].Data, variance, bound)

	ref.BatchNormInfer(m, c, y, double(r.x), gamma, beta, mean, variance, epsilon)
	kerneltest.Close(t, "inference", r.infer, y, bound)
	return [][]float32{r.y, r.infer, r.dx, r.params[0].Grad, r.params[1].Grad, r.params[2].Data, r.params[3].Data}
}

func TestBatchNormalizationParams(t *testing.T) {
	m := compiled(t, SGD{}, Options{Batch: 2}, Input(4, 4, 3), BatchNormalization{}, BatchNormalization{}, Flatten{}, Dense{Units: 2, Activation: Softmax})
	for i, want := range []struct {
		name      string
		trainable bool
		data      []float32
	}{
		{"batch_normalization/gamma", true, []float32{1, 1, 1}},
		{"batch_normalization/beta", true, []float32{0, 0, 0}},
		{"batch_normalization/moving_mean", false, []float32{0, 0, 0}},
		{"batch_normalization/moving_variance", false, []float32{1, 1, 1}},
		{"batch_normalization_1/gamma", true, []float32{1, 1, 1}},
	} {
		p := m.Params()[i]
		if p.Name != want.name || p.Trainable != want.trainable || (p.Grad != nil) != want.trainable || !slices.Equal(p.Data, want.data) {
			t.Errorf("parameter %d: %s = %v, trainable %v, gradient %v, want %+v", i, p.Name, p.Data, p.Trainable, p.Grad, want)
		}
	}
}

// With gamma and beta frozen, training is inference: the moving averages stay
// and dx = dy * gamma / sqrt(variance + epsilon). With one of them frozen only
// its gradient is missing.
func TestBatchNormalizationFrozen(t *testing.T) {
	kerneltest.EachTier(t, func(t *testing.T, tier kernels.Tier) {
		o := kernels.Options{Tier: tier}
		var mean, variance []float32
		frozen := trial{layer: BatchNormalization{}, in: Shape{3, 3, 5}, batch: 2, options: o, prepare: func(p []*Param) {
			positive(p[3].Data)
			mean, variance = slices.Clone(p[2].Data), slices.Clone(p[3].Data)
			p[0].Trainable, p[1].Trainable = false, false
			p[0].Grad, p[1].Grad = nil, nil
		}}
		frozen.run(t)
		kerneltest.Equal(t, "moving mean", frozen.params[2].Data, mean)
		kerneltest.Equal(t, "moving variance", frozen.params[3].Data, variance)
		kerneltest.Equal(t, "y", frozen.y, frozen.infer)
		dx := double(frozen.dy)
		for i := range dx {
			dx[i] *= float64(frozen.params[0].Data[i%5]) / math.Sqrt(float64(variance[i%5])+1e-3)
		}
		kerneltest.Close(t, "dx", frozen.dx, dx, bound)

		free := trial{layer: BatchNormalization{}, in: Shape{3, 3, 5}, batch: 2, options: o}
		free.run(t)
		half := trial{layer: BatchNormalization{}, in: Shape{3, 3, 5}, batch: 2, options: o, prepare: func(p []*Param) {
			p[0].Trainable, p[0].Grad = false, nil
		}}
		half.run(t)
		kerneltest.Equal(t, "dx with gamma frozen", half.dx, free.dx)
		kerneltest.Equal(t, "dbeta with gamma frozen", half.params[1].Grad, free.params[1].Grad)
	})
}

// Evaluation and prediction use the moving averages, which only training
// moves, also where the model begins with the layer.
func TestBatchNormalizationModes(t *testing.T) {
	d := toy(8, Shape{4, 4, 3}, 2)
	m := compiled(t, SGD{}, Options{Batch: 4, Seed: 1}, Input(4, 4, 3), BatchNormalization{Momentum: 0.5}, Flatten{}, Dense{Units: 2, Activation: Softmax})
	mean := m.Param("batch_normalization/moving_mean")
	predict := func() []float32 {
		y := nan(16)
		if err := m.Predict(y, d.X); err != nil {
			t.Fatal(err)
		}
		if _, _, err := m.Evaluate(d); err != nil {
			t.Fatal(err)
		}
		return y
	}
	first := predict()
	kerneltest.Equal(t, "moving mean after a prediction", mean.Data, make([]float32, 3))
	if _, err := m.Fit(d, FitOptions{Epochs: 20}); err != nil {
		t.Fatal(err)
	}
	if slices.Equal(first, predict()) {
		t.Error("training does not change the prediction")
	}
	want := make([]float64, 3)
	for i, v := range d.X {
		want[i%3] += float64(v) / float64(len(d.X)/3)
	}
	kerneltest.Close(t, "moving mean after training", mean.Data, want, 0.5)

	// A large moving variance leaves beta, and equal rows.
	variance := m.Param("batch_normalization/moving_variance")
	if err := variance.Set([]float32{1e30, 1e30, 1e30}); err != nil {
		t.Fatal(err)
	}
	y := predict()
	for i := 2; i < len(y); i++ {
		if math.Abs(float64(y[i]-y[i-2])) > 1e-6 {
			t.Fatalf("predictions %v, want equal rows", y)
		}
	}
}
