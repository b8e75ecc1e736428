// Package frameworks has the programs that benchmark PyTorch, TensorFlow, ncnn
// and OpenCV under this library's names: see README.md.
package frameworks

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestPython runs the tests of the programs, which need no framework.
func TestPython(t *testing.T) {
	run(t, "python3", "-m", "unittest", "-v")
}

func TestScript(t *testing.T) {
	run(t, "bash", "-n", "alternate.sh")
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
