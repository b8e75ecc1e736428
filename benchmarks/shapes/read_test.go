package shapes_test

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/simdconv/simdconv/benchmarks/shapes"
	"github.com/simdconv/simdconv/kernels/geometry"
)

func TestReadLayers(t *testing.T) {
	const file = "# a comment\n\n" +
		"a_1\t3 8 6  5 3 1 2 1,0,2,1 4 # another\r\n" +
		"b   1 5 5 1 5 5 1 valid 1" // without a newline
	got, err := shapes.ReadLayers("f.txt", strings.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	want := []shapes.Layer{
		{Name: "a_1", C: 3, K: 5, Times: 4, Window: geometry.Window{H: 8, W: 6, R: 3, S: 1, StrideH: 2, StrideW: 2,
			DilationH: 1, DilationW: 1, Padding: geometry.Padding{Top: 1, Bottom: 0, Left: 2, Right: 1}}},
		{Name: "b", C: 1, K: 1, Times: 1, Window: geometry.Window{H: 5, W: 5, R: 5, S: 5, StrideH: 1, StrideW: 1,
			DilationH: 1, DilationW: 1}},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestReadErrors(t *testing.T) {
	const ok = "a 1 8 8 1 3 3 1 same 1\n"
	for _, c := range []struct{ file, want string }{
		{"", "f.txt: no rows"},
		{"# nothing\n", "f.txt: no rows"},
		{ok + "b 1 8 8 1 3 3 1 same\n", "f.txt:2: 9 columns, want 10: name c h w k r s stride pad times"},
		{"b 1 8 8 1 3 3 1 same 1 1\n", "f.txt:1: 11 columns, want 10"},
		{"b # 1 8 8 1 3 3 1 same 1\n", "f.txt:1: 1 columns, want 10"},
		{"b x 8 8 1 3 3 1 same 1\n", `f.txt:1: c is "x", want an integer from 1 to 16777216`},
		{"b 1 0 8 1 3 3 1 same 1\n", `f.txt:1: h is "0", want`},
		{"b 1 8 -8 1 3 3 1 same 1\n", `f.txt:1: w is "-8", want`},
		{"b 1 8 8 1.5 3 3 1 same 1\n", `f.txt:1: k is "1.5", want`},
		{"b 1 8 8 1 99999999999999999999 3 1 same 1\n", `f.txt:1: r is "99999999999999999999", want`},
		{"b 1 8 8 1 3 16777217 1 same 1\n", `f.txt:1: s is "16777217", want`},
		{"b 1 8 8 1 3 3 0 same 1\n", `f.txt:1: stride is "0", want`},
		{"b 1 8 8 1 3 3 1 same 0\n", `f.txt:1: times is "0", want`},
		{"b 1 8 8 1 3 3 1 full 1\n", `f.txt:1: pad is "full", want same, valid or top,bottom,left,right`},
		{"b 1 8 8 1 3 3 1 1,1 1\n", `f.txt:1: pad is "1,1", want`},
		{"b 1 8 8 1 3 3 1 1,1,1,1,1 1\n", `f.txt:1: pad is "1,1,1,1,1", want`},
		{"b 1 8 8 1 3 3 1 1,1,-1,1 1\n", `f.txt:1: pad is "1,1,-1,1", want`},
		{"b 1 8 8 1 3 3 1 1,1,,1 1\n", `f.txt:1: pad is "1,1,,1", want`},
		{"B 1 8 8 1 3 3 1 same 1\n", `f.txt:1: name is "B", want lower-case`},
		{"a/b 1 8 8 1 3 3 1 same 1\n", `f.txt:1: name is "a/b", want`},
		{"a=b 1 8 8 1 3 3 1 same 1\n", `f.txt:1: name is "a=b", want`},
		{ok + "\n" + ok, `f.txt:3: name is "a", want a name that line 1 does not have`},
		{"b 1 2 8 1 3 3 1 valid 1\n", "f.txt:1: geometry: vertical window of 3 taps"},
		{"b 16777216 16777216 8 1 3 3 1 same 1\n", "f.txt:1: geometry: [16777216 8 16777216] has more than"},
		{"b 16777216 8 8 16777216 3 3 1 same 1\n", "f.txt:1: geometry: [3 3 16777216 16777216] has more than"},
		{"b 1 16777216 8 16777216 1 1 1 same 1\n", "f.txt:1: geometry: [16777216 8 16777216] has more than"},
		{strings.Repeat("b", 1<<17), "f.txt:1: bufio.Scanner: token too long"},
		{ok + strings.Repeat("b", 1<<17), "f.txt:2: bufio.Scanner: token too long"},
	} {
		got, err := shapes.ReadLayers("f.txt", strings.NewReader(c.file))
		checkError(t, c.file, got, err, c.want)
	}
	var many strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&many, "b%d 1 8 8 1 3 3 1 same 1\n", i)
	}
	got, err := shapes.ReadLayers("f.txt", strings.NewReader(many.String()))
	checkError(t, "5000 rows", got, err, "f.txt:4097: more than 4096 rows")

	broken := io.MultiReader(strings.NewReader(ok), iotest.ErrReader(errors.New("the disk burns")))
	got, err = shapes.ReadLayers("f.txt", broken)
	checkError(t, "broken reader", got, err, "f.txt:2: the disk burns")
}

func TestReadProductErrors(t *testing.T) {
	for _, c := range []struct{ file, want string }{
		{"", "f.txt: no rows, want at least one of m n k"},
		{"1 2\n", "f.txt:1: 2 columns, want 3: m n k"},
		{"1 2 3\n\n1 2 x\n", `f.txt:3: k is "x", want an integer from 1 to 16777216`},
		{"0 2 3\n", `f.txt:1: m is "0", want`},
		{"16777216 3 16777217\n", `f.txt:1: k is "16777217", want`},
		{"16777216 3 16777216\n", "f.txt:1: geometry: [16777216 16777216] has more than"},
		{"1 2 3\n1 2 3\n", "f.txt:2: 1 x 2 x 3 is in line 1 already"},
	} {
		got, err := shapes.ReadProducts("f.txt", strings.NewReader(c.file))
		checkError(t, c.file, got, err, c.want)
	}
	got, err := shapes.ReadProducts("f.txt", strings.NewReader("1 2 3 # comment\n3 2 1"))
	if want := []shapes.Product{{M: 1, N: 2, K: 3}, {M: 3, N: 2, K: 1}}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
}

func TestUnknownNetwork(t *testing.T) {
	for _, name := range []string{"", "resnet", "gemm", "../shapes/resnet34", "resnet34.txt"} {
		got, err := shapes.Layers(name)
		checkError(t, name, got, err, fmt.Sprintf("unknown network %q, want one of alexnet, corners, googlenet, lecture_cnn, resnet34, resnet50, vgg16, vgg19", name))
	}
}

func checkError[T any](t *testing.T, file string, got []T, err error, want string) {
	t.Helper()
	switch {
	case err == nil:
		t.Errorf("%.60q: no error, want %q", file, want)
	case !strings.HasPrefix(err.Error(), want):
		t.Errorf("%.60q: error %q, want %q", file, err, want)
	case got != nil:
		t.Errorf("%.60q: rows beside the error", file)
	}
}

// FuzzReadLayers checks that whatever is accepted can be benchmarked: every
// operand has a size, names are unique, and the same rows written out by the
// book are the same layers.
func FuzzReadLayers(f *testing.F) {
	f.Add("a 1 8 8 1 3 3 1 same 1\nb 3 9 7 2 1 3 2 0,1,2,0 12 # c\n")
	f.Add("c 64 14 14 128 3 3 2 valid 1")
	f.Add("d 1 1 1 1 1 1 1 16777216,16777216,0,0 1")
	f.Fuzz(func(t *testing.T, file string) {
		layers, err := shapes.ReadLayers("f.txt", strings.NewReader(file))
		if err != nil {
			if !strings.HasPrefix(err.Error(), "f.txt:") {
				t.Errorf("error %q does not name the file", err)
			}
			return
		}
		var b strings.Builder
		for _, l := range layers {
			oh, ow := l.Out()
			for _, dims := range [][]int{{l.H, l.W, l.C}, {oh, ow, l.K}, {l.R, l.S, l.C, l.K}} {
				if n, err := geometry.Volume(dims...); err != nil || n < 1 {
					t.Errorf("%+v: operand %v: %d, %v", l, dims, n, err)
				}
			}
			if l.FLOP(1) < 2 || l.Times < 1 {
				t.Errorf("%+v: %g FLOP, %d times", l, l.FLOP(1), l.Times)
			}
			fmt.Fprintln(&b, l.Name, l.C, l.H, l.W, l.K, l.R, l.S, l.StrideH,
				fmt.Sprintf("%d,%d,%d,%d", l.Top, l.Bottom, l.Left, l.Right), l.Times)
		}
		again, err := shapes.ReadLayers("f.txt", strings.NewReader(b.String()))
		if err != nil || !slices.Equal(again, layers) {
			t.Errorf("written out:\n%s\nread back: %+v, %v", &b, again, err)
		}
	})
}
