#!/bin/sh
# Puts the peers in build/venv-bench and measures against them.
#   bench/run.sh              the whole job (make bench)
#   bench/run.sh apply        bench/apply.py, and so on
# Further arguments go to the script: --quick, --write docs/benchmarks.md
cd "$(dirname "$0")/.." || exit 1
unset MAKEFLAGS MFLAGS MAKELEVEL
script=run
case ${1:--} in
-*) ;;
*) script=$1 && shift ;;
esac
tools/install-packages.sh bench || exit 1
tools/make-venv.sh build/venv-bench bench/requirements.txt || exit 1
make -s all || exit 1
# Some machines pin the kernels of numpy's BLAS; all measure with the defaults.
unset OPENBLAS_CORETYPE OPENBLAS_L2_SIZE
exec build/venv-bench/bin/python "bench/$script.py" "$@"
