package models

import (
	"fmt"

	"github.com/simdconv/simdconv/net"
)

// An Option is what a model of keras.applications is built with. [Weights] are
// a file; without that option they are random. [InputSize], [Classes] and
// [Logits] depart from the network that ImageNet's images were learned with.
type Option func(*options)

type options struct {
	weights       string
	height, width int
	classes       int
	last          net.Activation
}

// Weights loads a file of Keras or safetensors: see net's LoadWeights. Keras's
// own files of ImageNet weights are such.
func Weights(path string) Option { return func(o *options) { o.weights = path } }

// InputSize is the height and width of images, 224x224 otherwise. Weights fit
// images of any size.
func InputSize(height, width int) Option {
	return func(o *options) { o.height, o.width = height, width }
}

// Classes is how many classes there are, 1000 otherwise.
func Classes(n int) Option { return func(o *options) { o.classes = n } }

// Logits makes the model end before its softmax.
func Logits() Option { return func(o *options) { o.last = net.Linear } }

// ResNet50 returns the residual network of 50 layers with weights (He et al.,
// "Deep residual learning for image recognition", CVPR 2016), not compiled, as
// Keras builds it: the lecture's
//
//	model = keras.applications.resnet50.ResNet50(weights="imagenet")
//
// is
//
//	model, err := models.ResNet50(models.Weights("resnet50_weights_tf_dim_ordering_tf_kernels.h5"))
//
// Layers have Keras's names, and parameters those of layer and weight:
// conv1_conv/kernel, conv2_block1_1_bn/moving_mean, predictions/bias. The files
// of older versions call the last layer probs, which is understood.
//
//	conv1_pad 3 ─ conv1_conv 7x7/2, 64 ─ BN ─ ReLU ─ pool1_pad 1 ─ pool1_pool 3x3/2
//	─ conv2_block1..3 (64, 256) ─ conv3_block1..4 (128, 512)/2
//	─ conv4_block1..6 (256, 1024)/2 ─ conv5_block1..3 (512, 2048)/2
//	─ avg_pool ─ predictions 1000, softmax
//
// A block of (n, 4n), whose stride is that of its first convolution (version 1;
// others stride in the 3x3 one):
//
//	x ─┬─ 1_conv 1x1, n ─ BN ─ ReLU ─ 2_conv 3x3, n ─ BN ─ ReLU ─ 3_conv 1x1, 4n ─ BN ─ + ─ ReLU ─ y
//	   └───────────── (0_conv 1x1, 4n ─ BN: in the first block of a stage) ─────────────┘
//
// Convolutions have biases, and epsilon is 1.001e-5. 25,636,712 parameters.
// Images are prepared by [Caffe].
func ResNet50(o ...Option) (*net.Model, error) { return resNet(o, 3, 4, 6, 3) }

// ResNet101 is [ResNet50] with 23 blocks in its fourth stage: 44,707,176
// parameters.
func ResNet101(o ...Option) (*net.Model, error) { return resNet(o, 3, 4, 23, 3) }

// ResNet152 is [ResNet50] with 8 and 36 blocks in its third and fourth stage:
// 60,419,944 parameters.
func ResNet152(o ...Option) (*net.Model, error) { return resNet(o, 3, 8, 36, 3) }

// Caffe prepares an image of RGB values from 0 to 255 for the networks that
// were first trained with Caffe, ResNet-50 and VGG among them: the channels
// become BGR, less ImageNet's means. It is Keras's preprocess_input.
func Caffe(image []float32) {
	for i := 0; i+2 < len(image); i += 3 {
		p := image[i : i+3]
		p[0], p[1], p[2] = p[2]-103.939, p[1]-116.779, p[0]-123.68
	}
}

// resNetEpsilon is Keras's, for these networks.
const resNetEpsilon = 1.001e-5

func resNet(settings []Option, blocks ...int) (*net.Model, error) {
	o := options{height: 224, width: 224, classes: 1000, last: net.Softmax}
	for _, set := range settings {
		set(&o)
	}
	if o.height < 32 || o.width < 32 {
		return nil, fmt.Errorf("models: images of %dx%d, want at least 32x32", o.height, o.width)
	}
	g := net.NewGraph()
	x := g.Input(o.height, o.width, 3)
	x = g.Apply(net.ZeroPadding2D{Name: "conv1_pad", Padding: []int{3}}, x)
	x = g.Apply(net.Conv2D{Name: "conv1_conv", Filters: 64, KernelSize: 7, Strides: 2}, x)
	x = g.Apply(net.BatchNormalization{Name: "conv1_bn", Epsilon: resNetEpsilon}, x)
	x = g.Apply(net.ReLU.Named("conv1_relu"), x)
	x = g.Apply(net.ZeroPadding2D{Name: "pool1_pad", Padding: []int{1}}, x)
	x = g.Apply(net.MaxPool2D{Name: "pool1_pool", PoolSize: 3, Strides: 2}, x)
	for i, n := range blocks {
		filters := 64 << i
		for j := range n {
			b := bottleneck{name: fmt.Sprintf("conv%d_block%d", i+2, j+1), filters: filters, stride: 1, first: j == 0}
			if i > 0 && j == 0 {
				b.stride = 2
			}
			x = b.apply(g, x)
		}
	}
	x = g.Apply(net.GlobalAvgPool2D{Name: "avg_pool"}, x)
	x = g.Apply(net.Dense{Name: "predictions", Units: o.classes, Activation: o.last}, x)
	m, err := g.Model(x)
	if err != nil || o.weights == "" {
		return m, err
	}
	if err := m.LoadWeightsAs(o.weights, map[string]string{"probs": "predictions"}); err != nil {
		return nil, err
	}
	return m, nil
}

// A bottleneck is one block: [ResNet50] has its picture.
type bottleneck struct {
	name            string
	filters, stride int
	first           bool // of its stage: the shortcut is a convolution
}

func (b bottleneck) apply(g *net.Graph, x net.Value) net.Value {
	conv := func(n, filters, size, stride int, x net.Value) net.Value {
		x = g.Apply(net.Conv2D{
			Name: fmt.Sprintf("%s_%d_conv", b.name, n), Filters: filters, KernelSize: size, Strides: stride, Padding: net.Same,
		}, x)
		return g.Apply(net.BatchNormalization{Name: fmt.Sprintf("%s_%d_bn", b.name, n), Epsilon: resNetEpsilon}, x)
	}
	shortcut := x
	if b.first {
		shortcut = conv(0, 4*b.filters, 1, b.stride, x)
	}
	x = g.Apply(net.ReLU.Named(b.name+"_1_relu"), conv(1, b.filters, 1, b.stride, x))
	x = g.Apply(net.ReLU.Named(b.name+"_2_relu"), conv(2, b.filters, 3, 1, x))
	x = conv(3, 4*b.filters, 1, 1, x)
	return g.Apply(net.ReLU.Named(b.name+"_out"), g.Apply(net.Add{Name: b.name + "_add"}, shortcut, x))
}
