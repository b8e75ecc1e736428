// Package parallel is the one executor of the library: a pool of goroutines
// that stay warm between the short parallel regions of a network's layers.
//
//	Run(task, n, threads)                      one region
//	      │
//	      │ publish task, open the gate, wake the parked
//	      ▼
//	┌─ caller = worker 0 ─┐  ┌─ worker 1 ─┐  ┌─ worker 2 ─┐
//	│ i := next++         │  │ i := next++│  │ i := next++│     next: one atomic
//	│ task.Run(0, i)      │  │ Run(1, i)  │  │ Run(2, i)  │     counter on a cache
//	│ ... until i >= n    │  │ ...        │  │ ...        │     line of its own
//	└──────────┬──────────┘  └─────┬──────┘  └─────┬──────┘
//	           ▼                   ▼               ▼
//	     shut the gate,        spin for 60 us: the next region starts within
//	     wait for those        a microsecond; then park on a channel, and cost
//	     still inside,         nothing until woken
//	     drop the task
//
// Who finds nothing left in a running region, a worker or the caller, polls on, for
// about 1 ms at most, so that it is there for the next.
//
// Work of a few microseconds asks [Pool.Awake] first how many workers poll, and wakes
// none for itself.
//
// A worker that wakes too late finds the gate shut and is not waited for, so
// a region never takes longer than the caller alone would have needed, but
// for the time of one task.
//
// Which worker runs which index is left to chance. A task is therefore
// written so that its result does not depend on it: indices own disjoint parts
// of the output, and a sum that indices share is kept as one partial per index
// and merged in index order afterwards.
package parallel
