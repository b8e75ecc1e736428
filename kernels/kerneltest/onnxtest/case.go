package onnxtest

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Dir is where Debian's libonnx-testdata has the cases.
const Dir = "/usr/share/libonnx-testdata/data"

// A Case is one test of one operator.
type Case struct {
	Name    string
	Node    *Node
	Inputs  []*Tensor // in the node's order; nil for one that is left out
	Outputs []*Tensor
}

// Cases returns all cases of the operators named. Without the data the test is
// skipped, or fails where CI=true promises them.
func Cases(t *testing.T, operators ...string) []*Case {
	t.Helper()
	models, err := filepath.Glob(filepath.Join(Dir, "*", "*", "model.onnx"))
	if err != nil || len(models) == 0 {
		report := t.Skipf
		if os.Getenv("CI") == "true" {
			report = t.Fatalf
		}
		report("NO ONNX TEST DATA in %s: apt-get install libonnx-testdata", Dir)
	}
	var cases []*Case
	for _, model := range models {
		c, err := load(filepath.Dir(model), operators)
		if err != nil {
			t.Fatalf("%s: %v", model, err)
		}
		if c != nil {
			cases = append(cases, c)
		}
	}
	return cases
}

// load reads a case, or returns nil if it is of none of the operators or of
// more than one.
func load(dir string, operators []string) (*Case, error) {
	msg, err := os.ReadFile(filepath.Join(dir, "model.onnx"))
	if err != nil {
		return nil, err
	}
	g, err := parseModel(msg)
	if err != nil || len(g.nodes) != 1 || !slices.Contains(operators, g.nodes[0].Op) {
		return nil, err
	}
	c := &Case{Name: strings.TrimPrefix(filepath.Base(dir), "test_"), Node: g.nodes[0]}
	values := map[string]*Tensor{}
	for _, t := range g.initializers {
		values[t.Name] = t
	}
	isInitializer := func(name string) bool { return values[name] != nil }
	free := slices.DeleteFunc(slices.Clone(g.in), isInitializer)
	if err := loadSet(dir, "input", free, values); err != nil {
		return nil, err
	}
	if err := loadSet(dir, "output", g.out, values); err != nil {
		return nil, err
	}
	for _, name := range c.Node.In {
		c.Inputs = append(c.Inputs, values[name])
	}
	for _, name := range c.Node.Out {
		c.Outputs = append(c.Outputs, values[name])
	}
	return c, nil
}

// loadSet reads the first data set's tensors of a kind.
func loadSet(dir, kind string, names []string, values map[string]*Tensor) error {
	for i, name := range names {
		msg, err := os.ReadFile(filepath.Join(dir, "test_data_set_0", fmt.Sprintf("%s_%d.pb", kind, i)))
		if err != nil {
			return err
		}
		if values[name], err = parseTensor(msg); err != nil {
			return fmt.Errorf("%s %s: %w", kind, name, err)
		}
	}
	return nil
}
