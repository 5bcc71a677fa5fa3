# A small program that needs no loader.
mkdir -p $(dirname $out/$target)
gcc -O2 -Wall -Wextra $flags $source -o $out/$target
