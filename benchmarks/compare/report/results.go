package report

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/perf/benchfmt"

	"github.com/simdconv/simdconv/benchmarks/roof"
)

// A row is one benchmark: the keys of its name, and the medians of its samples.
type row struct {
	bench  string
	keys   map[string]string
	values map[string]float64 // by unit, times as sec/op
	by     string             // the program that ran it and its version, of frameworks
}

// A file is what one piece measured.
type file struct {
	name     string
	header   map[string]string
	commands []string // those of a file of several runs
	said     []string // what a run of training printed
	rows     []row
}

// most is the largest figure that a file may have: beyond it charts have no scale.
const most = 1e15

// readFile reads a file of results. One without results is an error, and a figure
// that is no rate and no time.
func readFile(path string) (*file, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return parseFile(path, text)
}

// parseFile reads the text of a file.
func parseFile(path string, text []byte) (*file, error) {
	out := &file{name: filepath.Base(path), header: map[string]string{}}
	samples := map[string]map[string][]float64{}
	out.commands = commands(string(text))
	in := benchfmt.NewReader(bytes.NewReader(text), path)
	for in.Scan() {
		var r *benchfmt.Result
		switch v := in.Result().(type) {
		case *benchfmt.SyntaxError:
			return nil, v
		case *benchfmt.Result:
			r = v
		default:
			continue
		}
		for _, c := range r.Config {
			out.header[c.Key] = string(c.Value)
		}
		name := string(r.Name)
		if samples[name] == nil {
			samples[name] = map[string][]float64{}
			row := newRow(r.Name)
			row.by = r.GetConfig("impl-version")
			out.rows = append(out.rows, row)
		}
		for _, v := range r.Values {
			if !(v.Value >= 0 && v.Value <= most) {
				return nil, fmt.Errorf("%s: %s: %v %s, want a number from 0 to %v", path, name, v.Value, v.Unit, float64(most))
			}
			samples[name][v.Unit] = append(samples[name][v.Unit], v.Value)
		}
	}
	if err := in.Err(); err != nil {
		return nil, err
	}
	if len(out.rows) == 0 {
		return nil, fmt.Errorf("%s has no results", path)
	}
	for _, r := range out.rows {
		for unit, values := range samples[r.keys[fullName]] {
			r.values[unit] = roof.Median(values)
		}
	}
	out.oneRoof()
	return out, nil
}

// oneRoof makes the %peak of rows of a lower tier, as the naive loops are, relative
// to the roof of the file's tier, as that of all others is: to what the rates and
// shares of those say it was.
func (f *file) oneRoof() {
	var roofs []float64 // GFLOP/s that are 1%
	isa := "isa=" + f.header["tier"] + " threads=1"
	for _, r := range f.find(isa) {
		if share := r.values["%peak"]; share > 0 && r.values["GFLOP/s"] > 0 {
			roofs = append(roofs, r.values["GFLOP/s"]/share)
		}
	}
	if len(roofs) == 0 {
		return
	}
	for _, r := range f.find("threads=1") {
		if rate, ok := r.values["GFLOP/s"]; ok && !r.is(isa) {
			r.values["%peak"] = rate / roof.Median(roofs)
		}
	}
}

// commands returns those that a text says it was written by.
func commands(text string) (all []string) {
	for line := range strings.Lines(text) {
		if c, ok := strings.CutPrefix(line, "# command: "); ok {
			all = append(all, strings.TrimSpace(c))
		}
	}
	return all
}

// fullName is the key of a row's whole name.
const fullName = ""

func newRow(name benchfmt.Name) row {
	base, parts := name.Parts()
	r := row{string(base), map[string]string{fullName: string(name)}, map[string]float64{}, ""}
	for _, p := range parts {
		if key, value, ok := strings.Cut(strings.TrimPrefix(string(p), "/"), "="); ok && key != fullName {
			r.keys[key] = value
		}
	}
	return r
}

// is reports whether a row's keys have the values of a query such as
// "impl=simdconv pass=fwd". A value that is left empty is of a key that must not
// be there.
func (r row) is(query string) bool {
	for _, field := range strings.Fields(query) {
		key, value, _ := strings.Cut(field, "=")
		if r.keys[key] != value {
			return false
		}
	}
	return true
}

// find returns the rows of a query, in the order of the file. A file that is not
// there has none.
func (f *file) find(query string) []row {
	if f == nil {
		return nil
	}
	var found []row
	for _, r := range f.rows {
		if r.is(query) {
			found = append(found, r)
		}
	}
	return found
}

// value returns a figure of the only row of a query, and whether there is one.
func (f *file) value(unit, query string) (float64, bool) {
	if rows := f.find(query); len(rows) == 1 {
		v, ok := rows[0].values[unit]
		return v, ok
	}
	return 0, false
}

// results are the files of a folder by piece, those that are there.
type results map[string]*file

// kept are files that other commands wrote, which each names.
var kept = []string{"peers_totals", "peers_onednn32", "peers_onednn313", "peers_memory", "peers_avx2", "peers_frameworks", "peers_frameworks_avx2", "peers_training_memory"}

// readFolder reads the files of all pieces, and those that were kept.
func readFolder(folder string) (results, error) {
	r := results{}
	names := slices.Clone(kept)
	for _, p := range pieces() {
		names = append(names, p.name)
	}
	for _, name := range names {
		f, err := readFile(filepath.Join(folder, name+".txt"))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		r[name] = f
	}
	if err := r.readTrainings(folder); err != nil {
		return nil, err
	}
	if len(r) == 0 {
		return nil, fmt.Errorf("%s has no files of results", folder)
	}
	return r, nil
}
