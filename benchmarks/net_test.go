package benchmarks

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/simdconv/simdconv/benchmarks/shapes"
	"github.com/simdconv/simdconv/benchmarks/suite"
	"github.com/simdconv/simdconv/kernels"
	"github.com/simdconv/simdconv/kernels/kerneltest"
	"github.com/simdconv/simdconv/net"
	"github.com/simdconv/simdconv/net/models"
)

// netModels are networks of shapes that package models lists layer by layer, and
// that TestExport knows.
var netModels = map[string]func() []net.Layer{
	"lecture_cnn": models.LectureCNN,
	"resnet34":    func() []net.Layer { return models.ResNet34(224, 224, 3, 10) },
	"vgg16":       func() []net.Layer { return models.VGG16(224, 224, 3, 1000) },
}

// moreModels are the other networks of shapes that package models builds.
var moreModels = map[string]func() (*net.Model, error){
	"alexnet":   func() (*net.Model, error) { return net.Sequential(models.AlexNet(227, 227, 3, 1000)...) },
	"googlenet": func() (*net.Model, error) { return models.GoogLeNet(224, 224, 3, 1000) },
	"resnet50":  func() (*net.Model, error) { return models.ResNet50() },
	"vgg19":     func() (*net.Model, error) { return net.Sequential(models.VGG19(224, 224, 3, 1000)...) },
}

// buildNet returns a network that is not compiled, or nil if there is none.
func buildNet(name string) (*net.Model, error) {
	if layers := netModels[name]; layers != nil {
		return net.Sequential(layers()...)
	}
	if build := moreModels[name]; build != nil {
		return build()
	}
	return nil, nil
}

// stepFLOP is where rows of training end without -slow: two images of VGG-16,
// nine of ResNet-34, whose step takes about two seconds of one thread.
const stepFLOP = 0.2e12

// BenchmarkNet runs whole networks: pass=infer predicts a batch, pass=train is
// one step of SGD with momentum. GFLOP/s counts the convolutions alone, and
// training as three times inference.
func BenchmarkNet(b *testing.B) {
	for _, r := range netRows(asked) {
		b.Run(r.name(), r.run)
	}
}

// A netRow is one row of BenchmarkNet.
type netRow struct {
	net        string
	train      bool
	tier       kernels.Tier
	n, threads int
	cold       bool
}

func (r netRow) name() string {
	pass := "infer"
	if r.train {
		pass = "train"
	}
	return fmt.Sprintf("impl=%s/net=%s/pass=%s/isa=%v/n=%d/threads=%d%s", suite.Impl, r.net, pass, r.tier, r.n, r.threads, suite.Cache(r.cold))
}

// netRows returns the networks that the flags ask for.
func netRows(t suite.Tour) []netRow {
	var rows []netRow
	add := func(r netRow) {
		if flop, err := r.flop(); err != nil || !r.train || t.Slow || flop < stepFLOP {
			rows = append(rows, r)
		}
	}
	for _, name := range t.Nets {
		if netModels[name] == nil && moreModels[name] == nil {
			continue
		}
		for _, tier := range t.Tiers {
			if tier == kernels.TierGeneric && !t.Slow {
				continue
			}
			for _, n := range t.Batches {
				for _, threads := range t.Threads {
					add(netRow{name, false, tier, n, threads, t.Cold})
					add(netRow{name, true, tier, n, threads, t.Cold})
				}
			}
		}
	}
	return rows
}

// flop counts the convolutions. The error is that of a network without a file.
func (r netRow) flop() (float64, error) {
	layers, err := shapes.Layers(r.net)
	sum := 0.0
	for _, l := range layers {
		sum += float64(l.Times) * l.FLOP(r.n)
	}
	if r.train {
		sum *= 3
	}
	return sum, err
}

