package micro

// streamBytes is the size from which a result goes to memory past the caches. A
// line that is stored the usual way is read first, which a copy loop of large
// operands spends a third of its traffic on; but what comes next finds nothing in
// the caches. From half of the 32 MiB that cores of today share, little of a
// result and its operands would be found there anyway.
//
// Rows of pool and bn of 25 MiB and more take 0.5 to 0.9 of the time. Training
// steps and predictions of ResNet-34 with 8 and 32 images, with and without by
// turns, are 0.99 to 1.09 times as fast, which is the noise; with a limit of 4 MiB
// they are 0.99 to 1.05 times as fast. Winograd of 224x224x64 takes 0.87 to 0.95 of
// the time, of 56x56x64 with 32 images 0.95.
const streamBytes = 16 << 20

// Stream returns the Stream of the arguments of a call that writes part of a
// result of n floats, which is none of the operands: 1 if it is too large for the
// caches, and else 0. It changes no bit of the result. After calls with 1, Fence
// has to follow on the same goroutine, before another may read the result.
func Stream(n int) uint32 {
	if 4*n < streamBytes {
		return 0
	}
	return 1
}

// Fence ends calls whose Stream was stream. It takes a tenth of a microsecond,
// until what was stored is in memory.
func (b *Bundle) Fence(stream uint32) {
	if stream != 0 {
		fence(b.Tier)
	}
}
