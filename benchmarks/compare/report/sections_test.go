package report

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestSections checks figures of each section but the layers' against files written
// for it.
func TestSections(t *testing.T) {
	r := fixture(t)
	want := map[string][]string{
		"products": {
			"in [gemm.txt](results/x/gemm.txt), Example CPU, family 1, model 2, stepping 3, 2026-01-01 12:00, commit 0123456789ab",
			"| m x n x k, % of the FMA peak | **simdconv** | OpenBLAS | **simdconv, 2 threads** |\n",
			"| 1024 x 1024 x 1024 | 90 | 87 | 88 |\n",
		},
		"networks of " + rootPage: {
			"| % of the FMA peak (ms) | simdconv | PyTorch 2.15.0 |\n",
			"| the same, eight images | 200 (250) |  |\n| the same, two threads | 190 (130) | 95 (266) |\n",
		},
		"networks of " + frameworksPage: {
			"- `frameworks/alternate.sh resnet34`\n",
			"| resnet34 | infer | 8 | 1 | 200 (250) |  |\n| resnet34 | infer | 8 | 2 | 190 (130) | 95 (266) |\n",
			"| resnet34 | infer | 8 | 2 | 1.00 | 2.05 |\n",
		},
		"avx2 of " + frameworksPage: {"| lecture_cnn | train | 32 | 2 | 191 (76.4) |\n"},
		"training":                  {"- 98.76% right after 5 minutes, lecture CNN, ", ": `bin/lecture train -data mnist` ([train_mnist.txt](results/x/train_mnist.txt), Example CPU"},
		"sums": {
			"| the lecture's CNN, forward | 1 | 1 | 1.25 | 1.25 |\n",
			"| the lecture's CNN, gradient of the weights | 1 | 1 | 1.50 | 2.00 |\n",
			"| the lecture's CNN, a step of training | 1 | 1 | 1.46 | 1.87 |\n", // without 100,000 of the first layer
		},
		"sums beside oneDNN 3.2":  {"oneDNN 3.2.0, [peers_onednn32.txt]", "| the lecture's CNN, forward | 1 | 1 | 2.00 | 2.00 |\n"},
		"sums beside oneDNN 3.13": {"oneDNN 3.13.2, [peers_onednn313.txt]", "| the lecture's CNN, forward | 1 | 1 | 2.50 | 2.50 |\n"},
		"survey": {
			"| lecture_cnn conv1_7x7 | 89/100* | 89/100* |",
			"| forward NHWC | 3 of 5 | 0 of 0 |\n",
		},
		"memory of " + frameworksPage: {"| simdconv | 500 | 1.00 |\n| pytorch | 850 | 1.70 |\n", "are 210 of it as planned, 770 if"},
		"memory of " + comparePage:    {"| max 2x2_s2 fwd 112x112x64 | 92 / 82 | 84 / 58 |\n"},
		"avx2 of " + comparePage:      {"| 3x3, 56x56x64 → 64 | 210 |\n", "| 64 x 64 x 64 | 82 | 86 |\n"},
	}
	for _, s := range sections {
		lines := want[s.name]
		if lines == nil {
			lines = want[s.name+" of "+s.page]
		}
		if lines == nil && s.name != "layers" {
			t.Errorf("nothing to look for in %s of %s", s.name, s.page)
		}
		got, err := s.text(r, "results/x")
		if err != nil {
			t.Errorf("%s of %s: %v", s.name, s.page, err)
		}
		for _, l := range lines {
			if !strings.Contains(got, l) {
				t.Errorf("%s of %s: no %q in\n%s", s.name, s.page, l, got)
			}
		}
	}
}

// TestFill fills the pages of a copy. A section whose file is not there stays.
func TestFill(t *testing.T) {
	dir := t.TempDir()
	for _, page := range []string{rootPage, comparePage, frameworksPage} {
		text := "# Title\n"
		for _, s := range sections {
			if s.page == page {
				text += "\n<!-- " + s.name + " of results/old -->\nold\n<!-- end of " + s.name + " -->\n"
			}
		}
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(page)), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, page), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	r := fixture(t)
	delete(r, "peers_frameworks")
	if err := r.fill(dir, "results/new"); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, comparePage))
	if err != nil || strings.Contains(string(text), "old") || !strings.Contains(string(text), "[peers_totals.txt](../../results/new/peers_totals.txt)") {
		t.Errorf("%s (%v):\n%s", comparePage, err, text)
	}
	text, err = os.ReadFile(filepath.Join(dir, frameworksPage))
	if err != nil || !strings.Contains(string(text), "<!-- networks of results/old -->\nold\n") || !strings.Contains(string(text), "<!-- avx2 of results/new -->\n") {
		t.Errorf("%s (%v):\n%s", frameworksPage, err, text)
	}
}

// TestTraining refuses a file without a result, or of two commands.
func TestTraining(t *testing.T) {
	text, err := os.ReadFile("testdata/results/train_mnist.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"", "\n\n", strings.Replace(string(text), "Test - ", "", 1), "# command: x\n" + string(text)} {
		name := filepath.Join(t.TempDir(), "train_mnist.txt")
		if err := os.WriteFile(name, []byte(bad), 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := readTraining(name); err == nil {
			t.Errorf("no error for %q", bad)
		}
	}
}
