package main

import (
	"github.com/mmcloughlin/avo/reg"
)

// An isa is what the emitters need to know of a tier.
type isa struct {
	name  string // as in kernel names: AVX2, AVX512
	tier  string // as in file names and SIMDCONV_ISA
	lanes int    // float32 lanes of a vector
	mr    int    // most rows of a register tile
	regs  []reg.Register
}

const tileVectors = 2 // vectors in a row of the tile: NR = 2 * lanes

func (v *isa) nr() int { return tileVectors * v.lanes }

// bytes is the size of one vector.
func (v *isa) bytes() int { return 4 * v.lanes }

// The register map of a tile: accumulators from 0, then the two vectors of B,
// then two registers for broadcasts.
func (v *isa) acc(row, vec int) reg.Register { return v.regs[row*tileVectors+vec] }
func (v *isa) b(vec int) reg.Register        { return v.regs[v.mr*tileVectors+vec] }
func (v *isa) bcast(i int) reg.Register      { return v.regs[v.mr*tileVectors+tileVectors+i%2] }

var (
	avx2 = &isa{name: "AVX2", tier: "avx2", lanes: 8, mr: 6, regs: []reg.Register{
		reg.Y0, reg.Y1, reg.Y2, reg.Y3, reg.Y4, reg.Y5, reg.Y6, reg.Y7,
		reg.Y8, reg.Y9, reg.Y10, reg.Y11, reg.Y12, reg.Y13, reg.Y14, reg.Y15,
	}}
	avx512 = &isa{name: "AVX512", tier: "avx512", lanes: 16, mr: 14, regs: []reg.Register{
		reg.Z0, reg.Z1, reg.Z2, reg.Z3, reg.Z4, reg.Z5, reg.Z6, reg.Z7,
		reg.Z8, reg.Z9, reg.Z10, reg.Z11, reg.Z12, reg.Z13, reg.Z14, reg.Z15,
		reg.Z16, reg.Z17, reg.Z18, reg.Z19, reg.Z20, reg.Z21, reg.Z22, reg.Z23,
		reg.Z24, reg.Z25, reg.Z26, reg.Z27, reg.Z28, reg.Z29, reg.Z30, reg.Z31,
	}}
	tiers = []*isa{avx2, avx512}
)
