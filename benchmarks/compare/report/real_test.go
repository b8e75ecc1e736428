package report

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// readPage returns a page of the repository.
func readPage(t *testing.T, page string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, page))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestReadme checks that every figure of the sections of all pages, of the page
// beside the results, and of its charts, is what the files of results say.
func TestReadme(t *testing.T) {
	read := map[string]results{}
	for _, s := range sections {
		text := readPage(t, s.page)
		place, err := find(text, s.name)
		if err != nil {
			t.Fatalf("%s: %v", s.page, err)
		}
		r := read[place.folder]
		if r == nil {
			if r, err = readFolder(filepath.Join(root, place.folder)); err != nil {
				t.Fatal(err)
			}
			read[place.folder] = r
		}
		if r[s.file] == nil {
			t.Errorf("%s: %s is of %s, which has no %s.txt", s.page, s.name, place.folder, s.file)
			continue
		}
		want, err := r.filled(s.page, text, place.folder)
		if err != nil {
			t.Fatal(err)
		}
		if want != text {
			t.Errorf("%s differs from what make charts writes; its section %s has\n%s", s.page, s.name, text[place.begin:place.end])
		}
	}
	place, err := find(readPage(t, rootPage), "layers")
	if err != nil {
		t.Fatal(err)
	}
	r := read[place.folder]
	dir := t.TempDir()
	charts, err := r.charts(dir)
	if err != nil {
		t.Fatal(err)
	}
	text, err := r.page(charts)
	if err != nil {
		t.Fatal(err)
	}
	if text != readPage(t, place.folder+"/README.md") {
		t.Errorf("%s/README.md differs from what make charts writes", place.folder)
	}
	for _, c := range charts {
		want, err := os.ReadFile(filepath.Join(dir, c))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(filepath.Join(root, place.folder, c)); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s/%s differs from what make charts writes (%v)", place.folder, c, err)
		}
	}
}

// TestReadmeProse holds the root's README.md to figures that no machine measured,
// and rough ones of how far measurements are off, outside its sections and its code.
// It is short, and has its caveats first.
func TestReadmeProse(t *testing.T) {
	readme := readPage(t, rootPage)
	if n := strings.Count(readme, "\n"); n >= 200 {
		t.Errorf("README.md has %d lines, want fewer than 200", n)
	}
	if caveats, table := strings.Index(readme, "Before you read a figure"), strings.Index(readme, "| --"); caveats < 0 || table < caveats {
		t.Error("README.md has figures before the caveats")
	}
	text, err := outside(rootPage, readme)
	if err != nil {
		t.Fatal(err)
	}
	for _, skip := range []string{"(?s)```.*?```", "`[^`]*`", `\]\([^)]*\)`} {
		text = regexp.MustCompile(skip).ReplaceAllString(text, "")
	}
	known := strings.Fields("2 3 4 5 6 14 16 32 64 512 2,500 100 3x3 25%")
	found := regexp.MustCompile(`[0-9][0-9.,x^]*%?`).FindAllString(text, -1)
	for _, f := range found {
		if f = strings.TrimRight(f, ".,"); !slices.Contains(known, f) {
			t.Errorf("README.md says %q outside of its sections: what was measured belongs into one, else add it here", f)
		}
	}
	if len(found) < len(known) {
		t.Errorf("found %d figures, fewer than are known", len(found))
	}
}
