package benchmarks

import (
	"errors"
	"flag"
	"math"
	"testing"
	"time"

	"github.com/simdconv/simdconv/benchmarks/suite"
	"github.com/simdconv/simdconv/conv"
	"github.com/simdconv/simdconv/kernels/kerneltest"
)

var choice = flag.Bool("choice", false, "TestChoice: time every algorithm of the rows that the other flags ask for, and judge what Auto takes")

// What Auto takes may be this much slower than the fastest algorithm: on nine
// rows of ten, and on any.
const (
	usually = 1.05
	always  = 1.15
)

// TestChoice measures how far Auto is from the best choice:
//
//	go test -run=TestChoice -choice -v -nets=all -passes=fwd,bwddata -batches=1,8,32 -threads=1,2 ./benchmarks
//
// takes an hour. A layer that several networks have is measured once.
func TestChoice(t *testing.T) {
	if !*choice {
		t.Skip("measures for long: see -choice")
	}
	tour := asked
	tour.Algos = []string{conv.Auto.String()}
	rows, err := tour.ConvRows()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) == 0 {
		t.Fatal("no rows to judge")
	}
	seen := map[suite.Conv]bool{}
	judged, missed := 0, 0
	for _, r := range rows {
		key := r
		key.Net, key.Layer.Name, key.Layer.Times = "", "", 0
		if seen[key] {
			continue
		}
		seen[key] = true
		ratio := judgeChoice(t, r)
		judged++
		if ratio > usually {
			missed++
		}
		if ratio > always {
			t.Errorf("%s: %.2f times as long as the fastest", r.Name(suite.Impl), ratio)
		}
	}
	t.Logf("%d of %d choices are over %v", missed, judged, usually)
	if 10*missed > judged {
		t.Errorf("%d of %d choices are over %v, want at most a tenth", missed, judged, usually)
	}
}

// A rival is an algorithm that a plan could have taken.
type rival struct {
	algo conv.Algorithm
	call func() error
	best time.Duration
}

// judgeChoice returns the time of what Auto takes for r over that of the fastest
// algorithm, all measured by turns.
func judgeChoice(t *testing.T, r suite.Conv) float64 {
	o, out := choiceOperands(t, r)
	name := r.Name(suite.Impl)
	plan, err := r.Plan()
	if err != nil {
		t.Fatal(err)
	}
	var rivals []*rival
	for _, a := range []conv.Algorithm{conv.Direct, conv.Im2col, conv.Winograd2, conv.Winograd4} {
		r.Algo = a.String()
		call, _, err := r.Call(o, out)
		var refused *suite.Refusal
		if errors.As(err, &refused) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		rivals = append(rivals, &rival{a, call, math.MaxInt64})
	}
	fastest := turns(t, rivals)
	var taken *rival
	for _, v := range rivals {
		if v.algo == plan.Algorithm(r.Pass) {
			taken = v
		}
	}
	if taken == nil {
		t.Fatalf("%s: Auto takes %v, which is not measured", name, plan.Algorithm(r.Pass))
	}
	ratio := float64(taken.best) / float64(fastest.best)
	t.Logf("%-100s %v %v, fastest %v %v: %.3f", name, taken.algo, taken.best, fastest.algo, fastest.best, ratio)
	return ratio
}

// turns measures rivals by turns and returns the fastest. Those far behind after
// two rounds do not go on.
func turns(t *testing.T, rivals []*rival) (fastest *rival) {
	const (
		rounds = 6
		span   = 2 * time.Millisecond // of one rival in a round, or one call
		far    = 1.4
	)
	fastest = rivals[0]
	for round := range rounds {
		for _, v := range rivals {
			if round > 1 && float64(v.best) > far*float64(fastest.best) {
				continue
			}
			for start := time.Now(); time.Since(start) < span; {
				from := time.Now()
				if err := v.call(); err != nil {
					t.Fatal(err)
				}
				v.best = min(v.best, time.Since(from))
			}
			if v.best < fastest.best {
				fastest = v
			}
		}
	}
	return fastest
}

// choiceOperands returns operands of a row and room for its result.
func choiceOperands(t *testing.T, r suite.Conv) (*suite.Operands, []float32) {
	s, err := r.Shape().Check()
	if err != nil {
		t.Fatal(err)
	}
	o := &suite.Operands{X: make([]float32, s.XLen()), W: make([]float32, s.WLen()), DY: make([]float32, s.YLen())}
	for i, v := range [][]float32{o.X, o.W, o.DY} {
		kerneltest.FillUniform(v, uint64(i))
	}
	return o, o.Result(r.Pass)
}
