package shapes_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/simdconv/simdconv/benchmarks/shapes"
	"github.com/simdconv/simdconv/kernels/geometry"
)

func layers(t *testing.T, network string) []shapes.Layer {
	t.Helper()
	l, err := shapes.Layers(network)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// A key is what tells the layers of a network apart.
type key struct {
	c, k int
	geometry.Window
}

// same returns a square convolution with Keras's padding.
func same(c, size, k, kernel, stride int) key {
	w := geometry.Window{H: size, W: size, R: kernel, S: kernel, StrideH: stride, StrideW: stride}
	return key{c, k, w.Same()}
}

// checkLayers compares the layers of a network with those it is built of.
func checkLayers(t *testing.T, network string, built []key) {
	t.Helper()
	want := map[key]int{}
	for _, k := range built {
		want[k]++
	}
	total := 0
	for _, l := range layers(t, network) {
		k := key{l.C, l.K, l.Window}
		if l.Times != want[k] {
			t.Errorf("%s %s: %d times, the network has %d", network, l.Name, l.Times, want[k])
		}
		delete(want, k)
		total += l.Times
	}
	for k, n := range want {
		t.Errorf("%s: no row for %+v, which the network has %d times", network, k, n)
	}
	if total != len(built) {
		t.Errorf("%s: %d layers in all, want %d", network, total, len(built))
	}
}

// TestResNet34 builds the network as the lecture's listing does.
func TestResNet34(t *testing.T) {
	built := []key{same(3, 224, 64, 7, 2)} // and a max pooling with stride 2
	channels, size := 64, 56
	for _, filters := range slices.Concat(slices.Repeat([]int{64}, 3), slices.Repeat([]int{128}, 4),
		slices.Repeat([]int{256}, 6), slices.Repeat([]int{512}, 3)) {
		stride := 1
		if filters != channels {
			stride = 2
			built = append(built, same(channels, size, filters, 1, stride))
		}
		built = append(built, same(channels, size, filters, 3, stride))
		channels, size = filters, size/stride
		built = append(built, same(channels, size, filters, 3, 1))
	}
	if len(built) != 36 {
		t.Fatalf("%d convolutions, want 36", len(built))
	}
	checkLayers(t, "resnet34", built)

	// He et al. give 3.6e9 multiply-adds, the dense layer included.
	flop := 0.0
	for _, l := range layers(t, "resnet34") {
		flop += float64(l.Times) * l.FLOP(1)
	}
	if math.Abs(flop/2-3.6e9) > 0.1e9 {
		t.Errorf("%.3g multiply-adds, want 3.6e9", flop/2)
	}

	// Even maps pad an odd number of pixels at stride 2, more of them after.
	for _, l := range layers(t, "resnet34") {
		want := geometry.Padding{}
		switch {
		case l.R == 7:
			want = geometry.Padding{Top: 2, Bottom: 3, Left: 2, Right: 3}
		case l.R == 3 && l.StrideH == 2:
			want = geometry.Padding{Bottom: 1, Right: 1}
		case l.R == 3:
			want = geometry.Padding{Top: 1, Bottom: 1, Left: 1, Right: 1}
		}
		if l.Padding != want {
			t.Errorf("%s: padding %+v, want %+v", l.Name, l.Padding, want)
		}
	}
}

func TestLectureCNN(t *testing.T) {
	checkLayers(t, "lecture_cnn", []key{
		same(1, 28, 64, 7, 1),
		same(64, 14, 128, 3, 1), same(128, 14, 128, 3, 1),
		same(128, 7, 256, 3, 1), same(256, 7, 256, 3, 1),
	})
}

// TestVGG has the operations of the paper's networks, 30.7e9 and 39.0e9.
func TestVGG(t *testing.T) {
	for _, tt := range []struct {
		network string
		convs   [5]int
		flop    float64
	}{{"vgg16", [5]int{2, 2, 3, 3, 3}, 30.69e9}, {"vgg19", [5]int{2, 2, 4, 4, 4}, 39.02e9}} {
		var built []key
		channels, size := 3, 224
		for i, filters := range []int{64, 128, 256, 512, 512} {
			for range tt.convs[i] {
				built = append(built, same(channels, size, filters, 3, 1))
				channels = filters
			}
			size /= 2
		}
		checkLayers(t, tt.network, built)
		checkFLOP(t, tt.network, tt.flop, 0.01e9)
	}
}

func checkFLOP(t *testing.T, network string, want, bound float64) {
	t.Helper()
	flop := 0.0
	for _, l := range layers(t, network) {
		flop += float64(l.Times) * l.FLOP(1)
	}
	if math.Abs(flop-want) > bound {
		t.Errorf("%s: %.4g FLOP, want %.4g", network, flop, want)
	}
}

// TestResNet50 builds the network as Keras does. Its 3.86e9 multiply-adds are
// those of the paper, 3.8e9, where the stride is in the same place.
func TestResNet50(t *testing.T) {
	first := same(3, 224, 64, 7, 2)
	first.Padding = geometry.Padding{Top: 3, Bottom: 3, Left: 3, Right: 3}
	built := []key{first}
	channels, size := 64, 56
	for i, units := range []int{3, 4, 6, 3} {
		filters, stride := 64<<i, min(2, i+1)
		built = append(built, same(channels, size, 4*filters, 1, stride))
		for range units {
			built = append(built, same(channels, size, filters, 1, stride))
			size /= stride
			built = append(built, same(filters, size, filters, 3, 1), same(filters, size, 4*filters, 1, 1))
			channels, stride = 4*filters, 1
		}
	}
	if len(built) != 53 {
		t.Fatalf("%d convolutions, want 53", len(built))
	}
	checkLayers(t, "resnet50", built)
	checkFLOP(t, "resnet50", 2*3.86e9, 0.02e9)
}

// TestGoogLeNet builds the network from the table of its paper.
func TestGoogLeNet(t *testing.T) {
	built := []key{same(3, 224, 64, 7, 2), same(64, 56, 64, 1, 1), same(64, 56, 192, 3, 1)}
	channels := 192
	for i, m := range [][6]int{
		{64, 96, 128, 16, 32, 32}, {128, 128, 192, 32, 96, 64},
		{192, 96, 208, 16, 48, 64}, {160, 112, 224, 24, 64, 64}, {128, 128, 256, 24, 64, 64}, {112, 144, 288, 32, 64, 64}, {256, 160, 320, 32, 128, 128},
		{256, 160, 320, 32, 128, 128}, {384, 192, 384, 48, 128, 128},
	} {
		size := 28
		if i >= 7 {
			size = 7
		} else if i >= 2 {
			size = 14
		}
		built = append(built,
			same(channels, size, m[0], 1, 1),
			same(channels, size, m[1], 1, 1), same(m[1], size, m[2], 3, 1),
			same(channels, size, m[3], 1, 1), same(m[3], size, m[4], 5, 1),
			same(channels, size, m[5], 1, 1))
		channels = m[0] + m[2] + m[4] + m[5]
	}
	if len(built) != 57 {
		t.Fatalf("%d convolutions, want 57", len(built))
	}
	checkLayers(t, "googlenet", built)
}

// TestAlexNet checks the operations: 666e6 multiply-adds by the paper's sizes.
func TestAlexNet(t *testing.T) {
	checkFLOP(t, "alexnet", 2*666e6, 2e6)
}

func TestNames(t *testing.T) {
	if got, want := shapes.Networks(), []string{"alexnet", "corners", "googlenet", "lecture_cnn", "resnet34", "resnet50", "vgg16", "vgg19"}; !slices.Equal(got, want) {
		t.Errorf("networks %q, want %q", got, want)
	}
	for _, network := range shapes.Networks() {
		for _, l := range layers(t, network) {
			name := fmt.Sprintf("%dx%d", l.R, l.S)
			if l.StrideH > 1 {
				name += fmt.Sprintf("s%d", l.StrideH)
			}
			if len(l.Name) <= len(name) || l.Name[len(l.Name)-len(name)-1:] != "_"+name {
				t.Errorf("%s: layer %s has a kernel that is called %s", network, l.Name, name)
			}
		}
	}
}

// TestProducts checks that every product that is called a convolution is one.
func TestProducts(t *testing.T) {
	products, err := shapes.Products()
	if err != nil {
		t.Fatal(err)
	}
	var squares []int
	for _, p := range products {
		if p.M == p.N && p.N == p.K {
			squares = append(squares, p.M)
		}
	}
	if want := []int{8, 64, 128, 256, 512, 1024, 2048, 4096}; !slices.Equal(squares, want) {
		t.Errorf("squares %v, want %v", squares, want)
	}
	for _, l := range layers(t, "resnet34") {
		oh, ow := l.Out()
		p := shapes.Product{M: oh * ow, N: l.K, K: l.C * l.R * l.S}
		if p.FLOP() != l.FLOP(1) {
			t.Errorf("%s: %g FLOP as a product, %g as a convolution", l.Name, p.FLOP(), l.FLOP(1))
		}
		if wanted := l.R == 7 || l.R == 3 && l.StrideH == 1; wanted && !slices.Contains(products, p) {
			t.Errorf("%s: no product %+v", l.Name, p)
		}
	}
	for _, p := range []shapes.Product{{M: 32, N: 128, K: 2304}, {M: 1, N: 4096, K: 4096}} {
		if !slices.Contains(products, p) {
			t.Errorf("no product %+v", p)
		}
	}
}

func TestFLOP(t *testing.T) {
	l := shapes.Layer{C: 3, K: 5, Window: geometry.Window{H: 8, W: 6, R: 3, S: 1, StrideH: 2, StrideW: 1, Padding: geometry.Padding{Top: 1}}}
	// OH = (8+1-3)/2 + 1 = 4, OW = 6.
	if got, want := l.FLOP(7), 2.0*7*4*6*5*3*3*1; got != want {
		t.Errorf("FLOP = %g, want %g", got, want)
	}
}

func ExampleLayers() {
	network, err := shapes.Layers("resnet34")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, l := range network[:3] {
		oh, ow := l.Out()
		fmt.Printf("%d x %-13s %3d -> %3d channels, %dx%d out, %.2f GFLOP\n", l.Times, l.Name, l.C, l.K, oh, ow, l.FLOP(1)/1e9)
	}
	// Output:
	// 1 x conv1_7x7s2     3 ->  64 channels, 112x112 out, 0.24 GFLOP
	// 6 x conv2_3x3      64 ->  64 channels, 56x56 out, 0.23 GFLOP
	// 1 x conv3_1_3x3s2  64 -> 128 channels, 28x28 out, 0.12 GFLOP
}
