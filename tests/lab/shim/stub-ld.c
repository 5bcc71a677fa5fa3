/* What NixOS puts at the FHS interp where nobody chose another loader: it names the program, explains, exits with 127. */
#include <stdio.h>

int main(int argc, char **argv) {
    fprintf(stderr, "Could not start dynamically linked executable: %s\n", argc > 0 ? argv[0] : "");
    fputs("NixOS cannot run dynamically linked executables intended for generic\n"
          "linux environments out of the box. For more information, see:\n"
          "https://nix.dev/permalink/stub-ld\n", stderr);
    return 127;
}
