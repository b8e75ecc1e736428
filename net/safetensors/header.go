package safetensors

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"unicode/utf8"
)

const (
	metadataKey = "__metadata__"
	maxHeader   = 100_000_000 // bytes, as in the reference implementation
	maxDims     = 64          // as many as NumPy has
)

// tensorError says what is wrong with a tensor. Names are cut: a name can be
// as long as a header.
func tensorError(name, format string, args ...any) error {
	return fmt.Errorf("safetensors: %.100q: %w", name, fmt.Errorf(format, args...))
}

// A parser reads the JSON of a header, which has a fixed form: whatever nests
// deeper or elsewhere is refused when it begins.
type parser struct{ dec *json.Decoder }

// parse returns the tensors of a header in the order of their data.
func parse(b []byte) ([]Info, map[string]string, error) {
	if b[0] != '{' {
		return nil, nil, fmt.Errorf("safetensors: header begins with %q, want '{'", b[0])
	}
	if !utf8.Valid(b) {
		return nil, nil, errors.New("safetensors: header is not UTF-8")
	}
	p := parser{json.NewDecoder(bytes.NewReader(b))}
	p.dec.UseNumber()
	var tensors []Info
	var metadata map[string]string
	seen := make(map[string]bool)
	err := p.object("header", func(name string) (err error) {
		if seen[name] {
			return tensorError(name, "twice in the header")
		}
		seen[name] = true
		if name == metadataKey {
			metadata, err = p.metadata()
			return err
		}
		t, err := p.tensor(name)
		tensors = append(tensors, t)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	if t, err := p.dec.Token(); err != io.EOF {
		if err != nil {
			return nil, nil, p.syntax(err)
		}
		return nil, nil, fmt.Errorf("safetensors: header goes on with %s at byte %d, want spaces only", kind(t), p.dec.InputOffset())
	}
	slices.SortStableFunc(tensors, func(a, b Info) int {
		return cmp.Or(cmp.Compare(a.Begin, b.Begin), cmp.Compare(a.End, b.End))
	})
	return tensors, metadata, nil
}

// object reads an object: field reads the value of each key.
func (p parser) object(what string, field func(key string) error) error {
	t, err := p.token()
	if err != nil {
		return err
	}
	if t != json.Delim('{') {
		return fmt.Errorf("safetensors: %s is %s, want an object", what, kind(t))
	}
	for p.dec.More() {
		key, err := p.token()
		if err != nil {
			return err
		}
		if err := field(key.(string)); err != nil {
			return err
		}
	}
	_, err = p.token()
	return err
}

func (p parser) metadata() (map[string]string, error) {
	m := make(map[string]string)
	err := p.object(metadataKey, func(key string) error {
		if _, ok := m[key]; ok {
			return tensorError(metadataKey, "key %.100q is there twice", key)
		}
		v, err := p.token()
		if err != nil {
			return err
		}
		s, ok := v.(string)
		if !ok {
			return tensorError(metadataKey, "%.100q is %s, want a string", key, kind(v))
		}
		m[key] = s
		return nil
	})
	return m, err
}

func (p parser) tensor(name string) (Info, error) {
	t := Info{Name: name}
	seen := make(map[string]bool, 3)
	err := p.object(fmt.Sprintf("%.100q", name), func(key string) error {
		if seen[key] {
			return tensorError(name, "%.100q is there twice", key)
		}
		seen[key] = true
		switch key {
		case "dtype":
			v, err := p.token()
			if err != nil {
				return err
			}
			s, _ := v.(string)
			if t.DType = DType(s); t.DType.Bits() == 0 {
				return tensorError(name, "dtype %s, want one of the format's, such as F32", kind(v))
			}
			return nil
		case "shape":
			v, err := p.sizes(name, key, maxDims)
			t.Shape = make([]int, len(v))
			for i, d := range v {
				if d > math.MaxInt {
					return tensorError(name, "shape %v is too large", v)
				}
				t.Shape[i] = int(d)
			}
			return err
		case "data_offsets":
			v, err := p.sizes(name, key, 2)
			if err != nil {
				return err
			}
			if len(v) != 2 {
				return tensorError(name, "data_offsets %v, want [begin, end]", v)
			}
			t.Begin, t.End = v[0], v[1]
			return nil
		}
		return tensorError(name, "unknown field %.100q, want dtype, shape and data_offsets", key)
	})
	if err != nil {
		return t, err
	}
	for _, key := range []string{"dtype", "shape", "data_offsets"} {
		if !seen[key] {
			return t, tensorError(name, "no %s", key)
		}
	}
	return t, nil
}

// sizes reads an array of at most limit numbers, none of them negative.
func (p parser) sizes(name, key string, limit int) ([]int64, error) {
	t, err := p.token()
	if err != nil {
		return nil, err
	}
	if t != json.Delim('[') {
		return nil, tensorError(name, "%s is %s, want an array", key, kind(t))
	}
	v := []int64{}
	for p.dec.More() {
		if len(v) == limit {
			return nil, tensorError(name, "%s has more than %d numbers", key, limit)
		}
		t, err := p.token()
		if err != nil {
			return nil, err
		}
		s, _ := t.(json.Number)
		n, err := strconv.ParseInt(string(s), 10, 64)
		if err != nil || s[0] == '-' {
			return nil, tensorError(name, "%s: number %d is %s, want a whole one from 0 to %d", key, len(v), kind(t), int64(math.MaxInt64))
		}
		v = append(v, n)
	}
	_, err = p.token()
	return v, err
}

func (p parser) token() (json.Token, error) {
	t, err := p.dec.Token()
	if err != nil {
		return nil, p.syntax(err)
	}
	return t, nil
}

func (p parser) syntax(err error) error {
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("safetensors: header: JSON near byte %d: %w", p.dec.InputOffset(), err)
}

// kind describes a token in an error.
func kind(t json.Token) string {
	switch t := t.(type) {
	case json.Delim:
		if t == '{' {
			return "an object"
		}
		return "an array"
	case string:
		return fmt.Sprintf("%.100q", t)
	case json.Number:
		return fmt.Sprintf("%.100s", string(t))
	case nil:
		return "null"
	}
	return fmt.Sprint(t)
}
