package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSameFile(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	for _, err := range []error{
		os.WriteFile(at("a"), nil, 0o666), os.WriteFile(at("b"), nil, 0o666), os.Mkdir(at("d"), 0o777),
		os.Link(at("a"), at("hard")), os.Symlink("a", at("soft")), os.Symlink("d", at("also d")),
		os.Symlink("d/none", at("nowhere")), os.Symlink("loop", at("loop")),
	} {
		if err != nil {
			t.Skipf("no links: %v", err)
		}
	}
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"a", "b", false}, {"a", "a", true}, {"a", "d/../a", true}, {"a", "hard", true}, {"a", "soft", true}, {"hard", "soft", true}, {"b", "soft", false},
		{"new", "new", true}, {"new", "newer", false}, {"d/new", "also d/new", true}, {"d/new", "new", false},
		{"nowhere", "d/none", true}, {"nowhere", "also d/none", true}, {"nowhere", "d/new", false}, {"a", "new", false}, {"loop", "a", false},
	} {
		if got := sameFile(at(c.a), at(c.b)); got != c.want {
			t.Errorf("%s and %s: %v, want %v", c.a, c.b, got, c.want)
		}
	}
	_, errs := lecture(t, exitUsage, "train", "-weights", at("a"), "-checkpoint", at("soft"))
	if want := "are the same file, want one for each"; !strings.Contains(errs, want) {
		t.Errorf("%q, want %q in it", errs, want)
	}
}
