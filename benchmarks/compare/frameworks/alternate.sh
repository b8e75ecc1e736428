#!/usr/bin/env bash
# Runs this library and every framework found by turns, A B A B, so that all see the
# same drift of the machine, and prints one file for benchstat. Beside each row of a
# framework, as beside ours, the FMA roof is measured: %peak is what to compare.
#
#     benchmarks/compare/frameworks/alternate.sh [-r ROUNDS] [-t THREADS] [-s SECONDS] [-c COMMAND]
#         [-p PASSES] [-b BATCHES] [-l LAYERS] NET...  > frameworks.txt
#
# PASSES are infer,train of whole networks, or fwd,bwddata,bwdweights of their
# layers; THREADS, like BATCHES, are several between commas. COMMAND is put before each
# process, such as "nice -n -5" or "taskset -c 0,1". SIMDCONV_ISA=avx2 holds this
# library and every framework that can be held to AVX2. The Pythons to use:
#
#     PYTORCH TENSORFLOW ONNXRUNTIME_PYTHON NCNN OPENCV (default VENVS/{torch,tf,ort,ncnn,cv}/bin/python),
#     PYTORCH1 (default /usr/bin/python3, for Debian's), VENVS (default ~/venvs)
set -euo pipefail
rounds=3 threads=1,2 seconds=1 passes=infer,train batches=1 layers='' before=()
usage() {
	sed -n '/^#     b/,/^set/s/^# \{0,5\}//p' "$0" | sed '$d' >&2
	exit 2
}
while getopts r:t:s:p:b:l:c: flag; do
	case $flag in
	r) rounds=$OPTARG ;;
	t) threads=$OPTARG ;;
	s) seconds=$OPTARG ;;
	p) passes=$OPTARG ;;
	b) batches=$OPTARG ;;
	l) layers=$OPTARG ;;
	c) read -ra before <<<"$OPTARG" ;;
	*) usage ;;
	esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || usage
wrong() { # MESSAGE
	echo "alternate.sh: $1" >&2
	exit 2
}
[[ $rounds =~ ^[1-9][0-9]*$ ]] || wrong "-r $rounds: want a positive integer"
[[ $seconds =~ ^[0-9]*[.]?[0-9]+$ ]] || wrong "-s $seconds: want seconds"
for p in ${passes//,/ }; do
	[[ $p =~ ^(infer|train|fwd|bwddata|bwdweights)$ ]] || wrong "-p $passes: unknown pass $p, want some of infer,train,fwd,bwddata,bwdweights"
done
nets=$(IFS=,; echo "$*")

here=$(cd "$(dirname "$0")" && pwd)
root=$here/../../..
venvs=${VENVS:-$HOME/venvs}
export PYTHONDONTWRITEBYTECODE=1
version=$(git -C "$root" rev-parse --short HEAD 2>/dev/null) || version=unknown
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

go test -C "$root" -c -o "$tmp/ours" ./benchmarks
case ,$passes, in *,infer,* | *,train,*)
	"$tmp/ours" -test.run='^TestExport$' -export="$tmp" -nets="$nets" >&2
	;;
esac

# peers is a list of "FILE PYTHON", of those that are there.
peers=()
find_peer() { # FILE PYTHON MODULE
	local why="has no $3" install
	if "$2" -c "import $3" >/dev/null 2>&1; then
		peers+=("$1 $2")
		return
	fi
	command -v "$2" >/dev/null || why="is not there"
	install=$(sed -n 's/^    install = "\(.*\)"/\1/p' "$here/$1")
	if [ "$2 $3" = "/usr/bin/python3 torch" ]; then
		install="apt-get install python3-torch"
	fi
	echo "alternate.sh: $2 $why: ${install//\~\/venvs/$venvs}" >&2
}
find_peer peer_pytorch.py "${PYTORCH:-$venvs/torch/bin/python}" torch
find_peer peer_pytorch.py "${PYTORCH1:-/usr/bin/python3}" torch
find_peer peer_tensorflow.py "${TENSORFLOW:-$venvs/tf/bin/python}" tensorflow
find_peer peer_onnxruntime.py "${ONNXRUNTIME_PYTHON:-$venvs/ort/bin/python}" onnxruntime
find_peer peer_ncnn.py "${NCNN:-$venvs/ncnn/bin/python}" ncnn
find_peer peer_opencv.py "${OPENCV:-$venvs/cv/bin/python}" cv2

# only keeps the passes of $1 that are among $2.
only() { tr , '\n' <<<"$1" | grep -xE "$2" | paste -sd, || true; }
nets_too=$(only "$passes" 'infer|train') layers_too=$(only "$passes" 'fwd|bwddata|bwdweights')

ours() { # THREADS
	echo "impl-version: simdconv $version"
	echo "impl-settings: ${SIMDCONV_ISA:-best} tier"
	local run=("${before[@]}" "$tmp/ours" -test.run=NONE "-test.benchtime=${seconds}s" -nets="$nets" -batches="$batches" -threads="$1" -slow)
	{
		if [ "$nets_too" ]; then
			"${run[@]}" -test.bench="^BenchmarkNet\$/impl=/net=/pass=(${nets_too/,/|})\$"
		fi
		if [ "$layers_too" ]; then
			"${run[@]}" -test.bench='^BenchmarkConv$' -algos=auto -passes="$layers_too" -layers="$layers"
		fi
	} | tee "$tmp/rows"
	grep -q '^Benchmark' "$tmp/rows" || {
		echo "alternate.sh: no rows of simdconv for -p $passes -b $batches -l '$layers' $nets" >&2
		exit 1
	}
}

for ((i = 0; i < rounds; i++)); do
	for t in ${threads//,/ }; do
		ours "$t"
		for peer in "${peers[@]}"; do
			"${before[@]}" "${peer#* }" "$here/${peer%% *}" --nets "$nets" --passes "$passes" --batches "$batches" \
				--threads "$t" --seconds "$seconds" --layers "$layers" --data "$tmp" --roof "$tmp/ours" 2>"$tmp/errors" || {
				grep -v WARN "$tmp/errors" >&2
				exit 1
			}
		done
	done
done
