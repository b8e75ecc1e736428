package parallel

import (
	"runtime"
	"time"
)

// Awake returns how many participants, at most most and the caller among them, a
// region would have at once: workers that poll, so that nothing waits to be woken. It
// is for work that takes a few microseconds, less than waking does. A caller that asks
// again within the spin and finds none awake wakes them for the time after; with
// [Pool.SetSpin] of 0 none is ever awake.
func (p *Pool) Awake(most int) int {
	most = min(most, maxWorkers, runtime.GOMAXPROCS(0))
	if p.limit > 0 {
		most = min(most, p.limit)
	}
	if most <= 1 || p.spin.Load() <= 0 || !p.mu.TryLock() {
		return 1
	}
	defer p.mu.Unlock()
	if p.closed {
		return 1
	}
	awake := 1
	for _, w := range p.workers[:min(most-1, len(p.workers))] {
		if w.parked.Load() {
			break
		}
		awake++
	}
	if awake > 1 {
		return awake
	}
	now := time.Now()
	if now.Sub(p.asked) < time.Duration(p.spin.Load()) {
		p.grow(most - 1)
		for _, w := range p.workers[:most-1] {
			w.unpark()
		}
	}
	p.asked = now
	return 1
}
