// Compare judges the library's speed from outside of its module. README.md has
// other libraries side by side, and totals adds their layers up. Report measures
// everything and makes tables and charts of it, see ../README.md. The gate fails
// if a change made benchmarks slower:
//
//	go run -C benchmarks/compare . report
//	go run -C benchmarks/compare . report -charts     # of the files that are there
//	go run -C benchmarks/compare . gate
//	go run -C benchmarks/compare . gate -bench 'Conv/.*/algo=direct' -- -nets=resnet34 -batches=1,8
//	go tool benchstat old.txt new.txt         # in benchmarks/compare
//
// # Before you trust it
//
//   - It sees what the benchmarks see: warm caches, packed weights, the rows that
//     -bench chooses. What has no benchmark can become slower unseen.
//   - Slowdowns below -threshold, 5%, pass, as many as there are and one after the
//     other. Those a little above it are caught more often than not, 10% always,
//     unless the machine is busy: then it sees less, says so, and passes.
//   - Benchmarks that are new, gone or renamed are counted, not compared.
//   - go run turns every exit code but 0 into 1. To tell 1, slower, from 2, could
//     not tell, build the command: go build -C benchmarks/compare -o gate .
//   - In a shallow clone it fetches the commits it lacks. It changes nothing else
//     in the repository, and what it builds it builds in a temporary folder.
//
// # What it does
//
//	 base commit                 working tree
//	(merge base with main,            │
//	 on main HEAD~1)                  │
//	      │ export                    │
//	      ▼                           ▼
//	 base.test ── the same bytes? ── head.test ──► passed
//	      │                           │
//	      └────► A B  B A  A B ... ◄──┘   linked anew in each of 24 rounds,
//	                  │                   functions in random order
//	                  ▼
//	             benchstat's table, suspects ── none ──► passed
//	                  │
//	                  ▼
//	             the suspects alone, 72 rounds ── not again ──► passed
//	                  │
//	                  ▼
//	               FAILED
//
// A working tree that differs from HEAD is compared with HEAD if HEAD is on the
// main branch, as it will be a commit of its own. The main branch is origin/main,
// or main where there is none. No parent, no benchmarks at base and none of the
// same name are nothing to compare, and pass.
//
// # What it judges by
//
// %peak, the rate of the sample relative to a loop of multiply-adds run just
// before and after it in the same process (%stream for a loop over memory). On
// machines whose clocks and neighbours change, times drift by 2x, but both loops
// together. So samples of one side can be compared with any of the other, by the
// Mann-Whitney U test.
//
// Without such a yardstick, or if the yardstick itself changed (its files differ,
// or its rate does in nearly every round), a row is judged by its time, relative
// to the other side's in the same round, by Wilcoxon's signed ranks. That is
// weaker: drift within a round remains.
//
// Where code happens to lie can cost a kernel some percent, the same in every run
// of a program. A random order of functions for each round makes it noise.
//
// # How sure it is
//
// With dozens of benchmarks, p < 0.05 each would cry wolf daily. A benchmark is
// slower only if
//
//   - at first it seems slower by half the threshold, at p <= 5 alpha: weak, so
//     that little is missed, as nothing is decided yet;
//   - in fresh samples, of three times as many rounds, it is slower by more than
//     the threshold, at p <= alpha after Holm's correction for the number of
//     suspects. As fresh samples know nothing of how suspects were chosen, alpha
//     = 1% bounds false alarms of the whole run, however many benchmarks it has.
//     That ratio and threshold agree makes them far rarer than that;
//   - in all samples together it is slower by more than the threshold.
//
// The ratio is that of Hodges and Lehmann, the median over all pairs of samples.
//
// The tests play this to a simulated machine (noise of 2%, with tails and
// outliers up to 2x, placement effects of 4%, drift of 2x; ten benchmarks). In
// 1,000 gates each: identical programs, on a busy machine (noise of 35%) too, and
// one benchmark 2% slower, no alarm; one 10% slower, always one, by time alone in
// 93 of 100.
package main
