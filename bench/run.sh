#!/bin/sh
# make bench: puts the peers in build/venv-bench and measures against them.
# Arguments go to run.py.
cd "$(dirname "$0")/.." || exit 1
unset MAKEFLAGS MFLAGS MAKELEVEL
tools/install-packages.sh bench || exit 1
tools/make-venv.sh build/venv-bench bench/requirements.txt || exit 1
make -s all || exit 1
# Some machines pin the kernels of numpy's BLAS; all measure with the defaults.
unset OPENBLAS_CORETYPE OPENBLAS_L2_SIZE
exec build/venv-bench/bin/python bench/run.py "$@"
