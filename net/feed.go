package net

// A batch is room for the samples of one step.
type batch struct {
	x []float32
	y []uint8
}

func (b *batch) of(n, size int) batch { return batch{b.x[:n*size], b.y[:n]} }

// feed calls f with the samples of the numbers in order, batch by batch, from
// number from on, in bufs. Where samples are made when they are due, the next batch is
// made while f runs.
func (m *Model) feed(bufs *[2]batch, d *Dataset, order []int, from int, f func(x []float32, y []uint8) error) error {
	if d.Sample != nil {
		return m.feedAhead(bufs, d, order, from, f)
	}
	if bufs[0].x == nil {
		bufs[0] = m.newBatch()
	}
	for lo := from; lo < len(order); lo += m.options.Batch {
		numbers := order[lo:min(lo+m.options.Batch, len(order))]
		b := bufs[0].of(len(numbers), d.Size)
		if err := d.gather(b.x, b.y, numbers); err != nil {
			return err
		}
		if err := f(b.x, b.y); err != nil {
			return err
		}
	}
	return nil
}

// A prepared is the batch in bufs[k].
type prepared struct {
	batch
	k   int
	err error
}

func (m *Model) feedAhead(bufs *[2]batch, d *Dataset, order []int, from int, f func(x []float32, y []uint8) error) error {
	free, ready := make(chan int, len(bufs)), make(chan prepared, len(bufs))
	for k := range bufs {
		if bufs[k].x == nil {
			bufs[k] = m.newBatch()
		}
		free <- k
	}
	stop, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for lo := from; lo < len(order); lo += m.options.Batch {
			var k int
			select {
			case k = <-free:
			case <-stop:
				return
			}
			numbers := order[lo:min(lo+m.options.Batch, len(order))]
			b := bufs[k].of(len(numbers), d.Size)
			err := d.gather(b.x, b.y, numbers)
			ready <- prepared{b, k, err} // has room for all of bufs
			if err != nil {
				return
			}
		}
	}()
	defer func() {
		close(stop)
		<-ended // until then it may write to bufs
	}()
	for lo := from; lo < len(order); lo += m.options.Batch {
		b := <-ready
		if b.err != nil {
			return b.err
		}
		if err := f(b.x, b.y); err != nil {
			return err
		}
		free <- b.k
	}
	return nil
}

// newBatch returns room for a full one.
func (m *Model) newBatch() batch {
	return batch{make([]float32, m.options.Batch*m.nodes[0].Out.Len()), make([]uint8, m.options.Batch)}
}

// natural returns the numbers of n samples as they come.
func (m *Model) natural(n int) []int {
	for i := len(m.counted); i < n; i++ {
		m.counted = append(m.counted, i)
	}
	return m.counted[:n]
}
