package benchmarks

import (
	"flag"
	"strings"
	"testing"
)

// defaults returns the flags as they are if none is given.
func defaults() (s settings) {
	s.register(flag.NewFlagSet("", flag.ContinueOnError))
	return s
}

func TestFlagErrors(t *testing.T) {
	for _, c := range []struct {
		change func(*settings)
		want   string
	}{
		{func(s *settings) { s.nets = "resnet" }, `-nets=resnet: unknown network "resnet", want one of lecture_cnn, resnet34`},
		{func(s *settings) { s.nets = "" }, `-nets=: unknown network ""`},
		{func(s *settings) { s.nets = "resnet34,resnet34" }, `-nets=resnet34,resnet34: resnet34 stands there twice`},
		{func(s *settings) { s.layers = "(" }, "-layers=(: error parsing regexp"},
		{func(s *settings) { s.passes = "fwd,bwd" }, `-passes=fwd,bwd: conv: unknown pass "bwd", want fwd, bwddata or bwdweights`},
		{func(s *settings) { s.algos = "fft" }, `-algos=fft: conv: unknown algorithm "fft", want auto, im2col,`},
		{func(s *settings) { s.algos = "direct, direct" }, `-algos=direct, direct: direct stands there twice`},
		{func(s *settings) { s.isas = "sse" }, `-isas=sse: unknown tier "sse", want generic, avx2 or avx512, or best`},
		{func(s *settings) { s.isas = "generic,generic" }, `-isas=generic,generic: generic stands there twice`},
		{func(s *settings) { s.batches = "0" }, `-batches=0: "0", want an integer from 1 to 4096`},
		{func(s *settings) { s.batches = "1,x" }, `-batches=1,x: "x", want an integer`},
		{func(s *settings) { s.threads = "-1" }, `-threads=-1: "-1", want an integer`},
		{func(s *settings) { s.threads = "5000" }, `-threads=5000: "5000", want an integer`},
		{func(s *settings) { s.pack = "never" }, `-pack=never: want once or each`},
	} {
		s := defaults()
		c.change(&s)
		if _, err := s.resolve(); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
	_, err := given(t, func(s *settings) { s.layers = "conv9" }).convRows()
	if want := "no rows: -layers=conv9 matches no layer of lecture_cnn, resnet34"; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("error %v, want %q", err, want)
	}
}
