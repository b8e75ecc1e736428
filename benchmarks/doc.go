// Package benchmarks measures the kernels, layer by layer: which algorithm is
// fastest, how close it is to the machine's limit, and whether a change made it
// slower.
//
//	go test -bench=Conv ./benchmarks
//
// # Before you read a figure
//
//   - GFLOP/s are those of a direct convolution, 2*N*OH*OW*K*C*R*S per call,
//     whatever the algorithm does. Taps in the padding count, too: of a 3x3
//     window on a 7x7 map only 82% lie in the image. An algorithm that saves
//     multiplications or skips padding can pass 100% of the peak.
//   - %peak is the share of a loop of multiply-adds on registers, in the row's
//     tier and on as many threads, run for some milliseconds before and after
//     the row. Clocks that drift cancel in it, so it is the figure to compare. It
//     is no share of what memory would allow, and while other programs run
//     beside the benchmark it jumps like every other figure.
//   - The naive loops are those of kernels/ref, written to be read, on one
//     thread. Their isa is generic, and so is the peak they are compared with.
//   - Weights are packed and caches warm unless the name says otherwise. A
//     network that runs once has neither, and a layer whose weights exceed the
//     caches is slower in it than here.
//   - A row runs for 300 ms unless -benchtime says otherwise: enough to see
//     factors. To see percents, use -count=10 and benchstat.
//   - GB/s of Pool, BatchNorm and Vec count each distinct operand once. %stream is
//     the share of a loop of plain loads and stores with the row's traffic, as far
//     from the processor as its operands: what is read twice counts twice there.
//     The loop's stores read their lines first, those of results of 16 MiB or more
//     do not: such rows can pass 100%.
//     Rows of 32 images need -batches=32; memory that others use drifts even more
//     than clocks do.
//   - Rows that an algorithm refuses are left out; -v shows why.
//
// # The room
//
//	shapes/*.txt          flags                    kernels/ref
//	layers, products      which rows               plain loops
//	      │                 │                          │
//	      └───────┬─────────┘                          │ is the result right?
//	              ▼                                    ▼
//	            rows ────► plan, pack, workspace ──► check ──► roof, calls, roof
//	                       (conv, kernels)                          │
//	                                                                ▼
//	                 BenchmarkConv/impl=simdconv/...   ns/op GFLOP/s %peak ws-B eps
//
// Each row's result is compared with plain loops in float64 before the clock
// starts, and a wrong one fails the benchmark. Layers above 0.5 GFLOP per image
// (for the gradient of the weights, per batch) are not compared, as the loops
// would take too long; nor are normalisations of more than 2 million elements, and
// of Vec the optimisers, dropout and sums. Package roof measures the peak.
//
// # Names
//
// A name is a list of key=value. impl tells libraries apart (compare/README.md has
// others side by side with this one); the other keys are
//
//	Conv  net, layer  of shapes/*.txt
//	      pass        fwd, bwddata, bwdweights
//	      algo        naive, im2col, direct, winograd2, winograd4, winograd6; auto is the plan's choice
//	      isa         generic, avx2, avx512
//	      n, threads  batch size and most threads
//	      pack=each   weights are packed in each call, as in training
//	      cache=cold  128 MiB are read before each call, on all threads
//	Gemm  m, n, k, isa, threads, cache
//	Net   net, pass (infer, train), isa, n, threads, cache: a network whole
//	Pool  op, window, h, c, pass (fwd, bwd), isa, n, threads, cache
//	BatchNorm  op (plain, add_relu), h, c, pass (train, bwd, infer), isa, n, threads, cache
//	Vec   op, elements, isa, threads, cache
//	Roof  op, isa or bytes, threads: the machine alone
//
// ws-B is the workspace of a call in bytes, eps the rms error of the result,
// relative to the rms of the result and in units of 2^-24. A network's total is the sum of
// times x ns/op over its layers, with times from its file.
//
// # Flags
//
// The default is a tour of two networks, forward, on one image and one thread,
// with the best tier. Flags widen it; all but -pack and -layers take several
// values between commas. Batch sizes are -batches, as -n is the go command's.
// Flags of this package follow its path:
//
//	go test -bench=Conv ./benchmarks -nets=resnet34 -layers=3x3$ -algos=direct,auto -threads=1,2
//	go test -bench=Conv ./benchmarks -passes=fwd,bwddata,bwdweights -batches=1,32 -pack=each
//	go test -bench=Conv ./benchmarks -isas=generic,avx2 -cold
//	go test -bench=Gemm -count=10 ./benchmarks -threads=1,2
//	go test -bench=Roof ./benchmarks -threads=1,2
//
// The naive loops run below 0.5 GFLOP only; so do, without -slow, plans of the
// generic tier. Steps of training from 0.2 TFLOP up need -slow, too. TestExport
// writes the networks of -nets, and what they compute, to the folder of -export.
//
// # Benchstat
//
// Algorithms side by side, then a change and what it did, then packing:
//
//	benchstat -table /pass,/n,/threads -row /net,/layer -col /algo,/isa new.txt
//	benchstat -filter "/algo:direct .unit:%peak" -table /pass,/n,/threads -row /net,/layer old.txt new.txt
//	benchstat -filter "-/algo:naive" -row /net,/layer,/algo -col /pack new.txt
package benchmarks
