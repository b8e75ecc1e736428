package parallel

// The gate is one word, so that a worker enters a region in one step or not
// at all:
//
//	 63        35    34      33        32     31       16 15        0
//	┌────────────┬──────┬─────────┬─────────┬────────────┬───────────┐
//	│   epoch    │ shut │ waiting │ closing │   limit    │  inside   │
//	└────────────┴──────┴─────────┴─────────┴────────────┴───────────┘
//
// Worker w may enter while w < limit, until the gate is shut. The caller writes
// all but inside, which counts the workers that have entered and not left. The
// epoch lets a worker enter each region once.
const (
	gateBits    = 16
	gateInside  = 1<<gateBits - 1
	gateLimit   = gateInside << gateBits
	gateClosing = 1 << 32
	gateWaiting = 1 << 33
	gateShut    = 1 << 34
	gateEpoch   = 35
)

// A fault is a panic on its way from a worker to the caller.
type fault struct{ value any }

// region runs one region with p.mu held and releases it, also when the
// caller's own share panics.
func (p *Pool) region(t Task, n, threads int) (f *fault) {
	p.begin(t, n, threads)
	defer func() { f = p.end() }()
	p.drain(0)
	return nil
}

func (p *Pool) begin(t Task, n, threads int) {
	p.grow(threads - 1)
	p.task, p.n = t, n
	p.next.Store(0)
	p.epoch++
	p.gate.Store(p.epoch<<gateEpoch | uint64(threads)<<gateBits)
	for _, w := range p.workers[:threads-1] {
		w.unpark()
	}
}

// drain runs indices until none is left.
func (p *Pool) drain(worker int) {
	t, n := p.task, int64(p.n)
	for i := p.next.Add(1) - 1; i < n; i = p.next.Add(1) - 1 {
		t.Run(worker, int(i))
	}
}

// stop makes every drain return after the index it is at.
func (p *Pool) stop() {
	p.next.Store(int64(p.n))
}

func (p *Pool) end() *fault {
	p.stop()
	if g := p.gate.Add(gateShut); g&gateInside != 0 {
		p.wait()
	}
	p.task, p.n = nil, 0
	f := p.fault.Swap(nil)
	p.mu.Unlock()
	return f
}

// wait returns when the last worker has left the shut gate. A caller that parks
// is late for the next region: by the time it has woken its workers have parked.
func (p *Pool) wait() {
	for s := p.spinner(); s.again(true); {
		if p.gate.Load()&gateInside == 0 {
			return
		}
	}
	if g := p.gate.Add(gateWaiting); g&gateInside != 0 {
		<-p.done
	}
}
