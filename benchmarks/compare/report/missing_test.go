package report

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestMissing makes the page and the sections of each file alone, and of all files
// without the rows of one program: what is not there is left out.
func TestMissing(t *testing.T) {
	check := func(what string, r results) {
		if _, err := r.page(nil); err != nil {
			t.Errorf("%s: %v", what, err)
		}
		for _, s := range sections {
			if r[s.file] == nil {
				continue
			}
			if text, err := s.text(r, "results/x"); err != nil || strings.Contains(text, "NaN") || strings.Contains(text, "Inf") {
				t.Errorf("%s: %s of %s: %v\n%s", what, s.name, s.page, err, text)
			}
		}
	}
	all := fixture(t)
	for name, f := range all {
		check(name+" alone", results{name: f})
	}
	for _, gone := range []string{"impl=simdconv", "impl=onednn", "impl="} {
		r := results{}
		for name, f := range all {
			less := *f
			less.rows = slices.DeleteFunc(slices.Clone(f.rows), func(r row) bool { return r.is(gone) })
			if r[name] = &less; len(less.rows) == 0 && len(f.rows) > 0 {
				delete(r, name) // readFile refuses it
			}
		}
		check("without "+gone, r)
	}
}

// TestSurveyAlone names no file of products where there is none.
func TestSurveyAlone(t *testing.T) {
	r := fixture(t)
	delete(r, "gemm")
	if text, err := r.surveyText("results/x"); err != nil || strings.Contains(text, "gemm.txt") || strings.Contains(text, "m x n x k") {
		t.Errorf("%v, products in\n%s", err, text)
	}
}

// TestTrainingHeader reads a header with a line that has no key.
func TestTrainingHeader(t *testing.T) {
	text, err := os.ReadFile("testdata/results/train_mnist.txt")
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "train_mnist.txt")
	if err := os.WriteFile(name, append([]byte(": x\n"), text...), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := readTraining(name); err != nil {
		t.Error(err)
	}
}

// TestFirstFramework reads files whose first rows are another's: times are relative
// to this library's all the same.
func TestFirstFramework(t *testing.T) {
	r := fixture(t)
	slices.Reverse(r["peers_frameworks"].rows)
	text, err := r.frameworksText("results/x")
	if want := "| resnet34 | infer | 8 | 2 | 2.05 | 1.00 |\n"; err != nil || !strings.Contains(text, want) {
		t.Errorf("%v, no %q in\n%s", err, want, text)
	}
	slices.Reverse(r["peers_training_memory"].rows)
	text, err = r.trainingMemoryText("results/x")
	for _, want := range []string{"| pytorch | 850 | 1.70 |\n", "are 210 of it as planned, 770 if"} {
		if err != nil || !strings.Contains(text, want) {
			t.Errorf("%v, no %q in\n%s", err, want, text)
		}
	}
}

// TestFillAll leaves every page as it was where one cannot be filled.
func TestFillAll(t *testing.T) {
	dir := t.TempDir()
	for _, page := range []string{rootPage, comparePage, frameworksPage} {
		text := "# Title\n"
		for _, s := range sections {
			if s.page == page && page != frameworksPage {
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
	if err := fixture(t).fill(dir, "results/new"); err == nil || !strings.Contains(err.Error(), frameworksPage) {
		t.Errorf("error %v, want one of %s", err, frameworksPage)
	}
	text, err := os.ReadFile(filepath.Join(dir, rootPage))
	if err != nil || strings.Contains(string(text), "results/new") {
		t.Errorf("%s is filled (%v):\n%s", rootPage, err, text)
	}
}
