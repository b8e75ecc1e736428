package random

import "testing"

// TestPhiloxKnownAnswers compares with the vectors that Random123 publishes for
// philox4x32 with 10 rounds (kat_vectors).
func TestPhiloxKnownAnswers(t *testing.T) {
	const ones = 0xffffffff
	for _, c := range []struct {
		counter [4]uint32
		key     [2]uint32
		want    [4]uint32
	}{
		{
			[4]uint32{0, 0, 0, 0},
			[2]uint32{0, 0},
			[4]uint32{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8},
		},
		{
			[4]uint32{ones, ones, ones, ones},
			[2]uint32{ones, ones},
			[4]uint32{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd},
		},
		{
			[4]uint32{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
			[2]uint32{0xa4093822, 0x299f31d0},
			[4]uint32{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1},
		},
	} {
		if got := philox(c.counter, c.key); got != c.want {
			t.Errorf("philox(%08x, %08x) = %08x, want %08x", c.counter, c.key, got, c.want)
		}
	}
}

// TestKeyMapping holds the documented way from key and index to counter.
func TestKeyMapping(t *testing.T) {
	k := Key{Seed: 0x299f31d0_a4093822, Stream: 0x13198a2e, Step: 0x03707344}
	const block = 0x85a308d3_243f6a88
	want := [4]uint32{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}
	if got := k.Block(block); got != want {
		t.Errorf("Block = %08x, want %08x", got, want)
	}

	// The upper halves go into the key.
	k.Seed ^= 0xaaaa0000_0000bbbb
	k.Stream |= 0x0000bbbb << 32
	k.Step |= 0xaaaa0000 << 32
	if got := k.Block(block); got != want {
		t.Errorf("Block with large stream and step = %08x, want %08x", got, want)
	}
}

func TestUint32IsWordOfBlock(t *testing.T) {
	k := Key{Seed: 1, Stream: 2, Step: 3}
	for _, i := range []uint64{0, 1, 2, 3, 4, 5, 1000, 1<<34 + 7, 1<<64 - 1} {
		if got, want := k.Uint32(i), k.Block(i / 4)[i%4]; got != want {
			t.Errorf("Uint32(%d) = %#x, want %#x", i, got, want)
		}
	}
	if k.Uint32(0) == k.Uint32(1<<34) {
		t.Error("elements 1<<34 apart are equal: the upper half of the index is lost")
	}
}

func TestKeysDiffer(t *testing.T) {
	keys := []Key{
		{}, {Seed: 1}, {Seed: 1 << 32}, {Stream: 1}, {Stream: 2 << 32}, {Step: 1}, {Step: 2 << 32},
		{Stream: 2 << 32, Step: 2 << 32}, {Seed: 1, Stream: 1}, {Seed: 1, Step: 1}, {Stream: 1, Step: 1}, {Seed: 1, Stream: 1, Step: 1},
	}
	seen := map[[4]uint32]Key{}
	for _, k := range keys {
		b := k.Block(0)
		if other, ok := seen[b]; ok {
			t.Errorf("%+v and %+v share a block", k, other)
		}
		seen[b] = k
	}
}

// TestUint64nRejects checks the bound where nearly half of the draws have to
// be thrown away, and that the next draw to use is said right.
func TestUint64nRejects(t *testing.T) {
	const n = 1<<63 + 1
	k := Key{Seed: 5}
	var draw uint64
	for range 1000 {
		v, next := k.uint64n(draw, n)
		if v >= n || next <= draw {
			t.Fatalf("uint64n(%d, 1<<63+1) = %d, %d", draw, v, next)
		}
		if again, same := k.uint64n(next-1, n); again != v || same != next {
			t.Fatalf("draw %d gave %d, but as the first one %d", next-1, v, again)
		}
		draw = next
	}
	if draw < 1800 || draw > 2200 {
		t.Errorf("1000 numbers took %d draws, want about 2000", draw)
	}
}
