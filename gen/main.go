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
		"asm/args.go":      argsSource(),
		"asm/args_test.go": argsTestSource(),
		"asm/manifest.go":  manifestSource(),
	}
	for _, f := range families {
		if f.dispatch != nil {
			files["kernels/micro/dispatch_"+f.name+"_amd64.go"] = f.dispatch()
		}
		for _, v := range tiers {
			asm, stubs, err := render(f.file(v), v.tier)
			if err != nil {
				return nil, fmt.Errorf("%s_%s: %w", f.name, v.tier, err)
			}
			base := fmt.Sprintf("asm/%s_%s_amd64", f.name, v.tier)
			files[base+".s"], files[base+".go"] = asm, stubs
		}
	}
	return files, nil
}
