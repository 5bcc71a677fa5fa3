# Downloads `file` of `pname` and makes it the output; Nix compares the hash. The file's own tags tell pip which one is meant.
pip() { "$python/bin/python$minor" -B "$(echo "$python/lib/python$minor/ensurepip/_bundled"/pip-*.whl)/pip" "$@"; }
export HOME=$TMPDIR PIP_ROOT_USER_ACTION=ignore
options=(--quiet --disable-pip-version-check --no-cache-dir --no-deps --dest $TMPDIR/got)
if [ "${file##*.}" = whl ]; then
  tags=${file%.whl}
  platforms=${tags##*-} tags=${tags%-*}
  abi=${tags##*-} tags=${tags%-*}
  options+=(--only-binary :all: --implementation $(expr substr ${tags##*-} 1 2) --abi $abi --python-version $minor)
  for platform in ${platforms//./ }; do options+=(--platform $platform); done
else
  options+=(--no-binary :all:)
fi
pip download "${options[@]}" "$pname==$version"
cp "$TMPDIR/got/$file" $out
