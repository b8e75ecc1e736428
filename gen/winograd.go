package main

import (
	"fmt"
	"go/token"
	"go/types"
	"strings"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
)

// A winogradKind is one transform of a tile of in x in values to one of
// out x out, in each channel.
type winogradKind struct {
	name    string // Input, Filter or Output
	points  *points
	in, out int
}

var winogradKinds = []winogradKind{
	{"Input", tile4, 4, 4}, {"Input", tile6, 6, 6}, {"Input", tile8, 8, 8},
	{"Filter", tile4, 3, 4}, {"Filter", tile6, 3, 6}, {"Filter", tile6, 4, 6}, {"Filter", tile8, 3, 8},
	{"Output", tile4, 4, 2}, {"Output", tile6, 6, 4}, {"Output", tile6, 6, 3}, {"Output", tile8, 8, 6},
}

var (
	winogradPlanesStruct = &argStruct{
		name: "PlanesArgs",
		doc: `PlanesArgs describes the transform of one tile of pixels or taps into Winograd's
planes. Offsets and distances are in elements and may be negative.`,
		fields: []field{
			{"X", "[]float32", "pixels or taps"},
			{"V", "[]float32", "planes, one value of each for a channel"},
			{"XOff", "int", "where the tile starts in X"},
			{"VOff", "int", "where its values start in the first plane"},
			{"XRow", "int", "between rows of the tile"},
			{"XCol", "int", "between columns of the tile"},
			{"Plane", "int", "between planes"},
			{"N", "int", "channels, 1 to MaxWinograd; planes are written in whole vectors"},
			streamField,
		},
	}
	winogradPixelsStruct = &argStruct{
		name: "PixelsArgs",
		doc: `PixelsArgs describes the transform of one tile of Winograd's planes back into
pixels. Offsets and distances are in elements.`,
		fields: []field{
			{"M", "[]float32", "planes, read in whole vectors"},
			{"Y", "[]float32", "pixels"},
			{"Scale", "[]float32", "per channel, with FlagScale"},
			{"Bias", "[]float32", "per channel, with FlagBias"},
			{"Residual", "[]float32", "laid out like Y, with FlagResidual"},
			{"MOff", "int", "where the tile's values start in the first plane"},
			{"YOff", "int", "where the tile starts in Y and Residual"},
			{"COff", "int", "where its channels start in Scale and Bias"},
			{"YRow", "int", "between rows of pixels"},
			{"YCol", "int", "between columns of pixels"},
			{"Plane", "int", "between planes"},
			{"N", "int", "channels, 1 to MaxWinograd"},
			{"Rows", "int", "rows of the tile that there are, from 1"},
			{"Cols", "int", "columns of the tile that there are, from 1"},
			{"Flags", "uint32", "Flag bits, without FlagLoad"},
			streamField,
		},
	}
)

func (k *winogradKind) args() *argStruct {
	if k.name == "Output" {
		return winogradPixelsStruct
	}
	return winogradPlanesStruct
}

func (k *winogradKind) kernel(v *isa) string {
	return fmt.Sprintf("Winograd%s%dto%d%s", k.name, k.in, k.out, v.name)
}

func (k *winogradKind) stages() stages {
	switch k.name {
	case "Input":
		return k.points.input
	case "Filter":
		return k.points.filter[k.in]
	}
	return k.points.output[k.out]
}

// constants lists what the transform multiplies by.
func (k *winogradKind) constants() []string {
	switch {
	case k.points == tile8:
		return map[string][]string{"Input": input8, "Filter": filter8, "Output": output8}[k.name]
	case k.points == tile4 && k.name == "Filter":
		return []string{"half"}
	case k.points == tile4:
		return nil
	case k.name == "Input":
		return []string{"a", "b", "aa", "bb"}
	case k.name == "Output" && k.out == 4:
		return []string{"a", "b", "aa", "bb", "aaa", "bbb"}
	case k.name == "Output":
		return []string{"a", "b", "aa", "bb"}
	case k.in == 4:
		return []string{"n0", "na", "nb", "naa", "nbb", "naaa", "nbbb", "naaaa", "nbbbb"}
	}
	return []string{"n0", "na", "nb", "naa", "nbb", "naaa", "nbbb"}
}

// argsPointer is the signature func(a *s).
func argsPointer(s *argStruct) *types.Signature {
	name := types.NewTypeName(token.NoPos, asmPackage, s.name, nil)
	return signature("a", types.NewPointer(types.NewNamed(name, s.underlying(), nil)))
}

func winogradFile(v *isa) *build.Context {
	c := build.NewContext()
	c.ConstraintExpr("amd64,!purego")
	table := winogradTable(c)
	var masks operand.Mem
	if v.lanes == 8 {
		masks = emitMaskTable(c)
	}
	for i := range winogradKinds {
		k := &winogradKinds[i]
		begin(c, k.kernel(v), argsPointer(k.args()), k.doc(v))
		w := &winograd{vectors: newVectors(c, v, table), winogradKind: k, masks: masks}
		if k.name == "Output" {
			w.emitPixels()
		} else {
			w.emitPlanes()
		}
	}
	return c
}

func (k *winogradKind) doc(v *isa) []string {
	what := map[string]string{
		"Input":  "V = Bᵀ X B of a tile of %dx%d pixels, %dx%d planes,",
		"Filter": "V = G X Gᵀ of a filter of %dx%d taps, %dx%d planes,",
		"Output": "Y = act(Scale*(Aᵀ M A) + Bias + Residual) of %dx%d planes, a tile of %dx%d pixels,",
	}[k.name]
	return []string{
		fmt.Sprintf("%s computes "+what, k.kernel(v), k.in, k.in, k.out, k.out),
		"for N channels side by side. It works like micro's portable transform. See the",
		"package documentation for the contract.",
	}
}

func winogradEntries(v *isa) (all []manifestEntry) {
	for i := range winogradKinds {
		all = append(all, manifestEntry{name: winogradKinds[i].kernel(v)})
	}
	return all
}

// winogradDispatch switches on the tier and the sizes of a transform.
func winogradDispatch() []byte {
	var b strings.Builder
	b.WriteString(dispatchHeader)
	for _, name := range []string{"Input", "Filter", "Output"} {
		var args string
		for _, k := range winogradKinds {
			if k.name == name {
				args = k.args().name
			}
		}
		fmt.Fprintf(&b, "func winograd%s(t Tier, in, out int, a *%s) {\nswitch t {\n", name, args)
		for _, v := range tiers {
			fmt.Fprintf(&b, "case %s:\nswitch {\n", v.name)
			for _, k := range winogradKinds {
				if k.name == name {
					fmt.Fprintf(&b, "case in == %d && out == %d:\nasm.%s(a)\n", k.in, k.out, k.kernel(v))
				}
			}
			b.WriteString("default:\npanic(badWinograd)\n}\n")
		}
		fmt.Fprintf(&b, "default:\nportable%s(in, out, a)\n}\n}\n\n", name)
	}
	return gofmt(b.String())
}

// maxWinograd is the most channels of a transform: its operands, at most the
// planes of the largest tile, its pixels and those of Residual, Scale and Bias, are
// within maxBytes.
func maxWinograd() int {
	const values, block = 8*8 + 2*6*6 + 2, 128
	return maxBytes / (4 * values) / block * block
}
