package models

import "github.com/simdconv/simdconv/net"

// GoogLeNetLossWeights are the weights of GoogLeNet's outputs in training: the
// auxiliary ones count 0.3.
func GoogLeNetLossWeights() []float64 { return []float64{1, 0.3, 0.3} }

// GoogLeNet returns the network of 22 layers with weights that won ImageNet's
// competition of 2014 (Szegedy et al., "Going deeper with convolutions", CVPR
// 2015, table 1) for images of the given size, such as 224, 224, 3 with 1000
// classes, and at least 65.
//
//	[conv 7x7/2, 64] -> pool/2, LRN -> [conv 1x1, 64] [conv 3x3, 192] -> LRN, pool/2
//	   112x112x64        56x56x64                        56x56x192         28x28x192
//	-> [3a] [3b] -> pool/2 -> [4a] [4b] [4c] [4d] [4e] -> pool/2 -> [5a] [5b] -> average, dropout
//	   28x28x480                |    14x14x832   |                   7x7x1024      1024
//	                            '-> auxiliary    '-> auxiliary
//	-> [dense, softmax]
//
// The model has three outputs, the classes each time: the last layer's, and
// those of the two auxiliary classifiers behind modules 4a and 4d, which bring
// the gradient to the lower layers while it trains:
//
//	average 5x5/3 -> [conv 1x1, 128] -> [dense 1024] -> dropout 0.7 -> [dense, softmax]
//
// To train it set Options.LossWeights to [GoogLeNetLossWeights]; Predict
// computes the first output only. The paper does not say what its local
// response normalisation is; here it is Caffe's, over 5 channels with Bias 1,
// Alpha 1e-4/5 and Beta 0.75.
func GoogLeNet(height, width, channels, classes int) (*net.Model, error) {
	return googLeNet(height, width, channels, classes, net.Softmax, true)
}

// googLeNet may leave out what a test cannot compare: dropout and, with
// another last activation, the softmax.
func googLeNet(height, width, channels, classes int, last net.Activation, dropout bool) (*net.Model, error) {
	g := net.NewGraph()
	pool := net.MaxPool2D{PoolSize: 3, Strides: 2, Padding: net.Same}
	lrn := net.LocalResponseNormalization{DepthRadius: 2, Bias: 1, Alpha: 1e-4 / 5, Beta: 0.75}
	chain := func(x net.Value, layers ...net.Layer) net.Value {
		for _, l := range layers {
			x = g.Apply(l, x)
		}
		return x
	}
	rate := func(r float64) float64 {
		if !dropout {
			return 0
		}
		return r
	}
	auxiliary := func(x net.Value) net.Value {
		return chain(x,
			net.AvgPool2D{PoolSize: 5, Strides: 3},
			reluConv2D(128, 1),
			net.Flatten{},
			net.Dense{Units: 1024, Activation: net.ReLU},
			net.Dropout{Rate: rate(0.7)},
			net.Dense{Units: classes, Activation: last},
		)
	}
	first := reluConv2D(64, 7)
	first.Strides = 2
	x := chain(g.Input(height, width, channels),
		first, pool, lrn,
		reluConv2D(64, 1), reluConv2D(192, 3), lrn, pool,
		InceptionModule{"", 64, 96, 128, 16, 32, 32},   // 3a
		InceptionModule{"", 128, 128, 192, 32, 96, 64}, // 3b
		pool,
		InceptionModule{"", 192, 96, 208, 16, 48, 64}, // 4a
	)
	aux1 := auxiliary(x)
	x = chain(x,
		InceptionModule{"", 160, 112, 224, 24, 64, 64}, // 4b
		InceptionModule{"", 128, 128, 256, 24, 64, 64}, // 4c
		InceptionModule{"", 112, 144, 288, 32, 64, 64}, // 4d
	)
	aux2 := auxiliary(x)
	y := chain(x,
		InceptionModule{"", 256, 160, 320, 32, 128, 128}, // 4e
		pool,
		InceptionModule{"", 256, 160, 320, 32, 128, 128}, // 5a
		InceptionModule{"", 384, 192, 384, 48, 128, 128}, // 5b
		net.GlobalAvgPool2D{},
		net.Dropout{Rate: rate(0.4)},
		net.Dense{Units: classes, Activation: last},
	)
	return g.Model(y, aux1, aux2)
}
