// Package net builds, trains and runs convolutional networks on the kernels of
// this library. A model reads as it does in Keras:
//
//	model, err := net.Sequential(
//		net.Input(28, 28, 1),
//		net.Conv2D{Filters: 64, KernelSize: 7, Padding: net.Same, Activation: net.ReLU},
//		net.MaxPool2D{PoolSize: 2},
//		net.Flatten{},
//		net.Dense{Units: 128, Activation: net.ReLU},
//		net.Dropout{Rate: 0.5},
//		net.Dense{Units: 10, Activation: net.Softmax},
//	)
//	err = model.Compile(net.Adam{}, net.SparseCategoricalCrossentropy{}, net.Options{Batch: 32, Seed: 1})
//	history, err := model.Fit(train, net.FitOptions{Epochs: 5, Validation: test})
//	err = model.Predict(probabilities, images)
//
// Layers, optimizers and losses are plain configuration values; the zero value
// of a field is Keras's default where Keras has one. Maps are NHWC, kernels
// HWIO, dense weights [in, out]. Model.Summary prints the layers as Keras does.
//
// Layers that do not just follow one another make a [Graph]:
//
//	g := net.NewGraph()
//	x := g.Input(32, 32, 16)
//	z := g.Apply(net.Conv2D{Filters: 16, KernelSize: 3, Padding: net.Same}, x)
//	z = g.Apply(net.BatchNormalization{}, z)
//	y := g.Apply(net.ReLU, g.Apply(net.Add{}, z, x))
//	model, err := g.Model(y)
//
// A graph may have further outputs, whose losses are added with weights of
// their own while it trains (Options.LossWeights), and that Predict leaves out;
// Progress, logs and EvaluateOutputs have loss and accuracy of each. And a type
// with a Build method that applies layers is itself a layer: see ResidualUnit in
// net/models.
//
// # The room
//
//	Layers --Build--> graph of Nodes: shapes, Params, Ops           (Sequential, Graph)
//	                        |
//	                       Plan, for one batch size                 (Compile)
//	                        v
//	     program:   x -> [Runner] -> [Runner] -> ... -> [Runner] -> y
//	                        |           |                   |       |
//	     one arena:     | y1 |      | y2 |  ...             |      Loss <- labels
//	                        |           |                   |       |
//	               dx1 <- [ . ] <---- [ . ] <--- ... <---- [ . ] <- dy
//	                        |           |                   |
//	                      Param.Grad  Param.Grad  ...     Param.Grad --> Optimizer --> Param.Data
//
// A Layer adds nodes to a graph once shapes are known. A node's Op is planned
// for a batch size into a Runner, which has what kernels need: a convolution's
// plan, workspace and packed weights. Before that, every value and gradient
// was given its place in one arena: two of them share memory where they are
// never needed at the same time, a view is the memory of what it views, and
// what the backward pass does not read is given away during the forward pass.
// So is what a normalisation with ReLU alone behind it has written: the backward
// pass writes it once more, from what it reads anyway. A training step then runs
// through a list, and allocates nothing.
//
// A value that several nodes read collects its gradient from all of them: the
// first to go backward writes it, the others are added.
//
//	    .--> [conv] -> [bn] --.                   .-- dx <- [conv] <- [bn] <--.
//	x --|                     [add] -> y    dx  = +                           [add] <- dy
//	    '---------------------'                   '-- dx <--------------------'
//
// Convolutions never run at the same time, and share one room for what they
// need beside their operands, in training for packed weights too. What serves one
// step alone, and would not stay in the caches, is packed as it is used.
//
// Weights are packed again when Param.Changed has been called since, which is
// each step in training and never in inference. A parameter that is not
// trainable when the model is compiled has no gradient and stays as it is; the
// gradient passes through its layer.
//
// In inference a convolution takes in the normalisation, sum and ReLU that
// follow it, and computes them as it stores its result; in training a
// normalisation takes in sum and ReLU.
//
// # Long trainings
//
// A learning rate follows the steps by an optimizer's [Schedule], or the
// validation by a [ReduceLROnPlateau]; an [EarlyStopping] ends what no longer
// improves; [CSVLog] and [JSONLog] write down each epoch. FitOptions.Checkpoint
// keeps all of it in a file that is whole at any moment:
//
//	err = model.Compile(net.SGD{LearningRate: 0.1, Momentum: 0.9}, loss, net.Options{Seed: 1})
//	err = model.LoadCheckpoint("run.checkpoint") // to go on; fs.ErrNotExist the first time
//	history, err := model.Fit(train, net.FitOptions{
//		Epochs: 90, Validation: test, Checkpoint: "run.checkpoint", CheckpointSteps: 500,
//		Callbacks: []net.Callback{&net.ReduceLROnPlateau{Patience: 5}},
//	})
//
// A run that was killed, and goes on in another process, ends with the bits of
// one that was not.
//
// # Numbers
//
// Initial weights, dropout and shuffling are functions of Options.Seed, the
// name of the layer, and the step: equal seeds give equal models, and a layer
// draws the same numbers whatever other layers there are. Results do not
// depend on the number of threads.
package net
