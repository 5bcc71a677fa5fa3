# The environment's own folders, the host's others, and a tmpfs over the C library's etc, so that its loader reads /etc/ld.so.cache.
shopt -s nullglob
words=(--dev-bind /dev /dev --proc /proc --chdir "$PWD" --die-with-parent --bind /nix /nix)
words+=(--tmpfs "$glibc/etc" --symlink /etc/ld.so.conf "$glibc/etc/ld.so.conf" --symlink /etc/ld.so.cache "$glibc/etc/ld.so.cache")
words+=(--dir /etc --ro-bind /etc /.host-etc)
for path in "$rootfs"/*; do
  [ "${path##*/}" = etc ] && continue
  if [ -L "$path" ]; then words+=(--symlink "$("$readlink" "$path")" "/${path##*/}"); else words+=(--ro-bind "$path" "/${path##*/}"); fi
done
for path in "$rootfs"/etc/*; do words+=(--ro-bind "$path" "/etc/${path##*/}"); done
for path in /etc/*; do
  case ${path##*/} in ld.so.*|profile) ;; *) words+=(--symlink "/.host-etc/${path##*/}" "$path") ;; esac
done
for path in /*; do
  case ${path##*/} in nix|dev|proc|etc|lib32|libx32) continue ;; esac
  if [ ! -e "$rootfs$path" ] && [ ! -L "$rootfs$path" ] && [ -d "$path" ]; then words+=(--bind "$path" "$path"); fi
done
exec "$bwrap" "${words[@]}" "${extra[@]}" "$init" "$@"
