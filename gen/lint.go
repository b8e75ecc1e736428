package main

import (
	"errors"
	"fmt"
	"regexp"
	"slices"

	"github.com/mmcloughlin/avo/ir"
)

// tierISA lists the extensions a kernel of each tier may use: those of the
// tier's definition in package micro. MMX+ is avo's name for PREFETCHT0, which
// every amd64 has, as it has CMOV.
var tierISA = map[string][]string{
	"avx2":   {"CMOV", "MMX+", "AVX", "AVX2", "FMA3"},
	"avx512": {"CMOV", "MMX+", "AVX", "AVX2", "FMA3", "AVX512F", "AVX512BW", "AVX512DQ", "AVX512VL"},
}

var (
	reservedReg = regexp.MustCompile(`\b(BP|EBP|RBP|R14|R14[LWB]|R15|R15[LWB])\b`)
	highVector  = regexp.MustCompile(`\b[XY](1[6-9]|2[0-9]|3[01])\b`)
	zVector     = regexp.MustCompile(`\b(Z[0-9]+|K[0-7])\b`)
	legacySSE   = regexp.MustCompile(`^(MOVAPS|MOVUPS|MOVSS|ADDPS|ADDSS|MULPS|MULSS|MAXPS|XORPS|PXOR|MOVO[AU])$`)
)

// lint checks a compiled kernel against the contract of package asm.
func lint(fn *ir.Function, tier string) error {
	var errs []error
	bad := func(format string, a ...any) {
		errs = append(errs, fmt.Errorf("%s: %s", fn.Name, fmt.Sprintf(format, a...)))
	}
	allowed, ok := tierISA[tier]
	if !ok {
		bad("unknown tier %q", tier)
	}
	if n := fn.FrameBytes(); n != 0 {
		bad("frame of %d bytes, want 0", n)
	}
	for _, ext := range fn.ISA {
		if !slices.Contains(allowed, ext) {
			bad("uses %s, which tier %s does not have", ext, tier)
		}
	}
	previous := ""
	for _, in := range fn.Instructions() {
		if in.Opcode == "RET" && previous != "VZEROUPPER" {
			bad("RET after %s, want VZEROUPPER", previous)
		}
		if legacySSE.MatchString(in.Opcode) {
			bad("%s is a legacy SSE instruction", in.Opcode)
		}
		for _, op := range in.Operands {
			text := op.Asm()
			if reservedReg.MatchString(text) {
				bad("%s %s uses a reserved register", in.Opcode, text)
			}
			if tier == "avx2" && (highVector.MatchString(text) || zVector.MatchString(text)) {
				bad("%s %s needs AVX-512", in.Opcode, text)
			}
		}
		previous = in.Opcode
	}
	if previous != "RET" {
		bad("ends with %s, want RET", previous)
	}
	return errors.Join(errs...)
}
