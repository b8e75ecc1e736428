package pool

// A Workspace is the state of a running call. It belongs to the plan that made
// it and serves one call at a time: give each concurrent caller its own.
type Workspace struct {
	job job
}

// NewWorkspace returns a workspace for p. Calls with it allocate nothing.
func (p *Plan) NewWorkspace() *Workspace {
	ws := &Workspace{job{plan: p}}
	if p.op == Average {
		// A whole number of 128-byte line pairs, so that workers do not share one.
		const floats = 32
		ws.job.stride = (p.shape.C + floats - 1) / floats * floats
		ws.job.sums = make([]float32, p.forward.threads*ws.job.stride)
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

	sums   []float32 // one pixel for each worker
	stride int       // between workers in sums
}

// run runs the job with its operands and forgets them.
func (j *job) run() {
	s := j.schedule()
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
	var sum []float32
	if j.plan.op == Average && !j.backward {
		sum = j.sums[worker*j.stride:][:j.plan.shape.C]
	}
	for row := i * s.perTask; row < min((i+1)*s.perTask, s.rows); row++ {
		switch {
		case j.backward:
			j.backwardRow(row)
		case j.plan.op == Max:
			j.maxRow(row)
		default:
			j.averageRow(row, sum)
		}
	}
}

// An operation is one tap on one channel, about 1 ns in Go.
const (
	inlineOps = 1 << 14 // work to leave on the caller, about 20 us
	taskOps   = 1 << 15 // work worth a task of its own
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
