package net

import (
	"math"
	"slices"
	"testing"

	"github.com/simdconv/simdconv/kernels/random"
)

func TestFans(t *testing.T) {
	for _, c := range []struct {
		shape   Shape
		in, out int
	}{
		{Shape{10}, 10, 10}, {Shape{784, 300}, 784, 300}, {Shape{3, 3, 64, 128}, 576, 1152}, {Shape{7, 7, 1, 64}, 49, 3136},
	} {
		if in, out := Fans(c.shape); in != c.in || out != c.out {
			t.Errorf("Fans(%v) = %d, %d, want %d, %d", c.shape, in, out, c.in, c.out)
		}
	}
}

func TestGlorotUniform(t *testing.T) {
	shape := Shape{3, 3, 16, 32}
	w := make([]float32, shape.Len())
	GlorotUniform{}.Init(w, shape, random.Key{Seed: 1})
	limit := math.Sqrt(6 / float64(9*16+9*32))
	sum, squares := 0.0, 0.0
	for _, v := range double(w) {
		if math.Abs(v) > limit {
			t.Fatalf("value %v, want at most %v in magnitude", v, limit)
		}
		sum += v
		squares += v * v
	}
	n := float64(len(w))
	if mean := sum / n; math.Abs(mean) > 4*limit/math.Sqrt(3*n) {
		t.Errorf("mean %v, want about 0", mean)
	}
	if std := math.Sqrt(squares / n); math.Abs(std-limit/math.Sqrt(3)) > 0.02*limit {
		t.Errorf("standard deviation %v, want about %v", std, limit/math.Sqrt(3))
	}
}

// Each initialiser has the deviation and the limits that Keras states, and the
// same numbers for the same key.
func TestInitializers(t *testing.T) {
	shape := Shape{3, 3, 32, 64}
	in, out := 9.0*32, 9.0*64
	const cut = 2 / 0.87962566103423978 // where the truncated normal ends, in deviations
	for _, c := range []struct {
		init       Initializer
		std, limit float64
	}{
		{GlorotUniform{}, math.Sqrt(2 / (in + out)), math.Sqrt(3)},
		{GlorotNormal{}, math.Sqrt(2 / (in + out)), cut},
		{HeUniform{}, math.Sqrt(2 / in), math.Sqrt(3)},
		{HeNormal{}, math.Sqrt(2 / in), cut},
	} {
		w, again := nan(shape.Len()), nan(shape.Len())
		c.init.Init(w, shape, random.Key{Seed: 1})
		c.init.Init(again, shape, random.Key{Seed: 1})
		if !slices.Equal(w, again) {
			t.Errorf("%T: equal keys give different numbers", c.init)
		}
		sum, squares, largest := 0.0, 0.0, 0.0
		for _, v := range double(w) {
			sum += v
			squares += v * v
			largest = max(largest, math.Abs(v))
		}
		n := float64(len(w))
		if mean := sum / n; math.Abs(mean) > 4*c.std/math.Sqrt(n) {
			t.Errorf("%T: mean %v, want about 0", c.init, mean)
		}
		if std := math.Sqrt(squares / n); math.Abs(std-c.std) > 0.015*c.std {
			t.Errorf("%T: standard deviation %v, want about %v", c.init, std, c.std)
		}
		if got := largest / c.std; got > c.limit*(1+1e-6) || got < 0.99*c.limit {
			t.Errorf("%T: largest value %v deviations, want just below %v", c.init, got, c.limit)
		}
	}
	for _, c := range []struct {
		init Initializer
		want float32
	}{{Zeros{}, 0}, {Ones{}, 1}, {Constant(0.2), 0.2}} {
		w := nan(7)
		c.init.Init(w, Shape{7}, random.Key{})
		if !slices.Equal(w, slices.Repeat([]float32{c.want}, 7)) {
			t.Errorf("%T: %v, want %v everywhere", c.init, w, c.want)
		}
	}
}

// The values of a truncated normal distribution are those of the normal one:
// their share below each deviation is that of the distribution function.
func TestTruncatedNormal(t *testing.T) {
	w := make([]float32, 1<<16)
	truncatedNormal(w, 0.87962566103423978*0.87962566103423978, random.Key{Seed: 2})
	for _, z := range []float64{-1.5, -1, -0.5, 0, 0.5, 1, 1.5} {
		below := 0
		for _, v := range w {
			if float64(v) < z {
				below++
			}
		}
		want := 0.5 + math.Erf(z/math.Sqrt2)/(2*math.Erf(math.Sqrt2))
		if got := float64(below) / float64(len(w)); math.Abs(got-want) > 0.008 {
			t.Errorf("%.4f of the values below %v, want %.4f", got, z, want)
		}
	}
}

// The initialisers that a layer is given are those of its parameters.
func TestLayerInitializers(t *testing.T) {
	m := mustModel(t, Input(2, 2, 1),
		Conv2D{Filters: 1, KernelSize: 1, KernelInitializer: Constant(2), BiasInitializer: Constant(3)},
		BatchNormalization{GammaInitializer: Constant(4), BetaInitializer: Constant(5)},
		Flatten{}, Dense{Units: 1, KernelInitializer: Constant(6), BiasInitializer: Ones{}})
	if err := m.Compile(nil, nil, Options{}); err != nil {
		t.Fatal(err)
	}
	var got []float32
	for _, p := range m.Params() {
		got = append(got, p.Data[0])
	}
	if want := []float32{2, 3, 4, 5, 0, 1, 6, 1}; !slices.Equal(got, want) {
		t.Errorf("first values %v, want %v", got, want)
	}
}

// What a layer is given depends on its name and the seed, not on the layers
// built before it.
func TestInitialWeights(t *testing.T) {
	weights := func(seed uint64, layers ...Layer) map[string][]float32 {
		m := mustModel(t, append([]Layer{Input(4, 4, 3)}, layers...)...)
		if err := m.Compile(nil, nil, Options{Seed: seed}); err != nil {
			t.Fatal(err)
		}
		w := map[string][]float32{}
		for _, p := range m.Params() {
			w[p.Name] = p.Data
		}
		return w
	}
	conv := Conv2D{Filters: 3, KernelSize: 3, Padding: Same}
	a := weights(1, Flatten{}, Dense{Units: 4})
	b := weights(1, conv, conv, Flatten{}, Dense{Units: 4})
	if !slices.Equal(a["dense/kernel"], b["dense/kernel"]) {
		t.Error("dense/kernel depends on the layers before it")
	}
	if slices.Equal(b["conv2d/kernel"], b["conv2d_1/kernel"]) {
		t.Error("two layers have the same weights")
	}
	if c := weights(2, Flatten{}, Dense{Units: 4}); slices.Equal(a["dense/kernel"], c["dense/kernel"]) {
		t.Error("two seeds give the same weights")
	}
	if !slices.Equal(a["dense/bias"], make([]float32, 4)) {
		t.Errorf("bias %v, want zeros", a["dense/bias"])
	}
}
