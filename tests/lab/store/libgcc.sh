# gcc's smallest library alone: the one folder beside its own that a recent nixpkgs gives its C library to search.
mkdir -p $out/lib
cp -L "$(gcc -print-file-name=libgcc_s.so.1)" $out/lib/libgcc_s.so.1
