package conv

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// tuningVersion is raised when algorithms change so much that what was measured
// of them no longer holds.
const tuningVersion = 1

// maxTuningFile bounds what is read: some 100,000 entries.
const maxTuningFile = 32 << 20

// A tuningKey is what an entry of a tuning file is for.
type tuningKey struct {
	CPU     string `json:"cpu"`
	Tier    string `json:"tier"`
	Threads int    `json:"threads"`
	Version int    `json:"version"`
	Shape   string `json:"shape"`
	Pass    string `json:"pass"`

	AllowClassChange bool    `json:"allow_class_change,omitempty"`
	BatchInvariant   bool    `json:"batch_invariant,omitempty"`
	Once             bool    `json:"once,omitempty"`
	WorkspaceLimit   int     `json:"workspace_limit,omitempty"`
	MaxError         float64 `json:"max_error,omitempty"`
}

// A tuned is what was found: 0 nanoseconds if nothing competed.
type tuned struct {
	Algorithm   Algorithm `json:"algorithm"`
	Nanoseconds int64     `json:"ns"`
}

type tuningEntry struct {
	tuningKey
	tuned
}

// A tuning is the content of a tuning file.
type tuning map[tuningKey]tuned

// MarshalText returns a's name.
func (a Algorithm) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText is [ParseAlgorithm].
func (a *Algorithm) UnmarshalText(text []byte) (err error) {
	*a, err = ParseAlgorithm(string(text))
	return err
}

// readTuning reads a file, or returns no entries if there is none.
func readTuning(path string) (tuning, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return tuning{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("conv: tuning: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxTuningFile+1))
	if err != nil {
		return nil, fmt.Errorf("conv: tuning: %w", err)
	}
	if len(text) > maxTuningFile {
		return nil, fmt.Errorf("conv: tuning: %s has more than %d bytes", path, maxTuningFile)
	}
	t, err := parseTuning(text)
	if err != nil {
		return nil, fmt.Errorf("conv: tuning: %s: %w", path, err)
	}
	return t, nil
}

func parseTuning(text []byte) (tuning, error) {
	var entries []tuningEntry
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&entries); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("text after the list of entries")
	}
	t := tuning{}
	for _, e := range entries {
		t[e.tuningKey] = e.tuned
	}
	return t, nil
}

// write replaces the file at path as a whole: a reader finds the old one or the
// new one.
func (t tuning) write(path string) error {
	var entries []tuningEntry
	for k, v := range t {
		entries = append(entries, tuningEntry{k, v})
	}
	slices.SortFunc(entries, func(a, b tuningEntry) int {
		return cmp.Or(cmp.Compare(a.CPU, b.CPU), cmp.Compare(a.Shape, b.Shape), cmp.Compare(a.Pass, b.Pass),
			cmp.Compare(a.Tier, b.Tier), cmp.Compare(a.Threads, b.Threads), cmp.Compare(fmt.Sprint(a), fmt.Sprint(b)))
	})
	text, err := json.MarshalIndent(entries, "", "\t")
	if err != nil {
		return fmt.Errorf("conv: tuning: %w", err)
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".simdconv-*.tmp")
	if err != nil {
		return fmt.Errorf("conv: tuning: %w", err)
	}
	defer os.Remove(f.Name())
	_, err = f.Write(append(text, '\n'))
	err = errors.Join(err, f.Sync(), f.Chmod(0o644), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("conv: tuning: %w", err)
	}
	return nil
}
