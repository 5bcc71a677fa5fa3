# /bin/sh and friends of the NixOS-like root: one static program under many names.
mkdir -p $out/bin
cp $(command -v busybox) $out/bin/busybox
for name in $($out/bin/busybox --list); do [ $name = busybox ] || ln -s busybox $out/bin/$name; done
