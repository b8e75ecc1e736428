package conv_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strings"
	"testing"
)

// TestReadme compares the code below README.md's heading Import with the imports
// and the body of Example_readme, which has twelve lines.
func TestReadme(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := bytes.Cut(readme, []byte("\n## Import\n"))
	_, got, _ := bytes.Cut(section, []byte("```go\n"))
	got, _, found := bytes.Cut(got, []byte("```\n"))
	if !found {
		t.Fatal("README.md has no Go code below the heading Import")
	}
	const file = "example_readme_test.go"
	source, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if want := exampleText(t, file, source); string(got) != want {
		t.Errorf("README.md has\n%s\nand %s\n%s", got, file, want)
	}
}

// exampleText returns the imports and the body of a file's example, as README.md
// has them.
func exampleText(t *testing.T, file string, source []byte) string {
	t.Helper()
	set := token.NewFileSet()
	f, err := parser.ParseFile(set, file, source, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	text := func(from, to token.Pos) string {
		return string(source[set.Position(from).Offset:set.Position(to).Offset])
	}
	var imports, body string
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.GenDecl:
			imports = text(d.Pos(), d.End())
		case *ast.FuncDecl:
			body, _, _ = strings.Cut(text(d.Body.Lbrace+1, d.Body.Rbrace), "\t// Output:")
		}
	}
	body = strings.ReplaceAll(strings.TrimPrefix(body, "\n"), "\n\t", "\n")
	body = strings.TrimPrefix(body, "\t")
	if lines := strings.Count(body, "\n"); lines != 12 {
		t.Errorf("the example has %d lines, want 12", lines)
	}
	return imports + "\n\n" + body
}
