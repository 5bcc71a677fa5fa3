# The phases of buildPythonPackage. pip is the one that comes with the Python; it reaches no network.
pip() {
  "$python/bin/python$minor" -B "$(echo "$python/lib/python$minor/ensurepip/_bundled"/pip-*.whl)/pip" \
    --isolated --no-cache-dir --disable-pip-version-check "$@"
}
joined() { local IFS=:; echo "$*"; }
phase() { if [ -n "${!1-}" ]; then eval "${!1}"; fi }

export HOME=$TMPDIR PYTHONHASHSEED=0
unset PYTHONPATH
if [ "$format" = wheel ]; then
  mkdir -p $TMPDIR/dist
  name=$(basename $src)
  cp $src "$TMPDIR/dist/${name:33}" # as stripHash: pip reads the tags in the name
else
  mkdir $TMPDIR/source
  if [ -d $src ]; then cp -r --no-preserve=mode $src/. $TMPDIR/source; else tar -xf $src -C $TMPDIR/source --strip-components=1; fi
  cd $TMPDIR/source/${sourceRoot-.}
  phase postPatch
  phase preBuild
  PYTHONPATH=$(joined $buildPath $runPath) pip wheel -q --no-deps --no-index --no-build-isolation -w $TMPDIR/dist .
fi
pip install -q --root-user-action ignore --no-deps --no-index --no-compile --no-warn-script-location --prefix $out $TMPDIR/dist/*.whl
phase postInstall
mkdir -p $out/nix-support
echo $propagated >$out/nix-support/propagated-build-inputs

if [ "$(type -t autoPatchelf)" = function ]; then autoPatchelf $out; fi
phase postFixup
site=$out/lib/python$minor/site-packages
for program in $out/bin/*; do # wrapPythonPrograms: what it imports is told on its first lines
  if [ -f "$program" ] && head -c 2 "$program" | grep -q '#!'; then
    paths=$(printf "'%s', " $site $runPath)
    sed -i "1a import sys; sys.path[1:1] = [$paths]" "$program"
  fi
done
for module in ${pythonImportsCheck-}; do
  PYTHONPATH=$(joined $site $runPath) "$python/bin/python$minor" -B -c "import $module"
done
