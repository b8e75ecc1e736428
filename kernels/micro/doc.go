// Package micro is the door to the assembly: it knows the tiers, holds one
// complete bundle of micro-kernels for each, and is the only importer of
// package asm and of cpuid.
//
//	kernels, conv            fill a TileArgs, ask for rows x columns
//	    |
//	    v
//	  Bundle  {Tier, MR, NR, MaxSteps}
//	    |
//	    +-- avx512   asm.SgemmRows1x32AVX512 ... 14x32,  asm.SgemmOuter...
//	    +-- avx2     asm.SgemmRows1x16AVX2 ... 6x16,     asm.SgemmOuter...
//	    +-- generic  portable.go: 2x4 in plain Go
//
// A bundle's parts belong together: panels packed for one tier's NR mean nothing
// to another. Arguments are not checked here; a wrong one may crash the process
// or corrupt memory.
//
// The package is public because conv and other modules of this repository need
// it. It comes with no compatibility promise: import kernels instead.
package micro
