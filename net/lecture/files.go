package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// checkFiles reports two flags that would write the same file, whatever links lead
// to it.
func (t *training) checkFiles() error {
	type output struct{ name, path string }
	var taken []output
	for _, f := range []output{{"weights", t.weights}, {"checkpoint", t.checkpoint}, {"log", t.log}, {"curves", t.curves}} {
		if f.path == "" {
			continue
		}
		for _, other := range taken {
			if !sameFile(other.path, f.path) {
				continue
			}
			if filepath.Clean(other.path) == filepath.Clean(f.path) {
				return usagef("-%s and -%s are both %q, want a file for each", other.name, f.name, f.path)
			}
			return usagef("-%s %q and -%s %q are the same file, want one for each", other.name, other.path, f.name, f.path)
		}
		taken = append(taken, f)
	}
	return nil
}

// sameFile reports whether two paths lead to one file, which need not be there yet.
func sameFile(a, b string) bool {
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	if errX == nil && errY == nil {
		return os.SameFile(x, y)
	}
	return destination(a) == destination(b)
}

// maxLinks is how many links in a row are followed, as Linux does.
const maxLinks = 40

// destination returns where a file would be written.
func destination(path string) string {
	for range maxLinks {
		to, err := os.Readlink(path)
		if err != nil {
			break
		}
		if !filepath.IsAbs(to) {
			to = filepath.Join(filepath.Dir(path), to)
		}
		path = to
	}
	dir, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		return filepath.Clean(path)
	}
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	return filepath.Join(dir, filepath.Base(path))
}

// writable reports, before hours of training, that a file could not be saved.
func writable(path string) error {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("%s is not a regular file", path)
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".lecture-*.tmp")
	if err != nil {
		return err
	}
	return firstError(f.Close(), os.Remove(f.Name()))
}