func (r netRow) run(b *testing.B) {
	flop, err := r.flop()
	if err != nil {
		b.Fatal(err)
	}
	m, err := buildNet(r.net)
	if err != nil {
		b.Fatal(err)
	}
	var optimizer net.Optimizer
	if r.train {
		optimizer = net.SGD{LearningRate: 1e-3, Momentum: 0.9}
	}
	o := net.Options{Batch: r.n, Seed: 1, Tier: r.tier, Threads: r.threads}
	if r.net == "googlenet" {
		o.LossWeights = models.GoogLeNetLossWeights()
	}
	err = m.Compile(optimizer, net.SparseCategoricalCrossentropy{}, o)
	if err != nil {
		b.Fatal(err)
	}
	x, y := make([]float32, r.n*m.InputShape().Len()), make([]float32, r.n*m.OutputShape().Len())
	labels := make([]uint8, r.n)
	kerneltest.FillUniform(x, 1)
	for i := range labels {
		labels[i] = uint8(i % 10)
	}
	call := func() error { return m.Predict(y, x) }
	if r.train {
		call = func() error {
			_, _, err := m.TrainStep(x, labels)
			return err
		}
	}
	if err := call(); err != nil {
		b.Fatal(err)
	}
	sample{call, flop, r.tier, r.threads, r.cold}.measure(b)
}

// TestNetFLOP compares the operations of a network with those that its layers'
// sizes give by hand.
func TestNetFLOP(t *testing.T) {
	const conv1 = 28 * 28 * 64 * 49
	const want = 2 * (conv1 + 14*14*128*9*(64+128) + 7*7*256*9*(128+256))
	for _, r := range netRows(given(t, func(s *suite.Settings) { s.Nets, s.Batches = "lecture_cnn", "2" })) {
		passes := 1.0
		if r.train {
			passes = 3
		}
		if got, err := r.flop(); err != nil || got != 2*passes*want {
			t.Errorf("%s: %v operations, %v, want %v", r.name(), got, err, 2*passes*want)
		}
	}
}

// TestStepFLOP checks which steps of training need -slow.
func TestStepFLOP(t *testing.T) {
	if tier, err := kernels.BestTier(); err != nil || tier == kernels.TierGeneric {
		t.Skipf("tier %v has no rows without -slow (%v)", tier, err)
	}
	for _, c := range []struct {
		net, batches string
		slow         bool
		want         int // rows
	}{
		{"vgg16", "1,2", false, 4}, {"vgg16", "8", false, 1}, {"vgg16", "8", true, 2},
		{"resnet34", "8", false, 2}, {"resnet34", "16", false, 1}, {"lecture_cnn", "256", false, 2},
	} {
		rows := netRows(given(t, func(s *suite.Settings) { s.Nets, s.Batches, s.Slow = c.net, c.batches, c.slow }))
		if len(rows) != c.want {
			t.Errorf("%+v: %d rows", c, len(rows))
		}
	}
}

// TestNetModels compares the convolutions of each network's file with the
// kernels of its model. Two groups are two convolutions of half the channels, and
// the auxiliary heads of GoogLeNet are in no file.
func TestNetModels(t *testing.T) {
	names := slices.Concat(slices.Collect(maps.Keys(netModels)), slices.Collect(maps.Keys(moreModels)))
	for _, name := range names {
		m, err := buildNet(name)
		if err != nil {
			t.Fatal(err)
		}
		layers, err := shapes.Layers(name)
		if err != nil {
			t.Fatal(err)
		}
		want := map[[4]int]int{} // R, S, C, K
		for _, l := range layers {
			want[[4]int{l.R, l.S, l.C, l.K}] += l.Times
		}
		if name == "googlenet" {
			want[[4]int{1, 1, 512, 128}]++
			want[[4]int{1, 1, 528, 128}]++
		}
		for _, p := range m.Params() {
			if len(p.Shape) != 4 {
				continue
			}
			kernel := [4]int(p.Shape)
			half := kernel
			half[3] /= 2
			if _, whole := want[kernel]; !whole && want[half] >= 2 {
				want[half] -= 2
				continue
			}
			want[kernel]--
		}
		for kernel, n := range want {
			if n != 0 {
				t.Errorf("%s.txt has %d kernels of %v more than the model", name, n, kernel)
			}
		}
	}
}
