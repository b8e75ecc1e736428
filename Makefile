# test, bench, generate, lint and fuzz-short run in every module of the tree, which
# ./... does not: it never enters nested ones. race, purego and tiers are for the library.

GO          ?= go
STATICCHECK ?= honnef.co/go/tools/cmd/staticcheck@v0.8.2
BENCH       ?= .
BENCHFLAGS  ?=
REPORTFLAGS ?=
RACEFLAGS   ?=
PUREGOFLAGS ?=
FUZZTIME    ?= 5s

# The modules in the tree. One that git or this list knows and find does not is an error.
MODULES := $(sort $(patsubst %/,%,$(dir $(shell find . \
	\( -name '.?*' -o -name testdata -o -name bin \) -prune -o -name go.mod -print))))
MISSED  := $(filter-out $(MODULES),. ./gen ./net/lecture ./benchmarks/compare ./kernels/gonumblas $(shell \
	git ls-files --cached --others --exclude-standard 2>/dev/null | sed -n 's,^,./,; s,/go\.mod$$,,p'))
ifneq ($(MISSED),)
$(error modules that the targets would miss: $(MISSED))
endif

# each runs one command in every module and stops at the first that fails.
each = @set -e; for m in $(MODULES); do echo "-- $$m: $(1)"; (cd "$$m" && $(1)); done

.PHONY: all test bench report charts generate lint fmt vet staticcheck tidy race purego tiers fuzz-short modules

all: lint test

modules:
	@printf '%s\n' $(MODULES)

# benchmarks/compare reads files of the root, which the cache of results does not watch.
test:
	$(call each,$(GO) test $$([ $$m != ./benchmarks/compare ] || echo -count=1) ./...)

bench:
	$(call each,$(GO) test -run=NONE -bench=$(BENCH) $(BENCHFLAGS) ./...)

# report measures everything, in less than twenty minutes of two cores; charts makes the
# tables and charts anew from the files. See benchmarks/README.md.
report:
	$(GO) run -C benchmarks/compare . report $(REPORTFLAGS)

charts:
	$(GO) run -C benchmarks/compare . report -charts $(REPORTFLAGS)

generate:
	$(call each,$(GO) generate ./...)

fmt:
	gofmt -w .

lint: vet staticcheck tidy
	@files=$$(gofmt -l .) && if [ -n "$$files" ]; then echo "gofmt would change:"; echo "$$files"; exit 1; fi

# vet includes asmdecl and framepointer, the analyzers of assembly.
vet:
	$(call each,$(GO) vet ./...)
	$(GO) vet ./.ci/machine ./.ci/proxy
	$(GO) vet -tags=purego ./...

staticcheck:
	$(call each,$(GO) run $(STATICCHECK) ./...)

tidy:
	$(call each,$(GO) mod tidy -diff)

race:
	$(GO) test -race $(RACEFLAGS) ./...

purego:
	$(GO) test -tags=purego $(PUREGOFLAGS) ./...

# A tier that the machine lacks fails: TIERS='generic avx2' leaves it out.
tiers: TIERS ?= generic avx2 avx512
tiers:
	@set -e; for t in $(TIERS); do echo "-- SIMDCONV_ISA=$$t"; \
		SIMDCONV_ISA=$$t SIMDCONV_REQUIRE_ISA=$$t $(GO) test -count=1 ./...; done

# fuzz-short runs every fuzz target of every module for a few seconds.
fuzz-short:
	@set -e; for d in $$(grep -rl --include='*_test.go' '^func Fuzz' . | xargs -r -n1 dirname | sort -u); do \
		list=$$(cd "$$d" && $(GO) test -list='^Fuzz' .); \
		for f in $$(echo "$$list" | grep '^Fuzz'); do \
			echo "-- $$d: $$f"; (cd "$$d" && $(GO) test -run=NONE -fuzz="^$$f\$$" -fuzztime=$(FUZZTIME) .); \
		done; \
	done
