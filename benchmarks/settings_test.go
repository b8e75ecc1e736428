package benchmarks

import (
	"flag"
	"strings"
	"testing"

	"github.com/simdconv/simdconv/benchmarks/suite"
)

// defaults returns the flags as they are if none is given.
func defaults() (s suite.Settings) {
	s.Register(flag.NewFlagSet("", flag.ContinueOnError))
	return s
}

func TestFlagErrors(t *testing.T) {
	for _, c := range []struct {
		change func(*suite.Settings)
		want   string
	}{
		{func(s *suite.Settings) { s.Nets = "resnet" }, `-nets=resnet: unknown network "resnet", want one of alexnet, corners, googlenet, lecture_cnn, resnet34, resnet50, vgg16, vgg19`},
		{func(s *suite.Settings) { s.Nets = "" }, `-nets=: unknown network ""`},
		{func(s *suite.Settings) { s.Nets = "resnet34,resnet34" }, `-nets=resnet34,resnet34: resnet34 stands there twice`},
		{func(s *suite.Settings) { s.Layers = "(" }, "-layers=(: error parsing regexp"},
		{func(s *suite.Settings) { s.Passes = "fwd,bwd" }, `-passes=fwd,bwd: conv: unknown pass "bwd", want fwd, bwddata or bwdweights`},
		{func(s *suite.Settings) { s.Algos = "fft" }, `-algos=fft: conv: unknown algorithm "fft", want auto, im2col,`},
		{func(s *suite.Settings) { s.Algos = "direct, direct" }, `-algos=direct, direct: direct stands there twice`},
		{func(s *suite.Settings) { s.ISAs = "sse" }, `-isas=sse: unknown tier "sse", want generic, avx2 or avx512, or best`},
		{func(s *suite.Settings) { s.ISAs = "generic,generic" }, `-isas=generic,generic: generic stands there twice`},
		{func(s *suite.Settings) { s.Batches = "0" }, `-batches=0: "0", want an integer from 1 to 4096`},
		{func(s *suite.Settings) { s.Batches = "1,x" }, `-batches=1,x: "x", want an integer`},
		{func(s *suite.Settings) { s.Threads = "-1" }, `-threads=-1: "-1", want an integer`},
		{func(s *suite.Settings) { s.Threads = "5000" }, `-threads=5000: "5000", want an integer`},
		{func(s *suite.Settings) { s.Pack = "never" }, `-pack=never: want once or each`},
	} {
		s := defaults()
		c.change(&s)
		if _, err := s.Resolve(); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
	_, err := given(t, func(s *suite.Settings) { s.Layers = "conv9" }).ConvRows()
	if want := "no rows: -layers=conv9 matches no layer of lecture_cnn, resnet34"; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("error %v, want %q", err, want)
	}
}
