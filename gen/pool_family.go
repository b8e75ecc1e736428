package main

import "github.com/mmcloughlin/avo/build"

func poolFile(v *isa) *build.Context {
	k := newLanes(v)
	for _, op := range poolOps {
		op.emit(k)
	}
	for _, op := range pairOps {
		op.emit(k)
	}
	for _, op := range windowRowOps {
		op.emit(k)
	}
	return k.Context
}

func poolEntries(v *isa) (all []manifestEntry) {
	for _, name := range poolNames() {
		all = append(all, manifestEntry{name: "Pool" + name + v.name})
	}
	return all
}

func poolNames() (names []string) {
	for _, op := range poolOps {
		names = append(names, op.name)
	}
	for _, op := range pairOps {
		names = append(names, op.name())
	}
	return append(names, windowRowNames()...)
}

func poolDispatch() []byte { return operationDispatch("pool", "Pool", poolNames()) }
