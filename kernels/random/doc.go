// Package random generates random numbers that depend on nothing but what they
// are for.
//
// A generator with a state gives different numbers to different threads, and
// reproducing step 1000 of a training run means going through the 999 before.
// Here a number is instead a function of a key and an index:
//
//	Seed      the run          Stream    the layer        Step    the step
//	    \________________________ | _______________________/
//	                             \|/
//	          index i  ---->  [Philox]  ---->  element i
//
// so the dropout mask of layer 3 at step 1000 can be computed in any order, on
// any number of threads, again in the backward pass instead of being stored,
// and comes out the same. The function is Philox4x32-10 of Salmon et al. (SC
// 2011): ten rounds of multiplication and exclusive or that turn a counter
// into 128 bits which pass the standard batteries of statistical tests. It is
// not meant for cryptography.
//
// Everything here is a value or a pure function, safe for concurrent use, and
// nothing allocates.
package random
