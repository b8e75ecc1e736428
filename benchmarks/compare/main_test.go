package main

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"

	"github.com/simdconv/simdconv/benchmarks/compare/gate"
)

func TestRun(t *testing.T) {
	for _, c := range []struct {
		args string
		code int
		want string
	}{
		{"", gate.Unable, "usage: compare COMMAND"},
		{"help", gate.Passed, "usage: compare COMMAND"},
		{"fast", gate.Unable, `unknown command "fast"`},
		{"totals -h", gate.Passed, "multiplicity"},
		{"gate -h", gate.Passed, "-threshold"},
		{"report -h", gate.Passed, "-charts"},
		{"gate -rounds", gate.Unable, "flag needs an argument"},
	} {
		var out bytes.Buffer
		if code := run(t.Context(), strings.Fields(c.args), &out, &out); code != c.code || !strings.Contains(out.String(), c.want) {
			t.Errorf("%s: code %d, want %d, with %q:\n%s", c.args, code, c.code, c.want, &out)
		}
	}
}

func TestBenchstat(t *testing.T) {
	c := exec.Command("go", "tool", "benchstat", "-")
	c.Stdin = strings.NewReader("BenchmarkConv/a=1 1 5 ns/op\n")
	if out, err := c.CombinedOutput(); err != nil || !bytes.Contains(out, []byte("Conv/a=1")) {
		t.Errorf("go tool benchstat: %v\n%s", err, out)
	}
}
