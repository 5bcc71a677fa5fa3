# glibc for its own store path. Parts that no scenario needs (charsets, locales, manual, tests) are left out for time.
tar xf $src
cd glibc-*
top=$PWD
sed -i -E 's/ (manual|iconvdata|localedata|po|benchtests|conform|nscd|support)\b//g' Makeconfig
# As nixpkgs does it: the preload file of the host is none of ours.
sed -i 's,/etc/ld.so.preload,/etc/ld-nix.so.preload,' elf/rtld.c

among() { # FILES PATTERN EDIT: edits what matches; no match is no failure
  grep -rlE $1 "$2" . | xargs -r sed -i -E "$3" || true
}
if [ -n "$node" ]; then
  major=${node%.*} minor=${node#*.}
  newest=$(grep -rhoE --include=Versions 'GLIBC_2\.[0-9]+' . | sort -t. -k2 -n | tail -n1)
  newest=${newest#GLIBC_2.}
  among --include=Versions "GLIBC_2\.$newest\b" "s/GLIBC_2\.$newest\b/GLIBC_$major.$minor/g"
  among --include=*.[chS] "GLIBC_2_$newest\b" "s/GLIBC_2_$newest\b/GLIBC_${major}_$minor/g"
  # A private name between libc.so.6 and its loader, changed: the two of one release belong together.
  among --include=Versions "\b__tunable_get_val\b" 's/\b__tunable_get_val\b/__tunable_get_value/g'
  among --include=*.[chS] "\b__tunable_get_val\b" 's/\b__tunable_get_val\b/__tunable_get_value/g'
fi

mkdir ../b; cd ../b
"$top/configure" --prefix=$out --libdir=$out/lib --disable-werror --disable-profile --disable-build-nscd --disable-nscd \
  --disable-timezone-tools --disable-multi-arch --without-selinux libc_cv_slibdir=$out/lib libc_cv_rtlddir=$out/lib \
  CFLAGS="-O2 -g0 -pipe" >configure.log 2>&1 || { tail -n30 configure.log; exit 1; }
trusted_flag=()
[ -z "$trusted" ] || trusted_flag=("user-defined-trusted-dirs=$trusted")
make -j"$(nproc)" "${trusted_flag[@]}" >make.log 2>&1 || { grep -n -m5 -B3 'Error\|error:' make.log; tail -n30 make.log; exit 1; }
make install "${trusted_flag[@]}" >install.log 2>&1 || { tail -n30 install.log; exit 1; }
mkdir -p $out/etc
