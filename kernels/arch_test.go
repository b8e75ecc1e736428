package kernels_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	modulePath = "github.com/simdconv/simdconv"
	cpuidPath  = "github.com/klauspost/cpuid/v2"
)

// rooms orders the packages of the module by who may import whom: a package
// may import those of lower rank. Packages below a room share its rank and may
// import one another; rooms of equal rank may not.
var rooms = map[string]int{
	"asm":                0,
	"kernels/geometry":   0,
	"kernels/parallel":   0,
	"kernels/random":     0,
	"kernels/ref":        0,
	"kernels/micro":      1,
	"kernels/kerneltest": 2,
	"kernels":            3,
	"conv":               4,
	"pool":               4,
	"bn":                 4,
	"net":                5,
	"benchmarks":         6,
}

// leaves import nothing of the project.
var leaves = []string{"asm", "kernels/geometry", "kernels/parallel", "kernels/random", "kernels/ref"}

// testOnly packages are imported by tests and benchmarks only.
var testOnly = []string{"kernels/ref", "kernels/kerneltest"}

// A listed package is what go list says about one package.
type listed struct {
	ImportPath                         string
	Imports, TestImports, XTestImports []string
	Deps                               []string
}

// room returns the longest prefix of a package's path that is a room.
func room(rel string) (string, bool) {
	for r := rel; r != "."; r = path.Dir(r) {
		if _, ok := rooms[r]; ok && (r != "kernels" || rel == r) {
			return r, true
		}
	}
	return "", false
}

// violations returns one line for every import that breaks the arrows
// asm <- kernels/micro <- kernels <- conv, pool, bn <- net <- benchmarks.
func violations(pkgs []listed) []string {
	var bad []string
	for _, p := range pkgs {
		rel := strings.TrimPrefix(p.ImportPath, modulePath+"/")
		from, ok := room(rel)
		if !ok {
			bad = append(bad, rel+" is in no room")
			continue
		}
		for _, imp := range p.Imports {
			if why := forbidden(from, imp, false); why != "" {
				bad = append(bad, fmt.Sprintf("%s imports %s: %s", rel, imp, why))
			}
		}
		for _, imp := range slices.Concat(p.TestImports, p.XTestImports) {
			if why := forbidden(from, imp, true); why != "" {
				bad = append(bad, fmt.Sprintf("a test of %s imports %s: %s", rel, imp, why))
			}
		}
		if from != "benchmarks" && slices.Contains(p.Deps, "net") {
			bad = append(bad, rel+" depends on the standard package net")
		}
	}
	return bad
}

// forbidden says why room from may not import imp, or returns "".
func forbidden(from, imp string, test bool) string {
	rel, project := strings.CutPrefix(imp, modulePath+"/")
	if !project {
		switch {
		case imp == "C":
			return "the module is free of cgo"
		case imp == cpuidPath:
			if from != "kernels/micro" {
				return "only kernels/micro asks for the processor"
			}
		case strings.Contains(strings.Split(imp, "/")[0], "."):
			return "the module depends on cpuid alone"
		}
		return ""
	}
	to, ok := room(rel)
	switch {
	case !ok:
		return "it is in no room"
	case to == from:
		return ""
	case to == "asm" && from != "kernels/micro":
		return "only kernels/micro imports asm"
	case slices.Contains(testOnly, to):
		if !test && from != "benchmarks" && from != "kernels/kerneltest" {
			return "it is for tests and benchmarks only"
		}
		return ""
	case slices.Contains(leaves, from):
		return from + " imports nothing of the project"
	case rooms[to] >= rooms[from]:
		return "arrows point the other way"
	}
	return ""
}

func TestViolations(t *testing.T) {
	const m = modulePath + "/"
	good := []listed{
		{ImportPath: m + "asm", Imports: []string{"unsafe"}},
		{ImportPath: m + "kernels/geometry", Imports: []string{"errors", "math/bits"}},
		{ImportPath: m + "kernels/micro", Imports: []string{m + "asm", cpuidPath}, XTestImports: []string{m + "kernels/ref", m + "kernels/kerneltest"}},
		{ImportPath: m + "kernels/kerneltest", Imports: []string{"testing", m + "kernels/micro"}},
		{ImportPath: m + "kernels", Imports: []string{m + "kernels/micro", m + "kernels/parallel"}, Deps: []string{"os", "internal/poll"}},
		{ImportPath: m + "conv", Imports: []string{m + "kernels", m + "kernels/micro", m + "kernels/geometry"}},
		{ImportPath: m + "net", Imports: []string{m + "conv", m + "pool", m + "bn", m + "kernels"}},
		{ImportPath: m + "net/models", Imports: []string{m + "net"}},
		{ImportPath: m + "benchmarks", Imports: []string{m + "net/models", m + "conv", m + "kernels/ref"}, Deps: []string{"net"}},
	}
	if bad := violations(good); len(bad) > 0 {
		t.Errorf("good graph: %q", bad)
	}
	for _, c := range []struct {
		pkg  listed
		want string
	}{
		{listed{ImportPath: m + "util"}, "util is in no room"},
		{listed{ImportPath: m + "kernels/util"}, "kernels/util is in no room"},
		{listed{ImportPath: m + "kernels", Imports: []string{m + "conv"}}, "the other way"},
		{listed{ImportPath: m + "kernels/micro", Imports: []string{m + "kernels"}}, "the other way"},
		{listed{ImportPath: m + "pool", Imports: []string{m + "conv"}}, "the other way"},
		{listed{ImportPath: m + "bn", XTestImports: []string{m + "net"}}, "the other way"},
		{listed{ImportPath: m + "net/idx", Imports: []string{m + "benchmarks"}}, "the other way"},
		{listed{ImportPath: m + "conv", Imports: []string{m + "asm"}}, "only kernels/micro imports asm"},
		{listed{ImportPath: m + "kernels", XTestImports: []string{m + "asm"}}, "only kernels/micro imports asm"},
		{listed{ImportPath: m + "kernels", Imports: []string{cpuidPath}}, "asks for the processor"},
		{listed{ImportPath: m + "kernels/ref", Imports: []string{m + "kernels/geometry"}}, "imports nothing of the project"},
		{listed{ImportPath: m + "kernels/parallel", Imports: []string{m + "kernels/micro"}}, "imports nothing of the project"},
		{listed{ImportPath: m + "conv", Imports: []string{m + "kernels/ref"}}, "tests and benchmarks only"},
		{listed{ImportPath: m + "kernels", Imports: []string{m + "kernels/kerneltest"}}, "tests and benchmarks only"},
		{listed{ImportPath: m + "net", Imports: []string{"golang.org/x/image/draw"}}, "cpuid alone"},
		{listed{ImportPath: m + "kernels/micro", Imports: []string{"C"}}, "free of cgo"},
		{listed{ImportPath: m + "net", Deps: []string{"net"}}, "standard package net"},
	} {
		bad := violations([]listed{c.pkg})
		if len(bad) != 1 || !strings.Contains(bad[0], c.want) {
			t.Errorf("%+v: got %q, want one line with %q", c.pkg, bad, c.want)
		}
	}
}

