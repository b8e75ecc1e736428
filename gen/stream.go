package main

import (
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

// fence makes streamed results visible to whom the caller tells of them.
func (k *lanes) fence() {
	if len(k.streamOuts) == 0 {
		return
	}
	k.Load(k.Param("a"), reg.RAX)
	k.MOVL(k.streamArgs.at(reg.RAX, "Stream"), reg.EAX)
	k.TESTL(reg.EAX, reg.EAX)
	k.JZ(operand.LabelRef("return"))
	k.SFENCE()
	k.Label("return")
}
