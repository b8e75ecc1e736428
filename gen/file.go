package main

import (
	"bytes"
	"errors"
	"fmt"
	"go/token"
	"go/types"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/gotypes"
	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/pass"
	"github.com/mmcloughlin/avo/printer"
)

const asmPath = "github.com/simdconv/simdconv/asm"

// asmPackage stands for package asm in signatures: the real one cannot be
// loaded while its stubs are being written.
var asmPackage = types.NewPackage(asmPath, "asm")

// argPointer is the signature of every kernel that takes a struct, func(a *s).
func argPointer(s *argStruct) *types.Signature {
	name := types.NewTypeName(token.NoPos, asmPackage, s.name, nil)
	named := types.NewNamed(name, s.underlying(), nil)
	return signature("a", types.NewPointer(named))
}

func signature(param string, t types.Type) *types.Signature {
	v := types.NewVar(token.NoPos, asmPackage, param, t)
	return types.NewSignatureType(nil, nil, nil, types.NewTuple(v), nil, false)
}

// begin starts a function in the contract's form: no frame, no stack check,
// arguments that do not escape.
func begin(c *build.Context, name string, sig *types.Signature, doc []string) {
	c.Function(name)
	c.Attributes(attr.NOSPLIT)
	c.Pragma("noescape")
	c.Signature(gotypes.NewSignature(asmPackage, sig))
	c.Doc(doc...)
}

// sgemmFile builds every tile of a tier: two forms, 1 to MR rows.
func sgemmFile(v *isa) *build.Context {
	c := build.NewContext()
	c.ConstraintExpr("amd64,!purego")
	var table operand.Mem
	if v.lanes == 8 {
		table = emitMaskTable(c)
	}
	for _, outer := range []bool{false, true} {
		for rows := 1; rows <= v.mr; rows++ {
			t := &tile{Context: c, isa: v, rows: rows, outer: outer, maskTable: table}
			begin(c, t.name(), argPointer(tileStruct), t.doc())
			t.emit()
		}
	}
	return c
}

func sgemmEntries(v *isa) (all []manifestEntry) {
	for _, outer := range []bool{false, true} {
		for rows := 1; rows <= v.mr; rows++ {
			t := &tile{isa: v, rows: rows, outer: outer}
			all = append(all, manifestEntry{t.name(), rows, v.nr()})
		}
	}
	return all
}

func roofEntries(v *isa) []manifestEntry { return []manifestEntry{{name: roofName(v)}} }

func roofFile(v *isa) *build.Context {
	c := build.NewContext()
	c.ConstraintExpr("amd64,!purego")
	begin(c, roofName(v), signature("n", types.Typ[types.Int]), roofDoc(v))
	emitRoof(c, v)
	return c
}

// render compiles, lints and prints a file: its assembly and its Go stubs.
func render(c *build.Context, tier string) (asm, stubs []byte, err error) {
	f, err := c.Result()
	if err != nil {
		return nil, nil, err
	}
	var errs []error
	passes := pass.Concat(pass.Compile, pass.FunctionPass(func(fn *ir.Function) error {
		errs = append(errs, lint(fn, tier))
		return nil
	}))
	if err := passes.Execute(f); err != nil {
		return nil, nil, err
	}
	if err := errors.Join(errs...); err != nil {
		return nil, nil, fmt.Errorf("lint: %w", err)
	}
	cfg := printer.Config{Name: "gen", Pkg: "asm"}
	asm, err = printer.NewGoAsm(cfg).Print(f)
	if err != nil {
		return nil, nil, err
	}
	stubs, err = printer.NewStubs(cfg).Print(f)
	return append(bytes.TrimSpace(asm), '\n'), stubs, err
}
