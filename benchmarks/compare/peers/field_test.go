package peers_test

import (
	"errors"
	"flag"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/simdconv/simdconv/benchmarks/compare/peers"
	"github.com/simdconv/simdconv/benchmarks/suite"
	"github.com/simdconv/simdconv/kernels"
)

// tourOf returns the default flags as changed.
func tourOf(t *testing.T, change func(*suite.Settings)) suite.Tour {
	t.Helper()
	if best, err := kernels.BestTier(); err != nil || best == kernels.TierGeneric {
		t.Skipf("peers need AVX2, this is %v, %v", best, err)
	}
	var s suite.Settings
	s.Register(flag.NewFlagSet("", flag.ContinueOnError))
	s.Nets, s.Algos, s.Layers = "resnet34", "direct", "^conv5_1_1x1s2$"
	if change != nil {
		change(&s)
	}
	tour, err := s.Resolve()
	if err != nil {
		t.Fatal(err)
	}
	return tour
}

// fake computes by simdconv and adds an error to one element.
type fake struct {
	off   float32
	first bool // to the first one
}

// spoil adds the error to an element.
func (f fake) spoil(x []float32, at int) {
	if f.first {
		at = 0
	}
	x[at] += f.off
}

func (fake) About() string                  { return "1.0" }
func (fake) Algorithms(suite.Conv) []string { return []string{"direct"} }

func (f fake) Conv(r suite.Conv, o *suite.Operands) (peers.Run, error) {
	y := o.Result(r.Pass)
	call, _, err := r.Call(o, y)
	return peers.Run{Call: call, Kernel: "fake", Result: func() ([]float32, error) {
		f.spoil(y, len(y)/2)
		return y, nil
	}}, err
}

func (f fake) Gemm(r suite.Gemm, a, b, c []float32) (peers.Run, error) {
	call, err := r.Call(a, b, c)
	return peers.Run{Call: call, Result: func() ([]float32, error) {
		f.spoil(c, 1)
		return c, nil
	}}, err
}

func (f fake) Memory(r suite.Memory, in, out [][]float32) (peers.Run, error) {
	call, err := r.Call(in, out)
	return peers.Run{Call: call, Result: func() ([]float32, error) {
		last := out[len(out)-1]
		f.spoil(last, len(last)-1)
		return nil, nil
	}}, err
}

func fakePeer(name string, lib peers.Library, err error) peers.Peer {
	return peers.Peer{Name: name, Tag: "faketag", Install: "apt-get install fake",
		Open: func(kernels.Tier, string) (peers.Library, error) { return lib, err }}
}

func TestMissing(t *testing.T) {
	tour := tourOf(t, nil)
	gone := fakePeer("gone", nil, errors.New("libgone.so: no such file"))
	unbuilt := fakePeer("unbuilt", nil, peers.ErrNotBuilt)
	here := fakePeer("here", fake{}, nil)
	fixed := fakePeer("fixed", nil, &peers.TierError{Tier: kernels.TierAVX2, Has: "avx512"})
	f, err := peers.NewField(tour, "all", []peers.Peer{gone, here, unbuilt, fixed})
	if err != nil || len(f.Peers) != 1 || f.Peers[0].Name != "here" || !f.Self {
		t.Fatalf("%+v, %v: want here and simdconv", f, err)
	}
	notBuilt := "unbuilt: not built in: build with -tags=faketag; to install: apt-get install fake"
	if !peers.HasCgo {
		notBuilt = "unbuilt: not built in: cgo is off, as it is where Go finds no C compiler (apt-get install gcc) or CGO_ENABLED is 0; build with -tags=faketag; to install: apt-get install fake"
	}
	for i, want := range []string{
		"gone: libgone.so: no such file; to install: apt-get install fake",
		notBuilt,
		"fixed: cannot be held to tier avx2: it has avx512",
	} {
		if len(f.Missing) != 3 || f.Missing[i].Error() != want {
			t.Errorf("missing %v, want %q", f.Missing, want)
		}
	}
	if h := f.Header(tour); !strings.Contains(h, "\nhere: 1.0\n") || !strings.Contains(h, "\ntier: "+tour.Tiers[0].String()+"\n") {
		t.Errorf("header\n%s", h)
	}
	f, err = peers.NewField(tour, "here", []peers.Peer{gone, here})
	if err != nil || f.Self || len(f.Missing) != 0 {
		t.Errorf("%+v, %v: want here alone", f, err)
	}
	for _, c := range []struct {
		impls, want string
		change      func(*suite.Settings)
	}{
		{"gone", "gone: libgone.so: no such file; to install: apt-get install fake", nil},
		{"here,mkl", `-impls=here,mkl: unknown "mkl", want all or some of simdconv,gone,here`, nil},
		{"here,here", "-impls=here,here: here stands there twice", nil},
		{"all", "-isas=[generic]: want avx2 or avx512 alone", func(s *suite.Settings) { s.ISAs = "generic" }},
		{"all", "-isas=[avx2 generic]: want avx2 or avx512 alone", func(s *suite.Settings) { s.ISAs = "avx2,generic" }},
		{"all", "-algos=naive: plain loops do not compete", func(s *suite.Settings) { s.Algos = "direct,naive" }},
	} {
		if _, err := peers.NewField(tourOf(t, c.change), c.impls, []peers.Peer{gone, here}); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("-impls=%s: error %v, want %q", c.impls, err, c.want)
		}
	}
}

