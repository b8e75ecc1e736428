package report_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/simdconv/simdconv/benchmarks/compare/report"
)

// What `go run . report -charts` makes of the files of a folder.
func Example() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	if err := os.CopyFS(dir, os.DirFS("testdata/results")); err != nil {
		fmt.Println(err)
		return
	}
	code := report.Main(context.Background(), []string{"-root=../../..", "-charts", "-out=" + dir}, os.Stdout, os.Stderr)
	made, _ := filepath.Glob(filepath.Join(dir, "*.svg"))
	for _, chart := range made {
		fmt.Println(filepath.Base(chart))
	}
	fmt.Println("exit code", code)
	// Output:
	// accuracy.svg
	// layers_lecture_cnn_fwd.svg
	// layers_resnet34_bwddata.svg
	// layers_resnet34_bwdweights.svg
	// layers_resnet34_fwd.svg
	// roofline.svg
	// scaling.svg
	// exit code 0
}
