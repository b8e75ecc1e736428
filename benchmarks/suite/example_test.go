package suite_test

import (
	"flag"
	"fmt"
	"log"

	"github.com/simdconv/simdconv/benchmarks/suite"
)

// Flags give rows; a row has a name for each library, and what it computes.
func Example() {
	var s suite.Settings
	s.Register(flag.NewFlagSet("", flag.ContinueOnError))
	s.Nets, s.Layers, s.Algos, s.ISAs = "lecture_cnn", "conv5", "direct,auto", "generic"
	tour, err := s.Resolve()
	if err != nil {
		log.Fatal(err)
	}
	rows, err := tour.ConvRows()
	if err != nil {
		log.Fatal(err)
	}
	for _, r := range rows {
		fmt.Println(r.Name("onednn"))
	}
	fmt.Printf("%.0f million operations, each sum of %d products\n", rows[0].FLOP()/1e6, rows[0].Terms())
	// Output:
	// impl=onednn/net=lecture_cnn/layer=conv5_3x3/pass=fwd/algo=direct/isa=generic/n=1/threads=1
	// impl=onednn/net=lecture_cnn/layer=conv5_3x3/pass=fwd/algo=auto/isa=generic/n=1/threads=1
	// 58 million operations, each sum of 2304 products
}
