// Package peers measures other libraries beside this one, on the rows of
// go test ../../../benchmarks and under the same names, with impl=onednn and so
// on in place of impl=simdconv. README.md of the folder above has the commands.
//
//	benchmarks/suite            Field: simdconv and the peers that are here
//	rows, operands, check          │
//	     │                         │
//	     └──────────┬──────────────┘
//	                ▼
//	             Contest   one layer and pass, or one operation: every library's Run
//	                │
//	              check    against float64 loops: a wrong peer fails its row
//	                │
//	                ▼
//	              Duel     roof A roof B roof C roof A roof B ...
//	                │      FMA for Conv and Gemm, stream for Pool, BatchNorm and Vec
//	                ▼
//	             Sample    median of the turns: ns/op, GFLOP/s, %peak or GB/s, %stream
//
// Each library is a package below, which exports a [Peer]. Those that need C are
// under build tags, so that the module builds without any of them.
package peers
