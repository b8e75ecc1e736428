package shapes

import (
	"fmt"
	"io"

	"github.com/simdconv/simdconv/kernels/geometry"
)

// A Product is the size of a matrix product: op(A) is M x K, op(B) is K x N.
type Product struct{ M, N, K int }

// FLOP returns the floating-point operations of the product, 2 * M * N * K.
func (p Product) FLOP() float64 { return 2 * float64(p.M) * float64(p.N) * float64(p.K) }

var productColumns = []string{"m", "n", "k"}

// ReadProducts reads a file of products. Errors are those of [ReadLayers].
func ReadProducts(file string, r io.Reader) ([]Product, error) {
	var products []Product
	lines := map[Product]int{}
	err := eachRow(file, r, productColumns, func(r row) error {
		var p Product
		if err := r.sizes(0, &p.M, &p.N, &p.K); err != nil {
			return err
		}
		for _, operand := range [][]int{{p.M, p.K}, {p.K, p.N}, {p.M, p.N}} {
			if _, err := geometry.Volume(operand...); err != nil {
				return fmt.Errorf("%s:%d: %w", r.file, r.line, err)
			}
		}
		if first, ok := lines[p]; ok {
			return fmt.Errorf("%s:%d: %d x %d x %d is in line %d already", r.file, r.line, p.M, p.N, p.K, first)
		}
		lines[p] = r.line
		products = append(products, p)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return products, nil
}
