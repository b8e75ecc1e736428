package hdf5

import (
	"fmt"
	"slices"
)

// An Object is a group or a dataset.
type Object struct {
	Path  string // "layers/conv2d/vars/0"; empty for the root
	Group bool   // else a dataset
	Shape []int  // of a dataset; empty for a single value
	Type  Type   // of a dataset

	attributes []*Attribute
	named      map[string]*Attribute // the same
	source     *source
	n          int // values
	layout     layout
	filters    []filter
	broken     error // why the data cannot be read
}

// Attributes returns the object's attributes in the order of the file.
func (o *Object) Attributes() []*Attribute { return slices.Clone(o.attributes) }

// Attribute returns the attribute of that name, or nil.
func (o *Object) Attribute(name string) *Attribute { return o.named[name] }

// read takes what the object is from its header.
func (o *Object) read(s *source, messages []message) error {
	o.source = s
	found := map[uint16]bool{}
	for _, m := range messages {
		if found[m.kind] = true; m.shared {
			if m.kind == msgDatatype || m.kind == msgDataspace || m.kind == msgLayout || m.kind == msgFilters {
				o.refuse("message %#x is shared with other objects, want it in the object header", m.kind)
			}
			continue
		}
		var err error
		switch m.kind {
		case msgDataspace:
			o.Shape, o.n, err = dataspace(m.body)
		case msgDatatype:
			o.Type, err = datatype(m.body)
		case msgLayout:
			o.layout, err = readLayout(m.body)
		case msgFilters:
			o.filters, err = readFilters(m.body)
		case msgAttribute:
			err = o.attribute(m.body)
		case msgAttributeInfo:
			err = o.attributeInfo(m.body)
		}
		if err != nil {
			return err
		}
	}
	if o.Group {
		return nil
	}
	if o.layout.other != "" {
		o.refuse("%s, which this package does not read", o.layout.other)
	}
	for _, kind := range []uint16{msgDataspace, msgDatatype, msgLayout} {
		if !found[kind] {
			o.refuse("no message of type %#x in the object header, want one in a dataset", kind)
		}
	}
	return nil
}

// refuse keeps the first reason why the data cannot be read.
func (o *Object) refuse(format string, args ...any) {
	if o.broken == nil {
		o.broken = o.errorf(format, args...)
	}
}

func (o *Object) errorf(format string, args ...any) error {
	return fmt.Errorf("hdf5: %.100q: %w", "/"+o.Path, fmt.Errorf(format, args...))
}

// attribute adds the attribute of a message.
func (o *Object) attribute(b *block) error {
	a, err := o.source.attribute(b)
	if err != nil {
		return err
	}
	if o.named[a.Name] != nil {
		return b.errorf("two attributes are named %.100q", a.Name)
	}
	if o.named == nil {
		o.named = map[string]*Attribute{}
	}
	o.named[a.Name] = a
	o.attributes = append(o.attributes, a)
	return nil
}