// TestArchitecture holds every package, for several builds, to the arrows.
func TestArchitecture(t *testing.T) {
	for _, build := range []struct{ tags, goos, goarch string }{
		{"", "linux", "amd64"},
		{"purego", "linux", "amd64"},
		{"", "linux", "arm64"},
		{"", "windows", "amd64"},
	} {
		out := goTool(t, []string{"GOOS=" + build.goos, "GOARCH=" + build.goarch},
			"list", "-tags="+build.tags, "-json=ImportPath,Imports,TestImports,XTestImports,Deps", "./...")
		var pkgs []listed
		for d := json.NewDecoder(strings.NewReader(out)); ; {
			var p listed
			if err := d.Decode(&p); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatal(err)
			}
			if build.goos == "windows" {
				p.Deps = nil // golang.org/x/sys/windows, which cpuid needs there, imports net
			}
			pkgs = append(pkgs, p)
		}
		for _, bad := range violations(pkgs) {
			t.Errorf("%s/%s tags %q: %s", build.goos, build.goarch, build.tags, bad)
		}
		for r := range rooms {
			if !slices.ContainsFunc(pkgs, func(p listed) bool { return p.ImportPath == modulePath+"/"+r }) {
				t.Errorf("%s/%s tags %q: package %s is missing", build.goos, build.goarch, build.tags, r)
			}
		}
	}
}

// TestRequirements checks that the module requires cpuid and what cpuid needs.
func TestRequirements(t *testing.T) {
	var mod struct {
		Require []struct {
			Path     string
			Indirect bool
		}
		Replace []struct{ Old struct{ Path string } }
	}
	if err := json.Unmarshal([]byte(goTool(t, nil, "mod", "edit", "-json")), &mod); err != nil {
		t.Fatal(err)
	}
	direct := 0
	for _, r := range mod.Require {
		switch {
		case r.Path == cpuidPath && !r.Indirect:
			direct++
		case r.Path == "golang.org/x/sys" && r.Indirect:
		default:
			t.Errorf("go.mod requires %s (indirect: %v)", r.Path, r.Indirect)
		}
	}
	if direct != 1 {
		t.Errorf("go.mod requires %s %d times, want once", cpuidPath, direct)
	}
	if len(mod.Replace) > 0 {
		t.Errorf("go.mod replaces %v: users of the module would not", mod.Replace)
	}
}

// TestFolders checks the top level and the nested modules. Its walk also makes
// the test cache see every file that the go tool reads for the tests above.
func TestFolders(t *testing.T) {
	top := []string{"asm", "benchmarks", "bn", "conv", "gen", "kernels", "net", "pool"}
	nested := []string{"benchmarks/compare", "gen", "kernels/gonumblas", "net/lecture"}
	err := filepath.WalkDir("..", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel("..", name)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		switch dir, file := path.Split(rel); {
		case d.IsDir() && rel != "." && (file[0] == '.' || rel == "bin"):
			return fs.SkipDir
		case d.IsDir() && dir == "" && rel != "." && !slices.Contains(top, rel):
			t.Errorf("top-level folder %s: want one of %v", rel, top)
		case file == "go.mod" && dir != "" && !slices.Contains(nested, path.Clean(dir)):
			t.Errorf("nested module %s: want one of %v", dir, nested)
		case dir == "" && strings.HasSuffix(file, ".go"):
			t.Errorf("%s: the root holds no package", file)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// goTool runs the go command in the root of the module and returns its output.
func goTool(t *testing.T, env []string, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("the go command is not available, so the packages cannot be listed")
	}
	cmd := exec.Command("go", args...)
	cmd.Dir = ".."
	cmd.Env = append(os.Environ(), append([]string{"GOFLAGS=", "GOWORK=off"}, env...)...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, &stderr)
	}
	return string(out)
}
