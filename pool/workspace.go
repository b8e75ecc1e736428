package pool

import "github.com/simdconv/simdconv/kernels/micro"

// A Workspace is the state of a running call. It belongs to the plan that made
// it and serves one call at a time: give each concurrent caller its own.
type Workspace struct {
	job job
}

// NewWorkspace returns a workspace for p. Calls with it allocate nothing. With
// Average it holds, for each thread, the rows of dy that cover one row of dx: at
// most R*OW*C floats. For windows of 3x3 two apart it also holds a row of results
// for each thread, and with Max their taps.
func (p *Plan) NewWorkspace() *Workspace {
	ws := &Workspace{job{plan: p}}
	if p.op == Average {
		for range p.backward.threads {
			ws.job.quotients = append(ws.job.quotients, newQuotients(p))
		}
	}
	if p.shared >= 0 {
		for range p.forward.threads {
			ws.job.partials = append(ws.job.partials, newPartial(p))
		}
	}
	return ws
}

// A job is a parallel loop over the rows of out: y forward, dx backward. Who
// runs which rows does not show in the result.
type job struct {
	plan     *Plan
	backward bool
	out, in  []float32
	argmax   []uint8 // nil for Average and for inference

	quotients []quotients // of each worker, for Average
	partials  []partial   // of each worker, for rows that windows share
}

// run runs the job with its operands and forgets them.
func (j *job) run() {
	s := j.schedule()
	for i := range j.quotients {
		j.quotients[i].cover = cover{}
	}
	for i := range j.partials {
		j.partials[i].row = noRow
	}
	j.plan.opts.Pool.Run(j, s.tasks, s.threads)
	j.out, j.in, j.argmax = nil, nil, nil
}

func (j *job) schedule() *schedule {
	if j.backward {
		return &j.plan.backward
	}
	return &j.plan.forward
}

// Run computes the rows of task i.
func (j *job) Run(worker, i int) {
	s := j.schedule()
	for row := i * s.perTask; row < min((i+1)*s.perTask, s.rows); row++ {
		if j.backward {
			j.backwardRow(worker, row)
		} else {
			j.forwardRow(worker, row)
		}
	}
	j.plan.bundle.Fence(micro.Stream(len(j.out)))
}

// An operation is one tap on one channel, about 0.1 ns from memory.
const (
	inlineOps = 1 << 17 // work to leave on the caller, about 20 us
	taskOps   = 1 << 17 // work worth a task of its own
)

// A schedule divides the rows of all images into tasks.
type schedule struct {
	rows, perTask, tasks int
	threads              int
}

// newSchedule returns a schedule for rows rows that take ops operations in all.
func newSchedule(rows int, ops float64, threads int) schedule {
	if ops < inlineOps {
		threads = 1
	}
	perTask := max(1, int(taskOps*float64(rows)/max(ops, 1)))
	tasks := (rows + perTask - 1) / perTask
	return schedule{rows, perTask, tasks, max(1, min(threads, tasks))}
}
