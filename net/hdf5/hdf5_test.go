package hdf5

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// goldens are files that h5py wrote; testdata/generate.py says how.
var goldens = []string{"old", "v18", "new"}

func unzip(t testing.TB, name string) []byte {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", name+".gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func open(b []byte) (*File, error) { return NewFile(bytes.NewReader(b), int64(len(b))) }

func mustOpen(t testing.TB, name string) *File {
	t.Helper()
	f, err := open(unzip(t, name))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// A listed object is what h5py read of it.
type listed struct {
	Group      bool                `json:"group"`
	Shape      []int               `json:"shape"`
	DType      string              `json:"dtype"` // empty if it is not to be read
	Values     []string            `json:"values"`
	Attributes map[string][]string `json:"attributes"` // nil: no strings
}

func TestGolden(t *testing.T) {
	for _, name := range goldens {
		t.Run(name, func(t *testing.T) {
			f := mustOpen(t, name+".h5")
			want := map[string]listed{}
			if err := json.Unmarshal(unzip(t, name+".json"), &want); err != nil {
				t.Fatal(err)
			}
			for _, o := range f.Objects() {
				if f.Object(o.Path) != o {
					t.Errorf("%q is not found under its path", o.Path)
				}
				w, ok := want[o.Path]
				if strings.HasPrefix(o.Path, "many/") || strings.HasPrefix(o.Path, "refused/") || o.Path == "type" {
					ok, w.Attributes = true, map[string][]string{}
				} else if compare(t, o, w); !ok {
					t.Errorf("%q is not in the listing", o.Path)
				}
				delete(want, o.Path)
			}
			for _, path := range slices.Sorted(maps.Keys(want)) {
				t.Errorf("%q is missing", path)
			}
		})
	}
}

func compare(t *testing.T, o *Object, want listed) {
	t.Helper()
	if o.Group != want.Group || !slices.Equal(o.Shape, want.Shape) {
		t.Errorf("%q: group %v of shape %d, want %v, %d", o.Path, o.Group, o.Shape, want.Group, want.Shape)
	}
	attributes := map[string]bool{}
	for _, a := range o.Attributes() {
		attributes[a.Name] = true
		w, ok := want.Attributes[a.Name]
		got, err := a.Strings()
		if !ok || w == nil && err == nil || w != nil && (err != nil || !slices.Equal(got, w)) {
			t.Errorf("%q: attribute %q is %.100q, %v, want %.100q", o.Path, a.Name, got, err, w)
		}
	}
	if len(attributes) != len(want.Attributes) {
		t.Errorf("%q: %d attributes, want %d", o.Path, len(attributes), len(want.Attributes))
	}
	if o.Group {
		return
	}
	if o.Type.String() != want.DType {
		t.Errorf("%q: type %v, want %s", o.Path, o.Type, want.DType)
	}
	var got []string
	var err error
	if o.Type.Class == Float {
		var v []float32
		v, err = o.Float32s()
		for i := range want.Values { // Python writes other decimals of the same number
			x, _ := strconv.ParseFloat(want.Values[i], 32)
			want.Values[i] = fmt.Sprint(math.Float32bits(float32(x)))
		}
		for _, x := range v {
			got = append(got, fmt.Sprint(math.Float32bits(x)))
		}
	} else {
		var v []int64
		v, err = o.Int64s()
		for _, x := range v {
			got = append(got, fmt.Sprint(x))
		}
	}
	if err != nil || !slices.Equal(got, want.Values) || o.Len() != len(got) {
		t.Errorf("%q: %d values %.100v, %v, want %d: %.100v", o.Path, o.Len(), got, err, len(want.Values), want.Values)
	}
}
