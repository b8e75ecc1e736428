package main

import (
	"fmt"
	"go/format"
	"go/token"
	"go/types"
	"strings"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A field of an argument struct.
type field struct {
	name, typ, doc string
}

// An argStruct is one struct that Go fills and assembly reads. The struct's Go
// source, the offsets in the assembly and the test of both come from here.
type argStruct struct {
	name, doc string
	fields    []field
}

var segmentStruct = &argStruct{
	name: "Segment",
	doc: `A Segment is one unbroken run of the reduction: K steps whose A and B operands
start at the given offsets, in elements, beside AOff and BOff. A convolution has
one per filter tap and channel block, a matrix product a single one.`,
	fields: []field{
		{"A", "int", "offset into A"},
		{"B", "int", "offset into B"},
		{"K", "int", "steps, at least 1"},
	},
}

var tileStruct = &argStruct{
	name: "TileArgs",
	doc: `TileArgs describes one register tile of a matrix product. Slices are whole
operands: kernels use their base pointers, the portable kernel their bounds too.
Offsets and leading dimensions are in elements.`,
	fields: []field{
		{"A", "[]float32", "broadcast operand"},
		{"B", "[]float32", "vector operand"},
		{"C", "[]float32", "result, LDC apart by rows"},
		{"Scale", "[]float32", "per column, with FlagScale"},
		{"Bias", "[]float32", "per column, with FlagBias"},
		{"Residual", "[]float32", "added, LDR apart by rows, with FlagResidual"},
		{"Segs", "[]Segment", "the reduction, in order"},
		{"AOff", "int", "where the tile's first row starts in A"},
		{"BOff", "int", "where the tile's first column starts in B"},
		{"COff", "int", "where the tile starts in C"},
		{"ROff", "int", "where the tile starts in Residual"},
		{"Next", "int", "where the tile to be computed next starts in C: Outer, Fused and tiles of few steps prefetch it"},
		{"VOff", "int", "where the tile's columns start in Scale and Bias"},
		{"LDA", "int", "between rows of A (Rows) or steps of A (Outer)"},
		{"LDB", "int", "between steps of B (Outer and Fused; Rows reads panels NR wide) or of P (Panel)"},
		{"LDC", "int", "between rows of C"},
		{"LDR", "int", "between rows of Residual"},
		{"Cols", "int", "columns in use, 1 to NR"},
		{"Beta", "float32", "with FlagLoad the sum starts at Beta*C, else at zero"},
		{"Flags", "uint32", "Flag bits"},
		{"P", "[]float32", "panel that Fused copies B to; what Panel prefetches of a later one"},
		{"POff", "int", "where that starts in P"},
		{"AheadB", "int", "how far behind each step of B Fused prefetches: some steps, in elements"},
		{"AheadA", "int", "how far behind each row of A Panel prefetches: some tiles, in elements"},
		{"Steps", "int", "Rows and Panel: 0, or the steps of a split sum, whose blocks of Segs[0].K start at zero"},
	},
}

var argStructs = []*argStruct{segmentStruct, tileStruct, vectorStruct, channelStruct, winogradPlanesStruct, winogradPixelsStruct, poolStruct, transposeStruct, dropoutStruct, prefetchStruct}

// A flag is a bit of TileArgs.Flags.
type flagBit struct{ name, doc string }

var flagBits = []flagBit{
	{"FlagLoad", "start the sum at Beta*C instead of zero"},
	{"FlagScale", "multiply the sum by Scale"},
	{"FlagBias", "then add Bias"},
	{"FlagResidual", "then add Residual"},
	{"FlagReLU", "then replace negative values by zero; NaN and -0 pass"},
	{"FlagStream", "Rows: store whole tiles whose rows start on lines of 64 bytes past the caches, and prefetch none of C"},
}

func flagValue(name string) uint64 {
	for i, f := range flagBits {
		if f.name == name {
			return 1 << i
		}
	}
	panic("unknown flag " + name)
}

var sizes = types.SizesFor("gc", "amd64")

func goType(name string) types.Type {
	switch name {
	case "int":
		return types.Typ[types.Int]
	case "float32":
		return types.Typ[types.Float32]
	case "uint32":
		return types.Typ[types.Uint32]
	case "[]float32":
		return types.NewSlice(types.Typ[types.Float32])
	case "[]float64":
		return types.NewSlice(types.Typ[types.Float64])
	case "[]uint8":
		return types.NewSlice(types.Typ[types.Uint8])
	case "[20]uint32":
		return types.NewArray(types.Typ[types.Uint32], 20)
	case "[]int":
		return types.NewSlice(types.Typ[types.Int])
	case "[]Segment":
		return types.NewSlice(segmentStruct.underlying())
	}
	panic("spec: no type " + name)
}

func (s *argStruct) underlying() *types.Struct {
	var vars []*types.Var
	for _, f := range s.fields {
		vars = append(vars, types.NewField(token.NoPos, nil, f.name, goType(f.typ), false))
	}
	return types.NewStruct(vars, nil)
}

func (s *argStruct) size() int64 { return sizes.Sizeof(s.underlying()) }

// offset is the byte offset of a field; the name may end in .len for a slice.
func (s *argStruct) offset(name string) int {
	base, isLen := strings.CutSuffix(name, ".len")
	u := s.underlying()
	vars := make([]*types.Var, u.NumFields())
	for i := range vars {
		vars[i] = u.Field(i)
	}
	for i, o := range sizes.Offsetsof(vars) {
		if s.fields[i].name == base {
			if isLen {
				o += sizes.Sizeof(types.Typ[types.Int])
			}
			return int(o)
		}
	}
	panic("spec: " + s.name + " has no field " + name)
}

// at is the memory operand of a field of the struct that ptr points to.
func (s *argStruct) at(ptr reg.Register, name string) operand.Mem {
	return operand.Mem{Base: ptr, Disp: s.offset(name)}
}

const header = "// Code generated by gen. DO NOT EDIT.\n\n"

func comment(text string) string {
	return "// " + strings.ReplaceAll(text, "\n", "\n// ") + "\n"
}

func gofmt(src string) []byte {
	out, err := format.Source([]byte(src))
	if err != nil {
		panic(fmt.Sprintf("%v in\n%s", err, src))
	}
	return out
}

// argsSource is asm/args.go.
func argsSource() []byte {
	var b strings.Builder
	b.WriteString(header + "package asm\n\n")
	for _, s := range argStructs {
		b.WriteString(comment(s.doc))
		fmt.Fprintf(&b, "type %s struct {\n", s.name)
		for _, f := range s.fields {
			fmt.Fprintf(&b, "%s %s", f.name, f.typ)
			if f.doc != "" {
				b.WriteString(" // " + f.doc)
			}
			b.WriteString("\n")
		}
		b.WriteString("}\n\n")
	}
	b.WriteString("// Flags of a tile, applied in this order.\nconst (\n")
	for i, f := range flagBits {
		fmt.Fprintf(&b, "%s uint32 = 1 << %d // %s\n", f.name, i, f.doc)
	}
	b.WriteString(")\n")
	return gofmt(b.String())
}

// argsTestSource is asm/args_test.go: the offsets the assembly uses, compared
// with those of the compiler, which asmdecl cannot see.
func argsTestSource() []byte {
	var b strings.Builder
	b.WriteString(header + "//go:build amd64\n\npackage asm\n\nimport (\n\"testing\"\n\"unsafe\"\n)\n\n")
	b.WriteString("func TestArgOffsets(t *testing.T) {\n")
	b.WriteString("for _, f := range []struct {\nname string\ngot, want uintptr\n}{\n")
	for _, s := range argStructs {
		for _, f := range s.fields {
			fmt.Fprintf(&b, "{\"%s.%s\", unsafe.Offsetof(%s{}.%s), %d},\n", s.name, f.name, s.name, f.name, s.offset(f.name))
		}
		fmt.Fprintf(&b, "{\"size of %s\", unsafe.Sizeof(%s{}), %d},\n", s.name, s.name, s.size())
	}
	b.WriteString("} {\nif f.got != f.want {\nt.Errorf(\"%s is at %d, the assembly expects %d\", f.name, f.got, f.want)\n}\n}\n}\n")
	return gofmt(b.String())
}
