# /usr of links to everything in `paths`, the usual names beside it, and an /etc with what the loader and the shell read.
shopt -s nullglob
mkdir -p $out/usr $out/etc
for path in $paths; do
  for part in bin sbin lib share include; do
    [ -d $path/$part ] || continue
    mkdir -p $out/usr/$part
    cp -rsn --no-preserve=mode $path/$part/. $out/usr/$part/
  done
done
for part in bin sbin lib; do ln -s usr/$part $out/$part; done
ln -s usr/lib $out/lib64
ln -s lib $out/usr/lib64
mkdir -p $out/usr/sbin
printf '%s\n' /lib /lib64 /usr/lib /usr/lib64 /run/opengl-driver/lib >$out/etc/ld.so.conf
cat >$out/etc/profile <<END
export PATH="/usr/bin:/usr/sbin:\$PATH"
$profile
END
cd $out
eval "$extraBuildCommands"
