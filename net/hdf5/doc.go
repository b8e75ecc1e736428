// Package hdf5 reads HDF5 files such as Keras and h5py write: groups, datasets
// of numbers and attributes that are strings (The HDF Group, "HDF5 File Format
// Specification", version 3.0).
//
//	0          96
//	+----------+-------------+--------+------+------+-------------+---------+--- ...
//	| super-   | object      | B-tree | heap | SNOD | object      | data of | global
//	| block    | header of / |        |      |      | header of x | x       | heap
//	+----------+-------------+--------+------+------+-------------+---------+--- ...
//
//	superblock --> object header of the root, a group: its messages are
//	                 attributes ------------------------------> strings in a global heap
//	                 symbol table --> B-tree --> SNOD: entries (name, address)
//	                          '-----> local heap: the names       |
//	                                                              v
//	               object header of a dataset: its messages are
//	                 dataspace   2 dimensions: 3, 4               |
//	                 datatype    float32, little-endian           |
//	                 layout      contiguous, address, size -------+--> 12 values
//	                             or chunked: B-tree --> chunks (deflate, shuffle)
//
// That is the oldest form, which is h5py's default to this day. Of the newer
// ones there are superblocks 2 and 3, object headers of version 2, links in the
// header, and many links or attributes in a fractal heap indexed by a B-tree of
// version 2. Chunks found otherwise than by a B-tree of version 1 are not read,
// nor are other types and filters, links to other places or files, and files
// that begin with something else or are cut into several.
//
// Input is not trusted. All structures are read when a file is opened, each of
// them within the file, and together no more than twice the file's bytes, so
// that neither circles nor structures in many places take long. Nothing is
// allocated because a size says so: a structure or value must be in the file
// first. What is broken makes NewFile fail with an error that names the
// structure, where it is, the value that was found and what was expected; what
// is only not supported, where that is an object's data, makes reading it fail.
package hdf5
