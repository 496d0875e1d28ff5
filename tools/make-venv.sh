#!/bin/sh
# make-venv.sh FOLDER REQUIREMENTS: a Python environment with those packages.
# Does nothing when the folder already has exactly them; waits while another
# makes it.  Exit 1, the reason its last line, when it cannot be made.
folder=$1
requirements=$2
mkdir -p "$(dirname "$folder")"
exec 9>"$folder.lock"
flock 9
cmp -s "$requirements" "$folder/requirements.txt" && exit 0

python=$(tools/find-python.sh) || {
    echo "no Python that makes environments: apt-get install python3-venv"
    exit 1
}
rm -rf "$folder"
"$python" -m venv "$folder" || exit 1
"$folder/bin/pip" install --quiet --disable-pip-version-check --retries 2 \
    --only-binary :all: -r "$requirements" || {
    echo "pip could not install $requirements (no network?)"
    exit 1
}
cp "$requirements" "$folder/requirements.txt"
