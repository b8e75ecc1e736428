package peers

import (
	"time"

	"github.com/simdconv/simdconv/benchmarks/roof"
	"github.com/simdconv/simdconv/benchmarks/suite"
)

// Turns is how often the runs of a duel take turns within one sample.
const Turns = 5

// settle is the time that threads of a library get to stop spinning after its
// turn, before another's starts. OpenBLAS's spin for about 20 ms.
const settle = 30 * time.Millisecond

// rest is the time that simdconv's threads, which empty the caches, get to stop
// spinning and park before a call: those of the other libraries are parked by then.
const rest = 200 * time.Microsecond

// A Roof returns the rates of some bursts of a loop that a sample is compared
// with, in units of work per second.
type Roof func() ([]float64, error)

// A Duel measures several runs of the same row by turns, A B C A B C, so that
// clocks and neighbours are the same to all. The roof is measured between any two
// turns.
type Duel struct {
	Work    float64 // of a call: operations, or bytes in and out of memory
	Roof    Roof
	Threads int
	Cold    bool          // caches are emptied before each call
	Time    time.Duration // of a run's sample, shared by its turns
}

// A Sample is what one run did in its turns.
type Sample struct {
	Calls int     // in all turns
	Call  float64 // seconds for one: the median over the turns
	Share float64 // of the roof: the median over the turns
}

// Measure returns one sample of each run.
func (d Duel) Measure(runs []Run) ([]Sample, error) {
	samples := make([]Sample, len(runs))
	times, shares := make([][]float64, len(runs)), make([][]float64, len(runs))
	before, err := d.Roof()
	if err != nil {
		return nil, err
	}
	for range Turns {
		for i, r := range runs {
			calls, spent, err := d.turn(r)
			if err != nil {
				return nil, err
			}
			if d.Threads > 1 {
				time.Sleep(settle)
			}
			after, err := d.Roof()
			if err != nil {
				return nil, err
			}
			call := max(spent, 1).Seconds() / float64(calls)
			times[i] = append(times[i], call)
			shares[i] = append(shares[i], d.Work/call/roof.Median(append(before, after...)))
			samples[i].Calls += calls
			before = after
		}
	}
	for i := range samples {
		samples[i].Call, samples[i].Share = roof.Median(times[i]), roof.Median(shares[i])
	}
	return samples, nil
}

// turn calls one run for its share of the time, at least once.
func (d Duel) turn(r Run) (calls int, spent time.Duration, err error) {
	defer r.begin()()
	first := time.Now()
	if err := r.Call(); err != nil { // brings operands and code into the caches
		return 0, 0, err
	}
	if d.Cold {
		return d.cold(r)
	}
	if spent = time.Since(first); spent >= d.Time/Turns {
		return 1, spent, nil // so long that cold caches do not show
	}
	batch, start := 1, time.Now()
	for spent = 0; spent < d.Time/Turns; spent = time.Since(start) {
		for range batch {
			if err := r.Call(); err != nil {
				return 0, 0, err
			}
		}
		calls += batch
		// A look at the clock costs as much as 1% of a call of 5 us.
		if time.Since(start) < d.Time/Turns/8 {
			batch = calls
		}
	}
	return calls, spent, nil
}

// cold keeps the time of the calls alone.
func (d Duel) cold(r Run) (calls int, spent time.Duration, err error) {
	for begin := time.Now(); calls == 0 || time.Since(begin) < d.Time/Turns; calls++ {
		d.flush()
		start := time.Now()
		if err := r.Call(); err != nil {
			return 0, 0, err
		}
		spent += time.Since(start)
	}
	return calls, spent, nil
}

// flush empties the caches.
func (d Duel) flush() {
	suite.NewFlush(d.Threads).Do()
	if d.Threads > 1 {
		time.Sleep(rest)
	}
}

// Fastest returns the run whose calls are fastest, by the median of some that take
// turns, and closes the others.
func (d Duel) Fastest(runs []Run) (Run, error) {
	if len(runs) == 1 {
		return runs[0], nil
	}
	const rounds, enough = 9, time.Second
	times := make([][]float64, len(runs))
	begin := time.Now()
	for round := 0; round == 0 || round < rounds && time.Since(begin) < enough; round++ {
		for i, r := range runs {
			spent, err := d.once(r)
			if err != nil {
				for _, r := range runs {
					r.close()
				}
				return Run{}, err
			}
			times[i] = append(times[i], spent.Seconds())
		}
	}
	best := 0
	for i := range runs {
		if roof.Median(times[i]) < roof.Median(times[best]) {
			best = i
		}
	}
	for i, r := range runs {
		if i != best {
			r.close()
		}
	}
	return runs[best], nil
}

// once times one call.
func (d Duel) once(r Run) (time.Duration, error) {
	defer r.begin()()
	if err := r.Call(); err != nil { // brings operands and code into the caches
		return 0, err
	}
	if d.Cold {
		d.flush()
	}
	start := time.Now()
	err := r.Call()
	return time.Since(start), err
}
