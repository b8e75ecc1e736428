// Package idx reads IDX files, the format of MNIST and Fashion-MNIST (LeCun,
// Cortes and Burges, http://yann.lecun.com/exdb/mnist/), plain or compressed
// with gzip.
//
//	byte   0  1  2     3      4 .. 7   8 .. 11          4+4d ..
//	     +--+--+----+-----+---------+---------+- ... -+-------------- ... -+
//	     | 0| 0|type| d   | size 1  | size 2  |       | data, last size     |
//	     |  |  |0x08|     |   big-endian uint32        | runs fastest        |
//	     +--+--+----+-----+---------+---------+- ... -+-------------- ... -+
//
//	images: magic 0x00000803, sizes [n, rows, columns]
//	labels: magic 0x00000801, sizes [n]
//
// Input is not trusted. A header may claim what it likes: its sizes are
// bounded by Options.MaxBytes before anything is allocated for them, and
// memory then grows with what the stream really holds. A file must be exactly
// as long as its header says.
package idx