// TestWrong plants a peer whose results are off: it must fail, by name and with
// the difference, and the others must be timed.
func TestWrong(t *testing.T) {
	tour := tourOf(t, func(s *suite.Settings) { s.Passes = "fwd,bwddata,bwdweights" })
	f := peers.Field{
		Peers: []peers.Opened{{Peer: fakePeer("wrong", nil, nil), Library: fake{off: 1}}, {Peer: fakePeer("right", nil, nil), Library: fake{}}},
		Self:  true, Time: time.Millisecond,
	}
	convs, err := f.Convs(tour)
	if err != nil || len(convs) != 3 {
		t.Fatalf("%d contests, %v, want one for each pass", len(convs), err)
	}
	tour.Threads = []int{1}
	gemms, err := f.Gemms(tour)
	if err != nil {
		t.Fatal(err)
	}
	var small []suite.Memory
	for _, r := range slices.Concat(tour.PoolRows(), tour.BatchNormRows(), tour.VecRows()) {
		switch r.Op.Label() {
		case "op=max/window=2x2_s2/h=56/c=64/pass=bwd", "op=add_relu/h=56/c=64/pass=bwd", "op=add/elements=32768", "op=sum_rows/elements=32768":
			small = append(small, r)
		}
	}
	if len(small) != 4 {
		t.Fatalf("%d rows of operations that memory bounds, want 4", len(small))
	}
	for _, c := range slices.Concat(convs, gemms[:1], f.Memories(small)) {
		if len(c.Rows) != 3 {
			t.Fatalf("%d rows, want 3", len(c.Rows))
		}
		for _, r := range c.Rows {
			s, _, err := c.Sample(r, 0, 1)
			switch {
			case strings.HasPrefix(r.Name, "impl=wrong/"):
				if err == nil || !strings.HasPrefix(err.Error(), r.Name+": ") || !strings.Contains(err.Error(), "wrong result: rms error") {
					t.Errorf("%s: error %v, want a wrong result", r.Name, err)
				}
			case err != nil:
				t.Error(err)
			case s.Calls < peers.Turns || !(s.Call > 0) || !(s.Share > 0):
				t.Errorf("%s: %+v", r.Name, s)
			}
		}
	}
}

// TestFirst plants a peer that is off by a hundredth in the first element, which
// plain loops leave out of two images and of a large product.
func TestFirst(t *testing.T) {
	tour := tourOf(t, func(s *suite.Settings) { s.Passes, s.Batches = "fwd,bwddata,bwdweights", "2" })
	f := peers.Field{
		Peers: []peers.Opened{{Peer: fakePeer("wrong", nil, nil), Library: fake{0.01, true}}, {Peer: fakePeer("right", nil, nil), Library: fake{}}},
	}
	contests, err := f.Convs(tour)
	if err != nil {
		t.Fatal(err)
	}
	contests = append(contests, f.Memories(slices.DeleteFunc(tour.PoolRows(), func(r suite.Memory) bool {
		return r.Op.Label() != "op=max/window=2x2_s2/h=56/c=64/pass=fwd" && r.Op.Label() != "op=average/window=3x3_s2/h=56/c=64/pass=bwd"
	}))...)
	tour.Threads = []int{1}
	gemms, err := f.Gemms(tour)
	if err != nil {
		t.Fatal(err)
	}
	contests = append(contests, slices.DeleteFunc(gemms, func(c *peers.Contest) bool { return !strings.Contains(c.Rows[0].Name, "/m=128/") })...)
	if len(contests) != 6 {
		t.Fatalf("%d contests, want three passes, two windows and a product", len(contests))
	}
	for _, c := range contests {
		for _, r := range c.Rows {
			err := r.Verify()
			if wrong := strings.HasPrefix(r.Name, "impl=wrong/"); wrong != (err != nil) || wrong && !strings.Contains(err.Error(), "wrong result: rms error") {
				t.Errorf("%s: error %v", r.Name, err)
			}
		}
	}
}
