package totals_test

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/simdconv/simdconv/benchmarks/compare/totals"
)

// A network's layers by two libraries, and the whole of it by one.
func Example() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	in := filepath.Join(dir, "in.txt")
	text := ""
	for _, layer := range []string{"conv1_7x7", "conv2_3x3", "conv3_3x3", "conv4_3x3", "conv5_3x3"} {
		for _, row := range []struct {
			impl string
			ns   int
		}{{"simdconv", 200_000}, {"onednn", 300_000}} {
			text += fmt.Sprintf("BenchmarkConv/impl=%s/net=lecture_cnn/layer=%s/pass=fwd/algo=auto/isa=avx512/n=1/threads=1 100 %d ns/op\n", row.impl, layer, row.ns)
		}
	}
	text += "BenchmarkNet/impl=simdconv/net=lecture_cnn/pass=infer/isa=avx512/n=1/threads=1 100 1100000 ns/op\n"
	if err := os.WriteFile(in, []byte(text), 0o600); err != nil {
		fmt.Println(err)
		return
	}
	totals.Main([]string{in}, os.Stdout, os.Stderr)
	// Output:
	// lecture_cnn, fwd, n=1, threads=1
	//    library           algorithm     isa    ms  of simdconv's auto
	//   simdconv                auto  avx512  1.00                1.00
	//     onednn                auto  avx512  1.50                1.50
	//   simdconv  best of each layer          1.00                1.00
	//     onednn  best of each layer          1.50                1.50
	//   simdconv       whole network  avx512  1.10                1.10
}
