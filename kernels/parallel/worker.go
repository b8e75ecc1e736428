package parallel

import (
	"sync/atomic"
	"time"
)

// A worker is one goroutine of the pool, number id of every region it enters.
type worker struct {
	id     uint64
	parked atomic.Bool
	wake   chan struct{}
	_      [128]byte
}

// grow starts goroutines until there are n.
func (p *Pool) grow(n int) {
	for len(p.workers) < n {
		w := &worker{id: uint64(len(p.workers) + 1), wake: make(chan struct{}, 1)}
		p.workers = append(p.workers, w)
		p.exits.Add(1)
		go p.work(w)
	}
}

// unpark wakes w if it is parked. Whoever turns parked off owes the worker one
// message, so the send never blocks.
func (w *worker) unpark() {
	if w.parked.Load() && w.parked.CompareAndSwap(true, false) {
		w.wake <- struct{}{}
	}
}

func (p *Pool) work(w *worker) {
	defer p.exits.Done()
	for epoch := uint64(0); p.enter(w, &epoch); {
		p.share(int(w.id))
	}
}

// share runs the worker's part of the region it has entered, and leaves it.
func (p *Pool) share(worker int) {
	defer func() {
		if v := recover(); v != nil {
			p.fault.CompareAndSwap(nil, &fault{v})
			p.stop()
		}
		if g := p.gate.Add(^uint64(0)); g&gateWaiting != 0 && g&gateInside == 0 {
			p.done <- struct{}{}
		}
	}()
	p.drain(worker)
}

// enter waits for a region with room for w, other than the one of the given
// epoch, and enters it; false means that the pool is closing.
func (p *Pool) enter(w *worker, epoch *uint64) bool {
	for {
		for s := p.spinner(); ; {
			g := p.gate.Load()
			if g&gateClosing != 0 {
				return false
			}
			if w.admitted(g, *epoch) {
				if p.gate.CompareAndSwap(g, g+1) {
					*epoch = g >> gateEpoch
					return true
				}
				continue
			}
			if !s.again(w.counted(g)) {
				break
			}
		}
		w.parked.Store(true)
		// A region may have opened before its caller could see parked.
		g := p.gate.Load()
		stay := g&gateClosing == 0 && !w.admitted(g, *epoch)
		if stay || !w.parked.CompareAndSwap(true, false) {
			<-w.wake
		}
	}
}

// admitted reports whether w may enter at gate g, given the epoch of the
// region it was in last.
func (w *worker) admitted(g, epoch uint64) bool {
	return w.counted(g) && g&gateShut == 0 && g>>gateEpoch != epoch
}

// counted reports whether a region is running at gate g that has a number for w.
func (w *worker) counted(g uint64) bool {
	return w.id < (g&gateLimit)>>gateBits && (g&gateShut == 0 || g&gateInside != 0)
}

// pollsPerClock is how many polls go by between looks at the clock, which
// costs as much as dozens of them.
const pollsPerClock = 64

// runningSpin is how long a worker, and the caller, polls, if not longer anyway,
// while a region that has nothing left for it runs on. One that was woken late, or
// ends early, would otherwise park before the next region, and be late for that,
// too. At 200 us, 49 x 512 x 4608 on two threads ran at 65% of both cores' peak;
// callers that parked after 20 us lost 8 to 15% of regions of a millisecond.
const runningSpin = time.Millisecond

// A spinner bounds the time spent polling.
type spinner struct {
	first, start time.Time
	limit        time.Duration
	polls        int
}

func (p *Pool) spinner() spinner {
	d := time.Duration(p.spin.Load())
	if d <= 0 {
		return spinner{}
	}
	now := time.Now()
	return spinner{first: now, start: now, limit: d}
}

// again reports whether to poll once more; the time starts anew while the region is
// running, for a while.
func (s *spinner) again(running bool) bool {
	s.polls++
	if s.limit == 0 || s.polls%pollsPerClock != 0 {
		return s.limit > 0
	}
	now := time.Now()
	if running && now.Sub(s.first) < max(runningSpin, s.limit) {
		s.start = now
	}
	return now.Sub(s.start) < s.limit
}
