// Package gonumblas gives gonum the matrix product of package kernels. One line
// at the start of a program replaces Sgemm under everything that gonum builds on
// blas32:
//
//	blas32.Use(gonumblas.Implementation{})
//
//	mat, lapack, your code ──► blas32.Gemm ──► Implementation.Sgemm
//	                                                │        │
//	                               kernels.Engine.Gemm      gonum's own: checks,
//	                               AVX2, AVX-512, threads   C that overlaps A or B
//
// The other routines of blas.Float32 stay gonum's own, and so do the checks of
// arguments, with gonum's panics, and products whose result overlaps an operand.
// Results differ from gonum's in rounding only: each is one chain of fused
// multiply-adds.
//
// Gorgonia's tensor works on engines instead. Its StdEng multiplies float32
// matrices through the BLAS that the package was given:
//
//	tensor.Use(gonumblas.Implementation{})
package gonumblas
