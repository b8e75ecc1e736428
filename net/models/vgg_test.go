package models_test

import (
	"math"
	"strings"
	"testing"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/net"
	"github.com/simdconv/simdconv/net/models"
)

// The numbers of parameters are those of keras.applications, and by formula: a
// 3x3 convolution has 9*C*K + K. The weights are not given values here.
func TestVGGSize(t *testing.T) {
	for _, v := range []struct {
		name   string
		layers []net.Layer
		convs  []int
		want   int
		last   string // of the third block
	}{
		{"VGG16", models.VGG16(224, 224, 3, 1000), []int{2, 2, 3, 3, 3}, 138357544, "block3_conv3/bias"},
		{"VGG19", models.VGG19(224, 224, 3, 1000), []int{2, 2, 4, 4, 4}, 143667240, "block3_conv4/bias"},
	} {
		want, c, layers := (7*7*512+1)*4096+(4096+1)*4096+(4096+1)*1000, 3, 3
		for b, n := range v.convs {
			for range n {
				k := []int{64, 128, 256, 512, 512}[b]
				want += 9*c*k + k
				c = k
				layers++
			}
		}
		m, err := net.Sequential(v.layers...)
		if err != nil {
			t.Fatal(err)
		}
		if m.Size() != want || m.Size() != v.want {
			t.Errorf("%s: %d parameters, want %d", v.name, m.Size(), v.want)
		}
		if in, out := m.InputShape(), m.OutputShape(); !in.Equal(net.Shape{224, 224, 3}) || !out.Equal(net.Shape{1000}) {
			t.Errorf("%s: shapes %v and %v, want 224x224x3 and 1000", v.name, in, out)
		}
		kernels := 0
		for _, p := range m.Params() {
			if strings.HasSuffix(p.Name, "/kernel") {
				kernels++
			}
		}
		if kernels != layers {
			t.Errorf("%s: %d layers with weights, want %d", v.name, kernels, layers)
		}
		for name, shape := range map[string]net.Shape{
			"block1_conv1/kernel": {3, 3, 3, 64}, v.last: {256}, "block5_conv3/kernel": {3, 3, 512, 512},
			"fc1/kernel": {25088, 4096}, "fc2/kernel": {4096, 4096}, "predictions/kernel": {4096, 1000},
		} {
			if p := m.Param(name); p == nil || !p.Shape.Equal(shape) {
				t.Errorf("%s: no parameter %s of shape %v", v.name, name, shape)
			}
		}
	}
}

// The smallest image runs through the whole network, 1x1 at its end; its size
// one below is too small.
func TestVGG16Step(t *testing.T) {
	if _, err := net.Sequential(models.VGG16(31, 32, 3, 10)...); err == nil || !strings.Contains(err.Error(), "block5_pool") {
		t.Errorf("31x32: error %v, want one of block5_pool", err)
	}
	if raceEnabled {
		t.Skip("TestResNet34Threads runs the same code")
	}
	if tier, err := kernels.BestTier(); err != nil || tier == kernels.TierGeneric {
		t.Skipf("tier %v takes too long (%v)", tier, err)
	}
	m, err := net.Sequential(models.VGG16(32, 32, 3, 10)...)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Compile(net.SGD{}, net.SparseCategoricalCrossentropy{}, net.Options{Batch: 2, Seed: 1}); err != nil {
		t.Fatal(err)
	}
	x, labels := images(2, 32)
	if loss := step(t, m, x, labels); math.Abs(loss-math.Log(10)) > 0.1 {
		t.Errorf("loss %v at first, want about log(10)", loss)
	}
}
