#!/usr/bin/env bash
# Runs BenchmarkNet of this library and of PyTorch by turns, so that both see the
# same drift of the machine, and lets benchstat compare them.
#
#     benchmarks/compare/frameworks/alternate.sh [ROUNDS] [BATCH] [THREADS]
set -euo pipefail
rounds=${1:-6} batch=${2:-32} threads=${3:-2}
here=$(cd "$(dirname "$0")" && pwd)
python=${PYTHON:-python3}
"$python" -c 'import torch' || {
	echo "alternate.sh: $python has no torch: apt-get install python3-torch, or set PYTHON" >&2
	exit 1
}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$here/../../.."
go test -c -o "$tmp/ours" ./benchmarks
for ((i = 0; i < rounds; i++)); do
	"$python" "$here/torch_net.py" --n "$batch" --threads "$threads" --seconds 2 | tee -a "$tmp/torch.txt"
	"$tmp/ours" -test.run=NONE -test.bench=Net -test.benchtime=2s -nets=lecture_cnn -batches="$batch" -threads="$threads" |
		sed -E 's,isa=[a-z0-9]+,isa=best,' | tee -a "$tmp/ours.txt"
done
cd "$here/.."
go tool benchstat -ignore cpu,pkg,goos,goarch,tier,gomaxprocs,torch -row /net,/pass,/n,/threads -col /impl -filter .unit:sec/op \
	"$tmp/torch.txt" "$tmp/ours.txt"
