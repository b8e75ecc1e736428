package report

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestHostile draws charts and writes pages from files whose figures are missing,
// 0, or no figures at all: rows are left out, or the file is an error.
func TestHostile(t *testing.T) {
	texts := map[string]string{}
	files, err := filepath.Glob("testdata/results/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files (%v)", err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		texts[strings.TrimSuffix(filepath.Base(f), ".txt")] = string(text)
	}
	zero := func(unit string) func(string) string {
		return func(line string) string {
			fields := strings.Fields(line)
			if i := slices.Index(fields, unit); i > 0 {
				fields[i-1] = "0"
			}
			return strings.Join(fields, " ")
		}
	}
	without := func(unit string) func(string) string {
		return func(line string) string {
			fields := strings.Fields(line)
			if i := slices.Index(fields, unit); i > 0 {
				fields = append(slices.Delete(fields, i-1, i+1), "1", "other")
			}
			return strings.Join(fields, " ")
		}
	}
	figure := func(to string) func(string) string {
		return func(line string) string {
			fields := strings.Fields(line)
			fields[len(fields)-2] = to
			return strings.Join(fields, " ")
		}
	}
	for _, c := range []struct {
		what   string
		change func(line string) string
		refuse bool
	}{
		{"%peak of 0", zero("%peak"), false},
		{"no %peak", without("%peak"), false},
		{"no time", zero("ns/op"), false},
		{"no time of one algorithm", func(line string) string {
			if strings.Contains(line, "algo=winograd4") {
				return zero("ns/op")(line)
			}
			return line
		}, false},
		{"no error", zero("eps"), false},
		{"a roof of 0", zero("GFLOP/s"), false},
		{"no roof", without("GFLOP/s"), false},
		{"loops over memory of 0", zero("GB/s"), false},
		{"a part without a key", func(line string) string { return strings.Replace(line, "/impl=", "/=x/impl=", 1) }, false},
		{"no size", func(line string) string { return strings.Replace(line, "/m=1024/n=1024", "/m=0/n=0", 1) }, false},
		{"no number of threads", func(line string) string { return strings.Replace(line, "threads=2", "threads=x", 1) }, false},
		{"not a number", figure("NaN"), true},
		{"infinity", figure("+Inf"), true},
		{"below 0", figure("-1"), true},
		{"too much", figure("1e300"), true},
	} {
		dir := t.TempDir()
		for name, text := range texts {
			lines := strings.Split(text, "\n")
			for i, l := range lines {
				if strings.HasPrefix(l, "Benchmark") {
					lines[i] = c.change(l)
				}
			}
			if err := os.WriteFile(filepath.Join(dir, name+".txt"), []byte(strings.Join(lines, "\n")), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		r, err := readFolder(dir)
		if c.refuse {
			if err == nil || !strings.Contains(err.Error(), "want a number from 0 to") {
				t.Errorf("%s: error %v", c.what, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.what, err)
			continue
		}
		charts, err := r.charts(dir)
		if err != nil || len(charts) == 0 && !strings.Contains(c.what, "%peak") {
			t.Errorf("%s: %d charts, %v", c.what, len(charts), err)
		}
		if _, err := r.page(charts); err != nil {
			t.Errorf("%s: %v", c.what, err)
		}
		for _, s := range sections {
			if r[s.file] == nil {
				continue
			}
			if _, err := s.text(r, "results/x"); err != nil {
				t.Errorf("%s: %s of %s: %v", c.what, s.name, s.page, err)
			}
		}
	}
}

// TestScaling checks that a number of threads at which a layer is missing has no
// point: oneDNN's rows of four threads are of one layer.
func TestScaling(t *testing.T) {
	curves, err := fixture(t).curves()
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(curves, func(c curve) bool { return c.impl == "onednn" })
	if i < 0 {
		t.Fatal("no curve of oneDNN")
	}
	points := curves[i].points
	if len(points) != 2 || points[0].X != 1 || points[1].X != 2 || math.Abs(points[1].Y-2*180/190.0) > 1e-9 {
		t.Errorf("points %v, want 1 and %v at 1 and 2 threads", points, 2*180/190.0)
	}
}
