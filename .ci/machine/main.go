// Machine prints the name of the best tier that the machine and SIMDCONV_ISA
// allow: generic, avx2 or avx512.
package main

import (
	"fmt"
	"log"

	"github.com/simdconv/simdconv/kernels"
)

func main() {
	log.SetFlags(0)
	tier, err := kernels.BestTier()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(tier)
}
