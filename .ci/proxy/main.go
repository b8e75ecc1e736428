// Proxy writes a file-system module proxy that serves one version of the module
// in the current folder. It reads the names of its files from standard input,
// separated by zero bytes; those of nested modules are left out, as a real proxy
// leaves them out.
package main

import (
	"archive/zip"
	"bytes"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"path"
	"path/filepath"
	"strings"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("proxy: ")
	module := flag.String("module", "", "path of the module")
	version := flag.String("version", "", "version to serve it as")
	to := flag.String("to", "", "folder of the proxy")
	flag.Parse()
	if *module == "" || *version == "" || *to == "" {
		log.Fatal("want -module, -version and -to")
	}
	list, err := io.ReadAll(os.Stdin)
	if err != nil {
		log.Fatal(err)
	}
	names := strings.FieldsFunc(string(list), func(r rune) bool { return r == 0 })
	archive, err := pack(*module+"@"+*version, names)
	if err != nil {
		log.Fatal(err)
	}
	mod, err := os.ReadFile("go.mod")
	if err != nil {
		log.Fatal(err)
	}
	dir := filepath.Join(*to, filepath.FromSlash(*module), "@v")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		log.Fatal(err)
	}
	info := fmt.Sprintf("{\"Version\":%q,\"Time\":\"2026-01-01T00:00:00Z\"}\n", *version)
	for name, content := range map[string][]byte{
		"list":             []byte(*version + "\n"),
		*version + ".info": []byte(info),
		*version + ".mod":  mod,
		*version + ".zip":  archive,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
			log.Fatal(err)
		}
	}
}

// pack zips the files of the module under the given prefix.
func pack(prefix string, names []string) ([]byte, error) {
	nested := map[string]bool{}
	for _, name := range names {
		if dir, file := path.Split(name); file == "go.mod" && dir != "" {
			nested[path.Clean(dir)] = true
		}
	}
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	for _, name := range names {
		if within(nested, name) {
			continue
		}
		content, err := os.ReadFile(filepath.FromSlash(name))
		if err != nil {
			return nil, err
		}
		w, err := z.Create(prefix + "/" + name)
		if err != nil {
			return nil, err
		}
		if _, err := w.Write(content); err != nil {
			return nil, err
		}
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}

// within reports whether a folder above name is in dirs.
func within(dirs map[string]bool, name string) bool {
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		if dirs[dir] {
			return true
		}
	}
	return false
}
