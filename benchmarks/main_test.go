package benchmarks

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"testing"

	"github.com/simdconv/simdconv/benchmarks/suite"
	"github.com/simdconv/simdconv/kernels"
)

// benchtime takes the place of the testing package's second for each row, so
// that all rows of the tour are through in 80 s.
const benchtime = "300ms"

// asked is what the flags ask for.
var asked suite.Tour

func TestMain(m *testing.M) {
	var s suite.Settings
	s.Register(flag.CommandLine)
	flag.Parse()
	err := error(nil)
	if asked, err = s.Resolve(); err == nil && flag.Lookup("test.bench").Value.String() != "" {
		err = prepare()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "benchmarks:", err)
		os.Exit(2)
	}
	os.Exit(m.Run())
}

// prepare sets the time of a row, unless the user did, and prints what benchstat
// has to know. The testing package adds the processor.
func prepare() error {
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "test.benchtime" })
	if !given {
		if err := flag.Set("test.benchtime", benchtime); err != nil {
			return err
		}
	}
	tier, err := kernels.BestTier()
	if err != nil {
		return err
	}
	for _, unit := range []string{"GFLOP/s", "%peak", "GB/s", "%stream"} {
		fmt.Printf("Unit %s better=higher\n", unit)
	}
	fmt.Println("Unit eps better=lower")
	fmt.Printf("tier: %v\ngomaxprocs: %d\n", tier, runtime.GOMAXPROCS(0))
	return nil
}
