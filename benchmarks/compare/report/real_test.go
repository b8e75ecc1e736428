package report

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// TestReadme checks that every figure of the block in the root's README.md, of the
// page beside the results, and of its charts, is what the files of results say.
func TestReadme(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	place, err := findBlock(string(readme))
	if err != nil {
		t.Fatal(err)
	}
	r, err := readFolder(filepath.Join(root, place.folder))
	if err != nil {
		t.Fatal(err)
	}
	want, err := r.block(place.folder)
	if err != nil {
		t.Fatal(err)
	}
	if got := string(readme[place.begin:place.end]); got != want {
		t.Errorf("README.md has\n%s\nwant, by make charts,\n%s", got, want)
	}
	page, err := os.ReadFile(filepath.Join(root, place.folder, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	charts, err := r.charts(dir)
	if err != nil {
		t.Fatal(err)
	}
	text, err := r.page(charts)
	if err != nil {
		t.Fatal(err)
	}
	if text != string(page) {
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
