package peers_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/simdconv/simdconv/benchmarks/compare/peers"
	"github.com/simdconv/simdconv/benchmarks/suite"
)

// TestHere checks the results of every library that is here, on layers of each
// kind, on products and on what memory bounds. Those that are not say how to get them.
func TestHere(t *testing.T) {
	passes := func(s *suite.Settings) { s.Passes, s.Batches = "fwd,bwddata,bwdweights", "2" }
	tour := tourOf(t, passes) // a 1x1 window with stride
	square := tourOf(t, func(s *suite.Settings) {
		passes(s)
		s.Nets, s.Layers = "lecture_cnn", "^conv1_7x7$|^conv4_3x3$"
	})
	f, err := peers.NewField(tour, "all", all)
	if err != nil {
		t.Fatal(err)
	}
	for _, why := range f.Missing {
		t.Log("left out: ", why)
	}
	convs, err := f.Convs(tour)
	if err != nil {
		t.Fatal(err)
	}
	more, err := f.Convs(square)
	if err != nil {
		t.Fatal(err)
	}
	gemms, err := f.Gemms(tour)
	if err != nil {
		t.Fatal(err)
	}
	gemms = slices.DeleteFunc(gemms, func(c *peers.Contest) bool { return c.Amount > 0.1 })
	var memory []suite.Memory
	for _, r := range slices.Concat(tour.PoolRows(), tour.BatchNormRows(), tour.VecRows()) {
		if label := r.Op.Label(); strings.Contains(label, "h=56/") || strings.Contains(label, "elements=32768") {
			memory = append(memory, r)
		}
	}
	ran := map[string]int{}
	for _, c := range slices.Concat(convs, more, gemms, f.Memories(memory)) {
		for _, r := range c.Rows {
			err := r.Verify()
			var refused *suite.Refusal
			if errors.As(err, &refused) {
				t.Logf("%s: %v", r.Name, err)
			} else if err != nil {
				t.Error(err)
			}
			impl, _, _ := strings.Cut(r.Name, "/")
			ran[impl]++
		}
	}
	t.Log(ran)
	if len(ran) != 1+len(f.Peers) {
		t.Errorf("%v, want rows of simdconv and of %d peers", ran, len(f.Peers))
	}
}

// TestNames compares names with those that the root module's benchmarks print.
func TestNames(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the root module's benchmarks")
	}
	args := []string{"-test.run=NONE", "-test.bench=Conv|Gemm/.*/m=8$", "-test.benchtime=1x",
		"-nets=lecture_cnn", "-layers=conv[14]", "-algos=auto,direct", "-passes=fwd,bwdweights", "-pack=each", "-cold"}
	root := filepath.Join(t.TempDir(), "root.test")
	build := exec.Command("go", "test", "-c", "-o", root, "./benchmarks")
	build.Dir = "../../.."
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	bench := exec.Command(root, args...)
	bench.Env = append(os.Environ(), "GOMAXPROCS=1") // which is in no name then
	out, err := bench.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var want []string
	for _, m := range regexp.MustCompile(`(?m)^Benchmark(?:Conv|Gemm)/(\S+)`).FindAllSubmatch(out, -1) {
		want = append(want, string(m[1]))
	}
	tour := tourOf(t, func(s *suite.Settings) {
		s.Nets, s.Layers, s.Algos, s.Passes, s.Pack, s.Cold = "lecture_cnn", "conv[14]", "auto,direct", "fwd,bwdweights", "each", true
	})
	f := peers.Field{Self: true, Peers: []peers.Opened{{Peer: fakePeer("fake", nil, nil), Library: fake{}}}}
	convs, err := f.Convs(tour)
	if err != nil {
		t.Fatal(err)
	}
	gemms, err := f.Gemms(tour)
	if err != nil {
		t.Fatal(err)
	}
	var own, peer []string
	for _, c := range slices.Concat(convs, gemms) {
		for _, r := range c.Rows {
			if strings.HasPrefix(r.Name, "impl="+suite.Impl+"/") {
				own = append(own, r.Name)
			} else {
				peer = append(peer, strings.Replace(r.Name, "impl=fake/", "impl="+suite.Impl+"/", 1))
			}
		}
	}
	own = own[:min(len(want), len(own))] // of the products, the first alone was run
	if len(want) == 0 || !slices.Equal(own, want) {
		t.Errorf("names\n%s\nwant those of the root module's benchmarks\n%s", strings.Join(own, "\n"), strings.Join(want, "\n"))
	}
	for _, name := range want {
		if strings.Contains(name, "/algo=auto/") == slices.Contains(peer, name) { // the fake has direct alone
			t.Errorf("%s: a peer's row of that name must be there just if the peer has the algorithm", name)
		}
	}
}
