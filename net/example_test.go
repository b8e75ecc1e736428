package net_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/simdconv/simdconv/net"
)

// A network learns exclusive or: the class of a point is whether exactly one
// of its two coordinates is 1.
func Example() {
	model, err := net.Sequential(
		net.Input(2),
		net.Dense{Units: 8, Activation: net.Tanh},
		net.Dense{Units: 2, Activation: net.Softmax},
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	err = model.Compile(net.Adam{LearningRate: 0.05}, net.SparseCategoricalCrossentropy{}, net.Options{Batch: 4, Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	points := &net.Dataset{X: []float32{0, 0, 0, 1, 1, 0, 1, 1}, Y: []uint8{0, 1, 1, 0}, Size: 2}
	if _, err := model.Fit(points, net.FitOptions{Epochs: 200}); err != nil {
		fmt.Println(err)
		return
	}
	p := make([]float32, 4*2)
	if err := model.Predict(p, points.X); err != nil {
		fmt.Println(err)
		return
	}
	for i := range points.Len() {
		fmt.Println(points.X[2*i:2*i+2], p[2*i+1] > 0.5)
	}
	// Output:
	// [0 0] false
	// [0 1] true
	// [1 0] true
	// [1 1] false
}

// A residual connection: the input of a convolution is added to its output.
func ExampleGraph() {
	g := net.NewGraph()
	x := g.Input(32, 32, 16)
	z := g.Apply(net.Conv2D{Filters: 16, KernelSize: 3, Padding: net.Same, NoBias: true}, x)
	z = g.Apply(net.BatchNormalization{}, z)
	z = g.Apply(net.ReLU, g.Apply(net.Add{}, z, x))
	y := g.Apply(net.Dense{Units: 10, Activation: net.Softmax}, g.Apply(net.GlobalAvgPool2D{}, z))
	model, err := g.Model(y)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(model.InputShape(), "->", model.OutputShape(), model.Size())
	// Output:
	// 32x32x16 -> 10 2538
}

// A training that is interrupted, and one that goes on from its checkpoint in
// what could be another process.
func ExampleModel_LoadCheckpoint() {
	points := &net.Dataset{X: []float32{0, 0, 0, 1, 1, 0, 1, 1}, Y: []uint8{0, 1, 1, 0}, Size: 2}
	folder, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "run.checkpoint")
	train := func(stopAfter int) {
		model, err := net.Sequential(
			net.Input(2),
			net.Dense{Units: 8, Activation: net.Tanh},
			net.Dense{Units: 2, Activation: net.Softmax},
		)
		if err != nil {
			fmt.Println(err)
			return
		}
		opt := net.Adam{Schedule: net.CosineDecay{LearningRate: 0.05, DecaySteps: 200}}
		if err := model.Compile(opt, net.SparseCategoricalCrossentropy{}, net.Options{Batch: 4, Seed: 1}); err != nil {
			fmt.Println(err)
			return
		}
		if err := model.LoadCheckpoint(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			fmt.Println(err)
			return
		}
		fmt.Println("epochs done:", len(model.History()))
		power := net.CallbackFuncs{Epoch: func(p net.Progress) error {
			if p.Epoch == stopAfter {
				return errors.New("power failure")
			}
			return nil
		}}
		history, err := model.Fit(points, net.FitOptions{Epochs: 200, Checkpoint: path, Callbacks: []net.Callback{power}})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println("accuracy:", history[len(history)-1].Accuracy)
	}
	train(120)
	train(0)
	// Output:
	// epochs done: 0
	// power failure
	// epochs done: 119
	// accuracy: 1
}

// Two outputs, one of which leaves the network early and only helps to train.
func ExampleGraph_Model() {
	g := net.NewGraph()
	early := g.Apply(net.Conv2D{Filters: 8, KernelSize: 3, Activation: net.ReLU}, g.Input(28, 28, 1))
	late := g.Apply(net.Conv2D{Filters: 8, KernelSize: 3, Activation: net.ReLU}, early)
	classify := func(x net.Value) net.Value {
		return g.Apply(net.Dense{Units: 10, Activation: net.Softmax}, g.Apply(net.GlobalAvgPool2D{}, x))
	}
	model, err := g.Model(classify(late), classify(early))
	if err != nil {
		fmt.Println(err)
		return
	}
	err = model.Compile(net.SGD{}, net.SparseCategoricalCrossentropy{}, net.Options{LossWeights: []float64{1, 0.3}})
	fmt.Println(model.OutputShapes(), err)
	// Output:
	// [10 10] <nil>
}

func ExampleModel_Summary() {
	model, err := net.Sequential(
		net.Input(28, 28, 1),
		net.Conv2D{Filters: 8, KernelSize: 3, Activation: net.ReLU},
		net.BatchNormalization{},
		net.GlobalAvgPool2D{},
		net.Dense{Units: 10, Activation: net.Softmax},
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(model.Summary())
	// Output:
	// Model: "sequential"
	// ┏━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━┓
	// ┃ Layer (type)                         ┃ Output Shape                ┃         Param # ┃
	// ┡━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━┩
	// │ conv2d (Conv2D)                      │ (None, 26, 26, 8)           │              80 │
	// ├──────────────────────────────────────┼─────────────────────────────┼─────────────────┤
	// │ batch_normalization                  │ (None, 26, 26, 8)           │              32 │
	// │ (BatchNormalization)                 │                             │                 │
	// ├──────────────────────────────────────┼─────────────────────────────┼─────────────────┤
	// │ global_average_pooling2d             │ (None, 8)                   │               0 │
	// │ (GlobalAveragePooling2D)             │                             │                 │
	// ├──────────────────────────────────────┼─────────────────────────────┼─────────────────┤
	// │ dense (Dense)                        │ (None, 10)                  │              90 │
	// └──────────────────────────────────────┴─────────────────────────────┴─────────────────┘
	//  Total params: 202 (808.00 B)
	//  Trainable params: 186 (744.00 B)
	//  Non-trainable params: 16 (64.00 B)
}

// Names number the layers of a kind, as Keras does.
func ExampleModel_Params() {
	model, err := net.Sequential(
		net.Input(28, 28, 1),
		net.Conv2D{Filters: 8, KernelSize: 3, Activation: net.ReLU},
		net.Conv2D{Filters: 16, KernelSize: 3, NoBias: true},
		net.ReLU,
		net.Flatten{},
		net.Dense{Units: 10, Activation: net.Softmax, Name: "classes"},
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range model.Params() {
		fmt.Println(p.Name, p.Shape)
	}
	fmt.Println(model.InputShape(), "->", model.OutputShape(), model.Size())
	// Output:
	// conv2d/kernel 3x3x1x8
	// conv2d/bias 8
	// conv2d_1/kernel 3x3x8x16
	// classes/kernel 9216x10
	// classes/bias 10
	// 28x28x1 -> 10 93402
}
