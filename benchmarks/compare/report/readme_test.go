package report

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestLayers checks the figures of the table of layers against files written for it,
// and that a figure that changes in a file changes the table.
func TestLayers(t *testing.T) {
	block := func(r results) string {
		t.Helper()
		b, err := r.layersText("results/x")
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	r := fixture(t)
	got := block(r)
	for _, want := range []string{
		"| % of the FMA peak | naive | im2col | direct | **auto** | oneDNN best | oneDNN NHWC | ONNX Runtime | **auto, cold** | oneDNN best, cold |\n",
		"| ResNet-34: 3x3, 56x56x64 → 64 | 1.4 | 73 | 99 | 311 | 194 | 101 | 96 | 251 | 155 |\n",
		"| the lecture's CNN: all layers, time relative to simdconv auto's |  |  |  | 1.00 | 2.00 |",
		"- [cold.txt](results/x/cold.txt): `go test -run=NONE -bench=Conv ./example`\n",
		"Example CPU, family 1, model 2, stepping 3, 2 cores, L1 32 KiB, L2 1024 KiB, L3 32768 KiB, avx512, 2026-01-02 12:00",
		"about 115 GFLOP/s",
		"output channels. oneDNN 2.6.3.\n",
		"\n![Layers of ResNet-34, forward, against the FMA roof](results/x/layers_resnet34_fwd.svg)\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	row := r["cold"].find("impl=onednn")[0]
	row.values["%peak"]++
	if changed := strings.Replace(got, "| 155 |", "| 156 |", 1); block(r) != changed {
		t.Errorf("one figure changed:\n%s\nwant\n%s", block(r), changed)
	}
}

func TestReplaceSection(t *testing.T) {
	const before = "# Title\n\n<!-- a of results/a -->\nold\n<!-- end of a -->\n\nafter\n"
	got, err := replaceSection(before, "a", "results/b", "new\n")
	if want := "# Title\n\n<!-- a of results/b -->\nnew\n<!-- end of a -->\n\nafter\n"; err != nil || got != want {
		t.Errorf("%q, %v, want %q", got, err, want)
	}
	for _, bad := range []string{"", "<!-- a of x -->\n", "<!-- end of a -->\n", before + before} {
		if _, err := replaceSection(bad, "a", "results/b", "new\n"); err == nil {
			t.Errorf("no error for %q", bad)
		}
	}
}

// TestPage checks one figure of each section of the page.
func TestPage(t *testing.T) {
	r := fixture(t)
	page, err := r.page([]string{"layers_resnet34_fwd.svg", "scaling.svg"})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"![Layers of ResNet-34, forward, against the FMA roof](layers_resnet34_fwd.svg)",
		"![Scaling over threads](scaling.svg)",
		"## Forward, cold: ResNet-34\n\n| ResNet-34, % of the FMA peak | auto | oneDNN best |\n| --- | --: | --: |\n| 3x3, 56x56x64 → 64 | 251 | 155 |\n",
		"## Gradient of the input: ResNet-34",
		"| 3x3, 56x56x64 → 64 | 290 | 160 |\n",
		"## Forward on all threads: ResNet-34",
		"| 3x3, 56x56x64 → 64 | 279 | 180 |\n",
		"| m x n x k, % of the FMA peak | simdconv | OpenBLAS |\n",
		"| 1024 x 1024 x 1024 | 90 | 87 |\n",
		"| pool max 2x2_s2 56x56x64 fwd | 80 | 60 |\n",
		"| vec add 32768 | 95 |  |\n",
		"| ResNet-34 | 8 | 2 | 132 | 170 | 726 | 95 |\n",
		"- [train_mnist.txt](train_mnist.txt), of longer runs: 2026-01-01, commit 0123456;",
		"- [roof.txt](roof.txt), the machine alone",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in\n%s", want, page)
		}
	}
	if figures, chart := strings.Index(page, "| --"), strings.Index(page, "!["); strings.Index(page, "Before you read") > min(figures, chart) {
		t.Error("figures before the caveats")
	}
}

// fixture reads results of few rows.
func fixture(t *testing.T) results {
	t.Helper()
	r, err := readFolder("testdata/results")
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestReadFolder(t *testing.T) {
	if _, err := readFolder(t.TempDir()); err == nil {
		t.Error("an empty folder is no error")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "conv.txt"), bytes.Repeat([]byte("key: value\n"), 2), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := readFolder(dir); err == nil {
		t.Error("a file without results is no error")
	}
}
