package main

import (
	"fmt"
	"go/types"
	"strings"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// streamAlign is the alignment that streaming stores ask for: whole lines, which
// leave the core without having been read.
const streamAlign = 64

var streamField = field{"Stream", "uint32", "not 0: results that start on a line go to memory past the caches"}

// streamable lets blocks use streaming stores for the results at outs where the
// Stream of the arguments, at AX when blocks begins, asks for it.
func (k *lanes) streamable(s *argStruct, outs ...reg.GPPhysical) {
	k.streamArgs, k.streamOuts = s, outs
}

// streamTurns emits the turns of blocks with streaming stores. It changes AX.
func (k *lanes) streamTurns(turn, few string, body func()) {
	if len(k.streamOuts) == 0 {
		return
	}
	k.MOVL(k.streamArgs.at(reg.RAX, "Stream"), reg.EAX)
	k.TESTL(reg.EAX, reg.EAX)
	k.JZ(operand.LabelRef(turn))
	k.MOVQ(k.streamOuts[0], reg.RAX)
	for _, out := range k.streamOuts[1:] {
		k.ORQ(out, reg.RAX)
	}
	k.TESTQ(operand.U32(streamAlign-1), reg.RAX)
	k.JNZ(operand.LabelRef(turn))
	stream := k.label("stream")
	k.Comment("The same past the caches")
	k.alignLoop(stream)
	k.streaming = true
	body()
	k.streaming = false
	k.JGE(operand.LabelRef(stream))
	k.JMP(operand.LabelRef(few))
}

// streamFile has what follows streaming stores: until then others may not see them.
func streamFile(v *isa) *build.Context {
	c := build.NewContext()
	c.ConstraintExpr("amd64,!purego")
	none := types.NewSignatureType(nil, nil, nil, nil, nil, false)
	begin(c, "Fence"+v.name, none, []string{"Fence" + v.name + " waits until all that was stored past the caches is in memory."})
	c.SFENCE()
	c.VZEROUPPER()
	c.RET()
	return c
}

func streamEntries(v *isa) []manifestEntry { return []manifestEntry{{name: "Fence" + v.name}} }

func streamDispatch() []byte {
	var b strings.Builder
	b.WriteString(dispatchHeader)
	b.WriteString("func fence(t Tier) {\nswitch t {\n")
	for _, v := range tiers {
		fmt.Fprintf(&b, "case %s:\nasm.Fence%s()\n", v.name, v.name)
	}
	b.WriteString("}\n}\n")
	return gofmt(b.String())
}
