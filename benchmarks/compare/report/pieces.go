package report

import (
	"fmt"
	"runtime"
	"strconv"
	"strings"
)

// A piece is one run of benchmarks and the file that it fills.
type piece struct {
	name  string // of the file, without .txt
	what  string // it says, for the page
	peers bool   // beside other libraries, in benchmarks/compare/peers; else in benchmarks
	bench string
	time  string // -benchtime
	count int
	args  []string // flags of the suite
	quick []string // flags that follow args with -quick
}

// algorithms are those that charts and tables compare.
const algorithms = "im2col,direct,winograd2,winograd4,winograd6,auto"

// oneLayer makes a quick run of any piece of BenchmarkConv.
var oneLayer = []string{"-nets=lecture_cnn", "-layers=conv[45]"}

// pieces are all runs, with the times and counts that fit twenty minutes of two
// cores: three samples where medians are compared, one elsewhere.
func pieces() []piece {
	threads := "-threads=" + threadCounts(runtime.GOMAXPROCS(0))
	const both = "-nets=lecture_cnn,resnet34"
	return []piece{
		{name: "roof", what: "the machine alone: multiply-adds on registers, loops over memory",
			bench: "Roof", time: "100ms", count: 3, args: []string{threads}},
		{name: "algorithms", what: "forward by each algorithm, with its error against float64",
			bench: "Conv", time: "50ms", count: 1, args: []string{both, "-algos=naive," + algorithms}, quick: oneLayer},
		{name: "conv", what: "forward, warm caches, weights packed before",
			peers: true, bench: "Conv", time: "40ms", count: 3, args: []string{both, "-algos=" + algorithms}, quick: oneLayer},
		{name: "backward", what: "gradients of the input and of the weights",
			peers: true, bench: "Conv", time: "50ms", count: 2,
			args: []string{both, "-passes=bwddata,bwdweights", "-algos=im2col,direct,auto"}, quick: oneLayer},
		{name: "cold", what: "forward, caches emptied before each call, weights packed before",
			peers: true, bench: "Conv", time: "40ms", count: 3, args: []string{both, "-algos=direct,auto", "-cold"}, quick: oneLayer},
		{name: "networks", what: "forward, the layers of the other networks and hard corners",
			peers: true, bench: "Conv", time: "40ms", count: 1,
			args: []string{"-nets=alexnet,corners,googlenet,resnet50,vgg16,vgg19", "-algos=direct,auto"}, quick: oneLayer},
		{name: "threads", what: "forward on one thread and on more",
			peers: true, bench: "Conv", time: "40ms", count: 2,
			args: []string{"-nets=resnet34", "-algos=direct,auto", threads}, quick: oneLayer},
		{name: "gemm", what: "matrix products, packing in each call",
			peers: true, bench: "Gemm/.*/m=([0-9]{1,3}|1024|2048|3136|12544)$", time: "60ms", count: 3, args: []string{threads},
			quick: []string{"-threads=1"}},
		{name: "memory", what: "pooling, batch normalisation, element-wise operations",
			peers: true, bench: "Pool|BatchNorm|Vec", time: "60ms", count: 1},
		{name: "net", what: "whole networks, inference and steps of training",
			bench: "Net", time: "300ms", count: 1,
			args: []string{"-nets=alexnet,googlenet,lecture_cnn,resnet34,resnet50,vgg16,vgg19", "-batches=1,8", threads}, quick: []string{"-nets=lecture_cnn"}},
	}
}

// pieceNames returns the names of all pieces, between commas.
func pieceNames() string {
	var names []string
	for _, p := range pieces() {
		names = append(names, p.name)
	}
	return strings.Join(names, ",")
}

// threadCounts returns 1, the powers of two and n itself, between commas.
func threadCounts(n int) string {
	counts := []string{"1"}
	for t := 2; t < n; t *= 2 {
		counts = append(counts, strconv.Itoa(t))
	}
	if n > 1 {
		counts = append(counts, strconv.Itoa(n))
	}
	return strings.Join(counts, ",")
}

// peerFlags are those of the peers' benchmarks that this machine needs.
type peerFlags struct {
	tags        string // of libraries that it has
	onnxruntime string // file of the library, or ""
}

// onnxruntimeFile is the variable that names ONNX Runtime's library.
const onnxruntimeFile = "ONNXRUNTIME"

// command returns the arguments of the go command for a piece, from the root of
// the repository.
func (p piece) command(f peerFlags, quick bool) []string {
	args := []string{"test"}
	folder := "./benchmarks"
	if p.peers {
		args, folder = append(args, "-C", "benchmarks/compare"), "./peers"
		if f.tags != "" {
			args = append(args, "-tags="+f.tags)
		}
	}
	time, count := p.time, p.count
	if quick {
		time, count = "1ms", 1
	}
	bench := p.bench
	if quick && p.name == "gemm" {
		bench = "Gemm/.*/m=64$"
	}
	args = append(args, "-run=NONE", "-bench="+bench, "-benchtime="+time, fmt.Sprint("-count=", count), folder)
	args = append(args, p.args...)
	if quick {
		args = append(args, p.quick...)
	}
	if p.peers && f.onnxruntime != "" {
		args = append(args, "-onnxruntime="+f.onnxruntime)
	}
	return args
}

// shell returns a command as one line for a shell. The file of ONNX Runtime is
// named by the variable.
func shell(args []string, f peerFlags) string {
	words := []string{"go"}
	for _, a := range args {
		if file, ok := strings.CutPrefix(a, "-onnxruntime="); ok && file == f.onnxruntime {
			a = `-onnxruntime="$` + onnxruntimeFile + `"`
		} else if strings.ContainsAny(a, `|*()[]{}$ `) {
			a = "'" + a + "'"
		}
		words = append(words, a)
	}
	return strings.Join(words, " ")
}
