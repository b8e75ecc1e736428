package models_test

import (
	"math"
	"runtime"
	"strings"
	"testing"

	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/kerneltest"
	"github.com/simdconv/simdconv/net"
	"github.com/simdconv/simdconv/net/models"
)

func TestMNISTDense(t *testing.T) {
	m, err := net.Sequential(models.MNISTDense()...)
	if err != nil {
		t.Fatal(err)
	}
	if want := 784*300 + 300 + 300*100 + 100 + 100*10 + 10; m.Size() != want {
		t.Errorf("%d parameters, want %d", m.Size(), want)
	}
	if in, out := m.InputShape(), m.OutputShape(); !in.Equal(net.Shape{28, 28}) || !out.Equal(net.Shape{10}) {
		t.Errorf("shapes %v and %v, want 28x28 and 10", in, out)
	}
}

// The number of parameters by formula: a 3x3 convolution has 9*C*K, and a
// normalisation 4*K, two of them moving averages.
func TestResNet34Size(t *testing.T) {
	trained, moving := 7*7*3*64+2*64, 2*64
	c := 64
	for _, stage := range []struct{ filters, units int }{{64, 3}, {128, 4}, {256, 6}, {512, 3}} {
		for range stage.units {
			k := stage.filters
			trained += 9*c*k + 2*k + 9*k*k + 2*k
			moving += 2 * 2 * k
			if c != k {
				trained += c*k + 2*k
				moving += 2 * k
			}
			c = k
		}
	}
	trained += 512*10 + 10
	m, err := net.Sequential(models.ResNet34(224, 224, 3, 10)...)
	if err != nil {
		t.Fatal(err)
	}
	got, weighted := 0, 0
	for _, p := range m.Params() {
		if p.Trainable {
			got += len(p.Data)
		}
		if strings.HasSuffix(p.Name, "/kernel") && !(len(p.Shape) == 4 && p.Shape[0] == 1) {
			weighted++
		}
	}
	if got != trained || m.Size() != trained+moving || m.Size() != 21306826 {
		t.Errorf("%d parameters, %d of them trainable, want %d and %d", m.Size(), got, trained+moving, trained)
	}
	if weighted != 34 {
		t.Errorf("%d layers with weights beside the skip layers, want 34", weighted)
	}
}

// images returns n images of noise, each of a class of its own as far as there
// are classes.
func images(n, size int) ([]float32, []uint8) {
	x, labels := make([]float32, n*size*size*3), make([]uint8, n)
	kerneltest.FillUniform(x, 4)
	for i := range labels {
		labels[i] = uint8(i * 7 % 10)
	}
	return x, labels
}

// ResNet-34 learns a batch of 64 images by heart, and its steps allocate nothing, on all
// threads.
func TestResNet34Learns(t *testing.T) {
	if raceEnabled {
		t.Skip("TestResNet34Threads runs the same code")
	}
	if tier, err := kernels.BestTier(); err != nil || tier == kernels.TierGeneric {
		t.Skipf("tier %v takes too long (%v)", tier, err)
	}
	m, err := net.Sequential(models.ResNet34(32, 32, 3, 10)...)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Compile(net.Adam{}, net.SparseCategoricalCrossentropy{}, net.Options{Batch: 64, Seed: 1}); err != nil {
		t.Fatal(err)
	}
	x, labels := images(64, 32)
	first := step(t, m, x, labels)
	if math.Abs(first-math.Log(10)) > 2 {
		t.Errorf("loss %v at first, want about log(10)", first)
	}
	var before, after runtime.MemStats
	least := uint64(math.MaxUint64)
	for n := 1; ; n++ {
		runtime.ReadMemStats(&before)
		loss, correct, err := m.TrainStep(x, labels)
		runtime.ReadMemStats(&after)
		if err != nil {
			t.Fatal(err)
		}
		least = min(least, after.Mallocs-before.Mallocs)
		if correct == 64 && loss < 0.01 {
			break
		}
		if n == 20 {
			t.Fatalf("loss %v and %d of 64 right after %d steps, want below 0.01 and all", loss, correct, n)
		}
	}
	if least > 0 {
		t.Errorf("a step makes %d allocations at least, want 0", least)
	}
}

// Equal bits for any number of threads.
func TestResNet34Threads(t *testing.T) {
	if tier, err := kernels.BestTier(); err != nil || tier == kernels.TierGeneric {
		t.Skipf("tier %v takes too long (%v)", tier, err)
	}
	x, labels := images(2, 32)
	var want *net.Model
	for _, threads := range []int{1, 3} {
		m, err := net.Sequential(models.ResNet34(32, 32, 3, 10)...)
		if err != nil {
			t.Fatal(err)
		}
		if err := m.Compile(net.SGD{Momentum: 0.9, Nesterov: true}, net.SparseCategoricalCrossentropy{}, net.Options{Batch: 2, Threads: threads}); err != nil {
			t.Fatal(err)
		}
		step(t, m, x, labels)
		if want == nil {
			want = m
			continue
		}
		for i, p := range m.Params() {
			kerneltest.Equal(t, p.Name, p.Data, want.Params()[i].Data)
		}
	}
}
