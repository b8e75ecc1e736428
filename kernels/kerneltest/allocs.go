package kerneltest

import (
	"math"
	"runtime"
	"runtime/debug"
)

// Allocs returns the allocations of a call of f, as testing.AllocsPerRun does, but
// without forbidding threads. The collector rests meanwhile, lest it empty pools that
// f would fill again, and the least of several attempts leaves out what the runtime
// allocates for itself, as it does where goroutines park on a thread for the first
// time.
func Allocs(f func()) uint64 {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	f()
	const attempts, runs = 10, 3
	least := uint64(math.MaxUint64)
	for i := 0; i < attempts && least > 0; i++ {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for range runs {
			f()
		}
		runtime.ReadMemStats(&after)
		least = min(least, (after.Mallocs-before.Mallocs)/runs)
	}
	return least
}
