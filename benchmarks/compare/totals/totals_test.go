package totals

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/simdconv/simdconv/benchmarks/shapes"
)

// TestTotals adds up ResNet-34, each of whose 36 convolutions takes 1 ms by
// direct and 2 ms by auto, but for one layer of 11 where auto takes half of it;
// and a step of training.
func TestTotals(t *testing.T) {
	layers, err := shapes.Layers("resnet34")
	if err != nil {
		t.Fatal(err)
	}
	var in strings.Builder
	row := func(impl, layer, algo string, ns float64) {
		fmt.Fprintf(&in, "BenchmarkConv/impl=%s/net=resnet34/layer=%s/pass=fwd/algo=%s/isa=avx512/n=1/threads=1-2 10 %v ns/op 5 %%peak\n", impl, layer, algo, ns)
	}
	for _, l := range layers {
		for _, noise := range []float64{1.1e6, 1e6, 0.9e6} {
			row("simdconv", l.Name, "auto", noise)
		}
		row("peer", l.Name, "direct", 1e6)
		if l.Name == "conv4_3x3" {
			row("peer", l.Name, "auto", 0.5e6)
		} else {
			row("peer", l.Name, "auto", 2e6)
		}
		if l.Name != "conv5_3x3" {
			row("part", l.Name, "auto", 1e6)
		}
	}
	in.WriteString("BenchmarkNet/impl=simdconv/net=resnet34/pass=infer/isa=avx512/n=1/threads=1-2 1 4e7 ns/op\n")
	in.WriteString("BenchmarkNet/impl=simdconv/net=resnet34/pass=train/isa=avx512/n=1/threads=1-2 1 9e7 ns/op\n")
	// Backward, each layer takes 3 and 4 ms; the first needs no gradient of its input.
	for i, l := range layers {
		for _, pass := range []string{"bwddata", "bwdweights"} {
			if i > 0 || pass == "bwdweights" {
				fmt.Fprintf(&in, "BenchmarkConv/impl=simdconv/net=resnet34/layer=%s/pass=%s/algo=auto/isa=avx512/n=1/threads=1-2 10 %d ns/op\n",
					l.Name, pass, map[string]int{"bwddata": 3e6, "bwdweights": 4e6}[pass])
			}
		}
	}
	in.WriteString("BenchmarkGemm/impl=simdconv/m=1/n=1/k=1/isa=avx512/threads=1-2 1 9e7 ns/op\n")
	file := filepath.Join(t.TempDir(), "in.txt")
	if err := os.WriteFile(file, []byte(in.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	if code := Main([]string{file}, &out, &errs); code != 0 || errs.Len() != 0 {
		t.Fatalf("code %d: %s", code, &errs)
	}
	var got []string
	for _, l := range strings.Split(strings.TrimSpace(out.String()), "\n") {
		got = append(got, strings.Join(strings.Fields(l), " "))
	}
	want := []string{
		"resnet34, fwd, n=1, threads=1",
		"library algorithm isa ms of simdconv's auto",
		"simdconv auto avx512 36.00 1.00",
		"peer direct avx512 36.00 1.00",
		"peer auto avx512 55.50 1.54", // 11 * 0.5 + 25 * 2
		"part auto avx512 no conv5_3x3",
		"simdconv best of each layer 36.00 1.00",
		"peer best of each layer 30.50 0.85", // 11 * 0.5 + 25 * 1
		"part best of each layer no conv5_3x3",
		"simdconv whole network avx512 40.00 1.11",
		"",
		"resnet34, bwdweights, n=1, threads=1",
		"library algorithm isa ms of simdconv's auto",
		"simdconv auto avx512 144.00 1.00",
		"simdconv best of each layer 144.00 1.00",
		"",
		"resnet34, bwddata, n=1, threads=1",
		"library algorithm isa ms of simdconv's auto",
		"simdconv auto avx512 no conv1_7x7s2",
		"simdconv best of each layer no conv1_7x7s2",
		"",
		"resnet34, train, n=1, threads=1",
		"library algorithm isa ms of simdconv's auto",
		"simdconv auto avx512 285.00 1.00", // 36 + 35*3 + 36*4
	}
	if end := got[len(got)-1]; end != "simdconv whole network avx512 90.00 0.32" {
		t.Errorf("last line %q, want the whole step", end)
	}
	if got = got[:min(len(got), len(want))]; strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestErrors(t *testing.T) {
	dir := t.TempDir()
	for name, c := range map[string]struct{ text, want string }{
		"empty":   {"PASS\n", "no results of BenchmarkConv"},
		"unknown": {"BenchmarkConv/impl=a/net=b/layer=c/pass=fwd 1 5 ns/op\n", `unknown network "b"`},
		"layer":   {"BenchmarkConv/impl=a/net=resnet34/layer=c/pass=fwd 1 5 ns/op\n", `resnet34 has no layer "c"`},
		"no time": {"BenchmarkConv/impl=a/net=resnet34/layer=conv2_3x3/pass=fwd 1 NaN ns/op\n", "NaN s, want a time"},
		"before":  {"BenchmarkNet/impl=a/net=resnet34/pass=infer 1 -5 ns/op\n", "-5e-09 s, want a time"},
	} {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if code := Main([]string{file}, &out, &out); code != 2 || !strings.Contains(out.String(), c.want) {
			t.Errorf("%s: code %d, %q, want %q", name, code, &out, c.want)
		}
	}
	var out bytes.Buffer
	if code := Main([]string{filepath.Join(dir, "none")}, &out, &out); code != 2 || !strings.Contains(out.String(), "none") {
		t.Errorf("no file: code %d, %q", code, &out)
	}
}
