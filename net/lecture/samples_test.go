package main

import (
	"math"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/simdconv/simdconv/net"
)

func TestConvertSameSize(t *testing.T) {
	s := bright(1, 3, 4)
	dst := make([]float32, 12)
	newConverter(net.Shape{3, 4, 1}, 3, 4).convert(dst, s.pixels)
	for i, p := range s.pixels {
		if dst[i] != float32(p)/255 {
			t.Fatalf("pixel %d is %v, want %d/255", i, dst[i], p)
		}
	}
}

// A ramp of grey along the columns stays one, in each of three channels.
func TestConvertResizes(t *testing.T) {
	const small, large = 8, 64
	pixels := make([]uint8, small*small)
	for i := range pixels {
		pixels[i] = uint8(30 * (i % small))
	}
	dst := make([]float32, large*large*3)
	newConverter(net.Shape{large, large, 3}, small, small).convert(dst, pixels)
	for y := range large {
		for x := large / small; x < large-large/small; x++ {
			at := 3 * (y*large + x)
			want := 30 * ((float64(x)+0.5)*small/large - 0.5) / 255
			if got := float64(dst[at]); math.Abs(got-want) > 1.0/255 {
				t.Fatalf("row %d, column %d: %v, want %v", y, x, got, want)
			}
			if dst[at] != dst[at+1] || dst[at] != dst[at+2] {
				t.Fatalf("row %d, column %d: channels %v", y, x, dst[at:at+3])
			}
		}
	}
}

// A bar drawn ten times as large comes back with soft edges, and as much of it.
func TestConvertShrinks(t *testing.T) {
	const large, small = 280, 28
	pixels := make([]uint8, large*large)
	for i := range pixels {
		if x := i % large; x >= 100 && x < 180 {
			pixels[i] = 255
		}
	}
	dst := make([]float32, small*small)
	newConverter(net.Shape{small, small, 1}, large, large).convert(dst, pixels)
	for y := range small {
		row := dst[y*small : (y+1)*small]
		sum := float32(0)
		for x, v := range row {
			sum += v
			if inside, outside := x >= 11 && x < 17, x < 9 || x >= 19; inside && v != 1 || outside && v != 0 {
				t.Fatalf("row %d, column %d: %v", y, x, v)
			}
		}
		if math.Abs(float64(sum)-8) > 0.02 {
			t.Fatalf("row %d: %v columns of ink, want 8", y, sum)
		}
	}
}

func TestBatches(t *testing.T) {
	s := bright(23, 2, 3)
	order := []int{5, 0, 22, 7, 7, 1, 13}
	var got []int
	var sizes []int
	for x, y := range s.batches(net.Shape{2, 3}, order, 3) {
		sizes = append(sizes, len(y))
		for i := range y {
			n := order[len(got)]
			if y[i] != s.labels[n] || x[6*i+5] != float32(s.pixels[6*n+5])/255 {
				t.Errorf("sample %d is not image %d", len(got), n)
			}
			got = append(got, n)
		}
		if len(x) != 6*len(y) {
			t.Errorf("%d values for %d images", len(x), len(y))
		}
	}
	if !slices.Equal(got, order) || !slices.Equal(sizes, []int{3, 3, 1}) {
		t.Errorf("images %v in batches of %v", got, sizes)
	}
}

// A loop that is left early leaves nothing running.
func TestBatchesStop(t *testing.T) {
	s, order := bright(50, 2, 2), make([]int, 50)
	before := runtime.NumGoroutine()
	for range 20 {
		for range s.batches(net.Shape{2, 2}, order, 1) {
			break
		}
	}
	for range 100 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%d goroutines, %d before", runtime.NumGoroutine(), before)
}
