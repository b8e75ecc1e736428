package hdf5

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

const (
	maxObjects = 1 << 16 // but the root
	maxPath    = 1 << 10 // bytes
)

// A File is the tree of objects of a file, whose data is read when asked for.
// It is safe for concurrent use if its io.ReaderAt is.
type File struct {
	objects []*Object
	paths   map[string]*Object
	closer  io.Closer
}

// Open opens a file. The caller closes it.
func Open(path string) (*File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("hdf5: %w", err)
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a regular file but %v", path, info.Mode())
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("hdf5: %w", err)
	}
	h, err := NewFile(f, info.Size())
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("%w (%s)", err, path)
	}
	h.closer = f
	return h, nil
}

// NewFile reads the objects of a file of the given size. That takes memory in
// proportion to what they occupy in the file, whatever they claim, and at most
// twice the size of the file in reads; a file of more than 65,536 objects, or
// with paths of more than 1,024 bytes, is refused.
func NewFile(r io.ReaderAt, size int64) (*File, error) {
	return newFile(&source{r: r, size: size, left: 2 * size})
}

func newFile(s *source) (*File, error) {
	root, err := s.superblock()
	if err != nil {
		return nil, err
	}
	f := &File{paths: map[string]*Object{}}
	t := tree{source: s, File: f, seen: map[uint64]bool{root: true}, next: []place{{"", root}}}
	for len(t.next) > 0 {
		p := t.next[len(t.next)-1]
		t.next = t.next[:len(t.next)-1]
		if err := t.visit(p); err != nil {
			return nil, err
		}
	}
	if !f.objects[0].Group {
		return nil, fmt.Errorf("hdf5: the root at byte %d is not a group", root)
	}
	slices.SortFunc(f.objects, func(a, b *Object) int { return cmp.Compare(a.Path, b.Path) })
	return f, nil
}

// Close closes a file that was opened with Open.
func (f *File) Close() error {
	if f.closer == nil {
		return nil
	}
	return f.closer.Close()
}

// Objects returns the groups and datasets, sorted by path: the root, whose path
// is empty, is the first. An object with several names is there under one of them.
func (f *File) Objects() []*Object { return slices.Clone(f.objects) }

// Object returns the object at a path such as "layers/conv2d/vars/0", or nil.
func (f *File) Object(path string) *Object { return f.paths[path] }

// A place is an object that is still to be visited.
type place struct {
	path string
	at   uint64
}

// A tree is a file whose objects are being read.
type tree struct {
	*source
	*File
	seen  map[uint64]bool // addresses of objects that were or will be visited
	next  []place
	count int // of links
}

// visit reads the object at a place, and adds what is in it to the others.
func (t *tree) visit(p place) error {
	in := func(err error) error { return fmt.Errorf("%w (in %.100q)", err, "/"+p.path) }
	messages, err := t.header(p.at)
	if err != nil {
		return in(err)
	}
	links, group, err := t.links(messages)
	if err != nil {
		return in(err)
	}
	o := &Object{Path: p.path, Group: group}
	if err := o.read(t.source, messages); err != nil {
		return in(err)
	}
	t.objects = append(t.objects, o)
	t.paths[p.path] = o
	slices.SortFunc(links, func(a, b link) int { return strings.Compare(a.name, b.name) })
	for i, l := range links {
		if err := t.link(p, l, i > 0 && links[i-1].name == l.name); err != nil {
			return in(err)
		}
	}
	return nil
}

// link adds the object that a link of the group at p points to.
func (t *tree) link(p place, l link, twice bool) error {
	path := l.name
	if p.path != "" {
		path = p.path + "/" + l.name
	}
	switch {
	case l.name == "" || strings.Contains(l.name, "/"):
		return fmt.Errorf("hdf5: an object is named %.100q, want a name without '/'", l.name)
	case twice:
		return fmt.Errorf("hdf5: two objects are named %.100q", l.name)
	case len(path) > maxPath:
		return fmt.Errorf("hdf5: a path of %d bytes, want at most %d", len(path), maxPath)
	case t.count == maxObjects:
		return fmt.Errorf("hdf5: more than %d objects", maxObjects)
	}
	t.count++
	if l.other != "" {
		o := &Object{Path: path}
		o.refuse("%s, want an object in this file", l.other)
		t.objects = append(t.objects, o)
		t.paths[path] = o
		return nil
	}
	if !t.seen[l.at] {
		t.seen[l.at] = true
		t.next = append(t.next, place{path, l.at})
	}
	return nil
}
