package report

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/cpuid/v2"

	"github.com/simdconv/simdconv/benchmarks/suite"
	"github.com/simdconv/simdconv/kernels"
)

const root = "../../.."

// fakeGo prints what it is given, and fails if it is to.
func fakeGo(output string, err error) goCommand {
	return func(_ context.Context, _ string, stdout, stderr io.Writer, args ...string) error {
		io.WriteString(stdout, output)
		io.WriteString(stderr, "left out: x of /where/libonnxruntime.so\n")
		return err
	}
}

// TestMeasure checks that a run that fails or measures nothing leaves the file of
// the last one alone, and what a file begins with.
func TestMeasure(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "conv.txt")
	p := pieces()[slices.IndexFunc(pieces(), func(p piece) bool { return p.name == "conv" })]
	flags := peerFlags{"onednn", "/where/libonnxruntime.so"}
	const output = "onnxruntime: /where/libonnxruntime.so\nBenchmarkConv/impl=a 1 5 ns/op\n"
	missing, err := measure(t.Context(), root, dir, p, flags, false, fakeGo(output, nil))
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"left out: x of libonnxruntime.so"}; !slices.Equal(missing, want) {
		t.Errorf("missing %q, want %q", missing, want)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	const command = "command: go test -C benchmarks/compare -tags=onednn -run=NONE -bench=Conv -benchtime=40ms -count=3 ./peers -nets="
	if !strings.HasPrefix(string(text), command) || !strings.Contains(string(text), `-onnxruntime="$ONNXRUNTIME"`) {
		t.Errorf("begins otherwise than %s:\n%s", command, text)
	}
	for _, want := range []string{"\ndate: 20", "\ncommit: ", "\nmachine: ", "\ncores: ", "\ncaches: L1 ", "\n# left out: x of libonnxruntime.so\n", "\nBenchmarkConv/impl=a 1 5 ns/op\n"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if strings.Contains(string(text), "/where") {
		t.Errorf("a folder of this machine in\n%s", text)
	}
	for _, run := range []goCommand{fakeGo(output, errors.New("exit status 1")), fakeGo("PASS\n", nil)} {
		if _, err := measure(t.Context(), root, dir, p, flags, false, run); err == nil || !strings.HasPrefix(err.Error(), "conv: ") {
			t.Errorf("error %v, want one of conv", err)
		}
		if after, err := os.ReadFile(file); err != nil || !bytes.Equal(text, after) {
			t.Errorf("a run that failed changed the file (%v)", err)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".simdconv-*")); len(left) > 0 {
		t.Errorf("left behind: %s", left)
	}
}

// TestPieces checks that the suite takes the flags of every piece.
func TestPieces(t *testing.T) {
	if tier, err := kernels.BestTier(); err != nil || tier == kernels.TierGeneric {
		t.Skipf("tier %v has no peers (%v)", tier, err)
	}
	for _, p := range pieces() {
		for _, quick := range []bool{false, true} {
			args := p.command(peerFlags{}, quick)
			folder := slices.IndexFunc(args, func(a string) bool { return strings.HasPrefix(a, "./") })
			var s suite.Settings
			f := flag.NewFlagSet(p.name, flag.ContinueOnError)
			f.SetOutput(t.Output())
			s.Register(f)
			if err := f.Parse(args[folder+1:]); err != nil {
				t.Fatal(err)
			}
			tour, err := s.Resolve()
			if err != nil {
				t.Errorf("%s: %v", p.name, err)
				continue
			}
			if rows, err := tour.ConvRows(); strings.HasPrefix(p.bench, "Conv") && (err != nil || len(rows) == 0) {
				t.Errorf("%s: %d rows, %v", p.name, len(rows), err)
			}
		}
	}
	if got := threadCounts(12); got != "1,2,4,8,12" {
		t.Errorf("threads %s", got)
	}
}

func TestSlug(t *testing.T) {
	for _, c := range []struct {
		brand         string
		vendor        cpuid.Vendor
		family, model int
		want          string
	}{
		{"AMD EPYC", cpuid.AMD, 25, 17, "amd-epyc-zen4-family25-model17-avx512"},
		{"AMD Ryzen 9 9950X 16-Core Processor", cpuid.AMD, 26, 68, "amd-ryzen-9-9950x-zen5-family26-model68-avx512"},
		{"Intel(R) Xeon(R) Platinum 8375C CPU @ 2.90GHz", cpuid.Intel, 6, 106, "intel-xeon-platinum-8375c-family6-model106-avx512"},
		{"", cpuid.VendorUnknown, 0, 0, runtime.GOARCH + "-family0-model0-avx512"},
	} {
		info := cpuid.CPUInfo{BrandName: c.brand, VendorID: c.vendor, Family: c.family, Model: c.model}
		if got := slug(info, kernels.TierAVX512); got != c.want {
			t.Errorf("%q: %s, want %s", c.brand, got, c.want)
		}
	}
}

// TestFlags checks flags, and pages made without measuring.
func TestFlags(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata/results")); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args string
		code int
		want string
	}{
		{"-h", 0, "usage: compare report"},
		{"-fast", 2, "flag provided but not defined"},
		{"-quick", 2, "-quick without -out"},
		{"conv", 2, `unexpected argument "conv"`},
		{"-root=. -charts", 1, "-root . is not the root of the repository"},
		{"-root=" + root + " -only=x -out=" + dir, 1, `-only=x: no piece "x", want some of roof,algorithms,conv,backward,cold,networks,threads,gemm,memory,net`},
		{"-root=" + root + " -charts -out=" + t.TempDir(), 1, "no files of results"},
		{"-root=" + root + " -charts -out=" + dir, 0, ""},
	} {
		var out bytes.Buffer
		if code := Main(t.Context(), strings.Fields(c.args), &out, &out); code != c.code || !strings.Contains(out.String(), c.want) {
			t.Errorf("%s: code %d, want %d, with %q:\n%s", c.args, code, c.code, c.want, &out)
		}
	}
	if page, err := os.ReadFile(filepath.Join(dir, "README.md")); err != nil || !strings.Contains(string(page), "(roofline.svg)") {
		t.Errorf("the page: %v\n%s", err, page)
	}
}

// TestLibraryFile asks for a library whose file is not there.
func TestLibraryFile(t *testing.T) {
	t.Setenv(onnxruntimeFile, "/no/such.so")
	var out bytes.Buffer
	code := Main(t.Context(), []string{"-root=" + root, "-only=conv", "-out=" + t.TempDir()}, &out, &out)
	if want := "report: ONNXRUNTIME: stat /no/such.so: no such file or directory; name libonnxruntime.so.1"; code != 1 || !strings.HasPrefix(out.String(), want) {
		t.Errorf("code %d, want %q in\n%s", code, want, &out)
	}
}
