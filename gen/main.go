package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	root := flag.String("root", "..", "root of the module to write into")
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "gen: unexpected argument %q\n", flag.Arg(0))
		os.Exit(2)
	}
	if err := run(*root); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

// run generates everything first and writes only if all of it is right.
func run(root string) error {
	files, err := generate()
	if err != nil {
		return err
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(root, name), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// generate returns every generated file by its path from the root.
func generate() (map[string][]byte, error) {
	files := map[string][]byte{
		"asm/args.go":                     argsSource(),
		"asm/args_test.go":                argsTestSource(),
		"asm/manifest.go":                 manifestSource(),
		"kernels/micro/dispatch_amd64.go": dispatchSource(),
	}
	for _, v := range tiers {
		for family, c := range map[string]kernelFile{"sgemm": sgemmFile, "roof": roofFile} {
			asm, stubs, err := render(c(v), v.tier)
			if err != nil {
				return nil, fmt.Errorf("%s_%s: %w", family, v.tier, err)
			}
			base := fmt.Sprintf("asm/%s_%s_amd64", family, v.tier)
			files[base+".s"], files[base+".go"] = asm, stubs
		}
	}
	return files, nil
}
