# What the wrapped compilers are told of each input: its headers, its libraries and where they will be found. Sourced by setup.

_lab_compilers() {
  if [ -d "$1/include" ]; then export NIX_CFLAGS_COMPILE="${NIX_CFLAGS_COMPILE-} -isystem $1/include"; fi
  if [ -d "$1/lib" ]; then export NIX_CFLAGS_LINK="${NIX_CFLAGS_LINK-} -L$1/lib -Wl,-rpath,$1/lib"; fi
}
addEnvHooks 0 _lab_compilers
