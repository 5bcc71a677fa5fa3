# A program without a C library, for the place of a loader: position-independent, and no relocation to be done.
mkdir -p $(dirname $out/$target)
gcc -O2 -Wall -Wextra -static-pie -nostdlib -nostartfiles -ffreestanding -fno-stack-protector -fvisibility=hidden \
  $source -o $out/$target
