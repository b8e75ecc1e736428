package report

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A section is a part of a page that is made of files of results. There it stands
// between the lines `<!-- NAME of FOLDER -->` and `<!-- end of NAME -->`.
type section struct {
	page string // from the root
	name string
	file string // without .txt: where it is not, the section stays as it is
	text func(r results, folder string) (string, error)
}

// The pages that have sections.
const (
	rootPage       = "README.md"
	comparePage    = "benchmarks/compare/README.md"
	frameworksPage = "benchmarks/compare/frameworks/README.md"
)

// sections are all of them.
var sections = []section{
	{rootPage, "layers", "conv", results.layersText},
	{rootPage, "products", "gemm", results.productsText},
	{rootPage, "networks", "peers_frameworks", results.networksText},
	{rootPage, "training", "train_mnist", results.trainingText},
	{comparePage, "sums", "peers_totals", sumsOf("peers_totals")},
	{comparePage, "sums beside oneDNN 3.2", "peers_onednn32", sumsOf("peers_onednn32")},
	{comparePage, "sums beside oneDNN 3.13", "peers_onednn313", sumsOf("peers_onednn313")},
	{comparePage, "survey", "peers_totals", results.surveyText},
	{comparePage, "memory", "peers_memory", results.coldMemoryText},
	{comparePage, "avx2", "peers_avx2", results.avx2Text},
	{frameworksPage, "networks", "peers_frameworks", results.frameworksText},
	{frameworksPage, "avx2", "peers_frameworks_avx2", results.frameworksAVX2Text},
	{frameworksPage, "memory", "peers_training_memory", results.trainingMemoryText},
}

// fill puts the sections of a folder, given from the root, into their pages, or
// leaves all of these as they are.
func (r results) fill(root, folder string) error {
	pages := []string{rootPage, comparePage, frameworksPage}
	var texts []string
	for _, page := range pages {
		old, err := os.ReadFile(filepath.Join(root, page))
		if err != nil {
			return err
		}
		text, err := r.filled(page, string(old), folder)
		if err != nil {
			return fmt.Errorf("%s: %w", page, err)
		}
		texts = append(texts, text)
	}
	for i, page := range pages {
		if err := replace(filepath.Join(root, page), []byte(texts[i])); err != nil {
			return err
		}
	}
	return nil
}

// filled returns a page with the sections of a folder.
func (r results) filled(page, text, folder string) (string, error) {
	for _, s := range sections {
		if s.page != page || r[s.file] == nil {
			continue
		}
		from, err := filepath.Rel(filepath.Dir(filepath.FromSlash(page)), filepath.FromSlash(folder))
		if err != nil {
			return "", err
		}
		made, err := s.text(r, filepath.ToSlash(from))
		if err != nil {
			return "", err
		}
		if text, err = replaceSection(text, s.name, folder, made); err != nil {
			return "", err
		}
	}
	return text, nil
}

// A place is where a section stands in a page.
type place struct {
	begin, end int
	folder     string
}

// find returns where a section stands.
func find(page, name string) (place, error) {
	first, last := "<!-- "+name+" of ", "<!-- end of "+name+" -->\n"
	begin := strings.Index(page, first)
	if begin < 0 || strings.Count(page, first) != 1 {
		return place{}, fmt.Errorf("%d lines %q, want one", strings.Count(page, first), first)
	}
	folder, rest, ok := strings.Cut(page[begin+len(first):], " -->\n")
	end := strings.Index(rest, last)
	if !ok || end < 0 {
		return place{}, fmt.Errorf("%q without %q", first, last)
	}
	return place{begin, len(page) - len(rest) + end + len(last), folder}, nil
}

// replaceSection returns a page with another text, of a folder, in a section.
func replaceSection(page, name, folder, text string) (string, error) {
	p, err := find(page, name)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s<!-- %s of %s -->\n%s<!-- end of %s -->\n%s", page[:p.begin], name, folder, text, name, page[p.end:]), nil
}

// outside returns what a page has outside its sections.
func outside(name, page string) (string, error) {
	for _, s := range sections {
		if s.page != name {
			continue
		}
		p, err := find(page, s.name)
		if err != nil {
			return "", err
		}
		page = page[:p.begin] + page[p.end:]
	}
	if strings.Contains(page, "<!--") {
		return "", errors.New("a section that is not in the list")
	}
	return page, nil
}

// source names a file, its machine, date and commit.
func (f *file) source(folder string) string {
	said := fmt.Sprintf("[%s](%s/%s)", f.name, folder, f.name)
	for _, key := range []string{"machine", "date"} {
		if v := f.header[key]; v != "" {
			said += ", " + v
		}
	}
	return said + f.commit()
}

// commit returns what follows a date: the commit, where a file says so.
func (f *file) commit() string {
	if c := f.header["commit"]; c != "" {
		return ", commit " + c
	}
	return ""
}

// commandList has a file's commands as a list in Markdown.
func (f *file) commandList() string {
	var b strings.Builder
	for _, c := range slices.Compact(f.commands) {
		fmt.Fprintf(&b, "- `%s`\n", c)
	}
	return b.String()
}
