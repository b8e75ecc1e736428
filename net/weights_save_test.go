package net

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"
)

// entries returns the names in a folder.
func entries(t testing.TB, dir string) []string {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range list {
		names = append(names, e.Name())
	}
	return names
}

var errDiskFull = errors.New("disk full")

// A fullDisk passes on so many bytes and no more.
type fullDisk struct {
	w    io.Writer
	left int
}

func (f *fullDisk) Write(b []byte) (int, error) {
	n, err := f.w.Write(b[:min(len(b), f.left)])
	f.left -= n
	if err == nil && n < len(b) {
		err = errDiskFull
	}
	return n, err
}

// Wherever writing fails, the old file stays and nothing lies beside it.
func TestSaveFails(t *testing.T) {
	m := weighty(t, 1)
	dir := t.TempDir()
	path := filepath.Join(dir, "w.safetensors")
	for _, old := range []string{"", "what was there before"} {
		var want []string
		if old != "" {
			if err := os.WriteFile(path, []byte(old), 0o666); err != nil {
				t.Fatal(err)
			}
			want = []string{"w.safetensors"}
		}
		for n := 0; n < len(saved(t, m)); n += 97 {
			err := replaceFile(path, func(w io.Writer) error { return m.WriteWeights(&fullDisk{w, n}) })
			if !errors.Is(err, errDiskFull) {
				t.Fatalf("full after %d bytes: %v", n, err)
			}
			if got := entries(t, dir); !slices.Equal(got, want) {
				t.Fatalf("full after %d bytes: the folder has %q, want %q", n, got, want)
			}
		}
		if old == "" {
			continue
		}
		if b, err := os.ReadFile(path); err != nil || string(b) != old {
			t.Errorf("the old file became %q, %v", b, err)
		}
	}
	f, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("no /dev/full")
	}
	defer f.Close()
	if err := m.WriteWeights(f); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("/dev/full: %v", err)
	}
}

func TestSaveRenameFails(t *testing.T) {
	m := weighty(t, 1)
	dir := t.TempDir()
	path := filepath.Join(dir, "w")
	// A folder that appears while the file is written cannot be replaced by it.
	err := replaceFile(path, func(w io.Writer) error {
		return errors.Join(m.WriteWeights(w), os.MkdirAll(filepath.Join(path, "full"), 0o777))
	})
	wantError(t, "a folder appears", err, "net: rename")
	wantError(t, "a folder", m.SaveWeights(path), "is not a regular file but d")
	if got := entries(t, dir); !slices.Equal(got, []string{"w"}) {
		t.Errorf("the folder has %q, want w", got)
	}
	if err := m.SaveWeights(filepath.Join(dir, "none", "w")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no folder: %v", err)
	}
	if _, err := os.Stat(os.DevNull); err == nil && runtime.GOOS != "windows" {
		wantError(t, "a device", m.SaveWeights(os.DevNull), "is not a regular file")
	}
}

func TestSaveReadOnlyFolder(t *testing.T) {
	if os.Geteuid() <= 0 {
		t.Skip("this user may write to read-only folders")
	}
	m, dir := weighty(t, 1), t.TempDir()
	if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod(dir, 0o777)
	if err := m.SaveWeights(filepath.Join(dir, "new")); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("a read-only folder: %v", err)
	}
}

func TestSavePermissions(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no permissions on windows")
	}
	m := weighty(t, 1)
	dir := t.TempDir()
	mode := func(name string) fs.FileMode {
		t.Helper()
		info, err := os.Lstat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return info.Mode()
	}
	save := func(name string) {
		t.Helper()
		if err := m.SaveWeights(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "plain"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	save("new")
	if got, want := mode("new"), mode("plain"); got != want {
		t.Errorf("a new file is %v, want %v as any new file", got, want)
	}
	if err := os.Chmod(filepath.Join(dir, "new"), 0o640); err != nil {
		t.Fatal(err)
	}
	save("new")
	if got := mode("new"); got != 0o640 {
		t.Errorf("a replaced file is %v, want -rw-r-----", got)
	}
	if err := os.Symlink("plain", filepath.Join(dir, "link")); err != nil {
		t.Skip("no symbolic links:", err)
	}
	save("link")
	if mode("link")&fs.ModeSymlink == 0 {
		t.Error("the link was replaced")
	}
	if b, err := os.ReadFile(filepath.Join(dir, "plain")); err != nil || !bytes.Equal(b, saved(t, m)) {
		t.Errorf("the link's target has %d bytes, %v", len(b), err)
	}
	// Links may lead to what is not there yet.
	for from, to := range map[string]string{"first": "second", "second": filepath.Join(dir, "third"), "round": "round"} {
		if err := os.Symlink(to, filepath.Join(dir, from)); err != nil {
			t.Fatal(err)
		}
	}
	save("first")
	if mode("first")&fs.ModeSymlink == 0 || mode("second")&fs.ModeSymlink == 0 || !mode("third").IsRegular() {
		t.Error("a link to what is not there was replaced")
	}
	if err := m.SaveWeights(filepath.Join(dir, "round")); err == nil {
		t.Error("a link to itself was replaced")
	}
}

// A process that is killed while it saves leaves a whole file: the one it was
// replacing, or the new one.
func TestSaveKilled(t *testing.T) {
	layers := []Layer{Input(512), Dense{Units: 1024}, Dense{Units: 4, Activation: Softmax}}
	if path := os.Getenv("SIMDCONV_TEST_SAVE"); path != "" {
		m := mustModel(t, layers...)
		for round := float32(0); ; round++ {
			for _, p := range m.Params() {
				for i := range p.Data {
					p.Data[i] = round
				}
				p.Changed()
			}
			if err := m.SaveWeights(path); err != nil {
				t.Fatal(err)
			}
		}
	}
	path := filepath.Join(t.TempDir(), "w.safetensors")
	for i := range 6 {
		os.Remove(path)
		cmd := exec.Command(os.Args[0], "-test.run=^TestSaveKilled$")
		cmd.Env = append(os.Environ(), "SIMDCONV_TEST_SAVE="+path)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		for begin := time.Now(); time.Since(begin) < 20*time.Second; time.Sleep(time.Millisecond) {
			if _, err := os.Stat(path); err == nil {
				break
			}
		}
		time.Sleep(time.Duration(7*i) * time.Millisecond)
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		cmd.Wait()
		m := mustModel(t, layers...)
		if err := m.LoadWeights(path); err != nil {
			t.Fatal(err)
		}
		round := m.Params()[0].Data[0]
		for _, p := range m.Params() {
			if slices.ContainsFunc(p.Data, func(v float32) bool { return v != round }) {
				t.Fatalf("%s mixes two saves", p.Name)
			}
		}
	}
}
