// Package frameworks has the programs that benchmark PyTorch, TensorFlow, ncnn
// and OpenCV under this library's names: see README.md.
package frameworks

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestPython runs the tests of the programs, which need no framework.
func TestPython(t *testing.T) {
	run(t, "python3", "-m", "unittest", "-v")
}

func TestScript(t *testing.T) {
	run(t, "bash", "-n", "alternate.sh")
}

// TestHints runs the script where there is neither git nor a framework, with a go
// command that builds a program of one row.
func TestHints(t *testing.T) {
	dir := t.TempDir()
	for _, tool := range []string{"bash", "cat", "chmod", "dirname", "grep", "mktemp", "paste", "rm", "sed", "tee", "tr"} {
		path, err := exec.LookPath(tool)
		if err != nil {
			t.Skipf("** SKIPPED, NOT TESTED: %v **", err)
		}
		if err := os.Symlink(path, filepath.Join(dir, tool)); err != nil {
			t.Fatal(err)
		}
	}
	script := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte("#!"+filepath.Join(dir, "bash")+"\n"+text), 0o777); err != nil {
			t.Fatal(err)
		}
		return path
	}
	script("go", `printf '#!%s\necho BenchmarkConv/x 1 1 ns/op\n' "$BASH" >"$6"; chmod +x "$6"`)
	bare := script("bare", "exit 1")
	var out, hints bytes.Buffer
	c := exec.Command("bash", "alternate.sh", "-r", "2", "-t", "1", "-p", "fwd", "lecture_cnn")
	c.Env = []string{"PATH=" + dir, "HOME=" + dir, "VENVS=/other", "TENSORFLOW=" + bare, "PYTORCH1=/usr/bin/python3", "PYTHONHOME=" + dir}
	c.Stdout, c.Stderr = &out, &hints
	if err := c.Run(); err != nil {
		t.Fatalf("%v\n%s", err, &hints)
	}
	if want := "impl-version: simdconv unknown\n"; strings.Count(out.String(), want) != 2 {
		t.Errorf("want %q in each round, not\n%s", want, &out)
	}
	for _, want := range []string{
		"alternate.sh: /other/torch/bin/python is not there: python3 -m venv /other/torch && /other/torch/bin/pip install torch numpy",
		": apt-get install python3-torch\n",
		"alternate.sh: " + bare + " has no tensorflow: python3 -m venv /other/tf && /other/tf/bin/pip install tensorflow-cpu\n",
	} {
		if !strings.Contains(hints.String(), want) {
			t.Errorf("want %q in\n%s", want, &hints)
		}
	}
	if n := strings.Count(hints.String(), "\n"); n != 6 {
		t.Errorf("%d lines, want one for each framework:\n%s", n, &hints)
	}
}

// TestScriptFlags checks that wrong flags are named before anything is built.
func TestScriptFlags(t *testing.T) {
	for args, want := range map[string]string{
		"":                           "benchmarks/compare/frameworks/alternate.sh [-r ROUNDS]",
		"-p foo lecture_cnn":         "alternate.sh: -p foo: unknown pass foo, want some of infer,",
		"-p fwd,infers lecture_cnn":  "alternate.sh: -p fwd,infers: unknown pass infers, want",
		"-r 0 lecture_cnn":           "alternate.sh: -r 0: want a positive integer\n",
		"-r x lecture_cnn":           "alternate.sh: -r x: want a positive integer\n",
		"-s NaN lecture_cnn":         "alternate.sh: -s NaN: want seconds\n",
		"-s -1 -r 2 -p fwd resnet34": "alternate.sh: -s -1: want seconds\n",
	} {
		var said bytes.Buffer
		c := exec.Command("bash", append([]string{"alternate.sh"}, strings.Fields(args)...)...)
		c.Stderr = &said
		if err := c.Run(); err == nil || c.ProcessState.ExitCode() != 2 || !strings.HasPrefix(said.String(), want) {
			t.Errorf("%q: %v, want exit status 2 and %q in\n%s", args, err, want, &said)
		}
	}
}

func run(t *testing.T, program string, args ...string) {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		t.Skipf("** SKIPPED, NOT TESTED: %v: apt-get install %s **", err, program)
	}
	for _, pattern := range []string{"*.py", "*.sh", "../../shapes/*.txt"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", pattern, len(files), err)
		}
		for _, f := range files {
			if _, err := os.ReadFile(f); err != nil { // which tells the test cache what the program reads
				t.Fatal(err)
			}
		}
	}
	c := exec.Command(program, args...)
	c.Env = append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1")
	out, err := c.CombinedOutput()
	if err != nil || program == "python3" && !bytes.Contains(out, []byte("\nOK")) {
		t.Errorf("%v: %v\n%s", c, err, out)
	}
}
