/* The program that stands in an environment's bin folder, in both of nixpkgs' generations.
 *
 * VARIABLES: hands the environment over in three variables, which sitecustomize.py takes.
 * ARGV0:     starts the bare Python under the environment's own name, from which getpath finds the prefix.
 *
 * Like every wrapper that makeBinaryWrapper compiles, it carries the command that made it as text. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef GENERATION_VARIABLES
#define OPTIONS "    --set 'NIX_PYTHONPREFIX' '" PREFIX "' \\\n" \
    "    --set 'NIX_PYTHONEXECUTABLE' '" SELF "' \\\n    --set 'NIX_PYTHONPATH' '" PACKAGES "' \\\n" \
    "    --set 'PYTHONNOUSERSITE' 'true'\n"
#else
#define OPTIONS "    --inherit-argv0 \\\n    --resolve-argv0 \\\n    --set 'PYTHONNOUSERSITE' 'true'\n"
#endif
__attribute__((used)) static const char recipe[] = "\nmakeCWrapper '" PROGRAM "' \\\n" OPTIONS;

static void set(const char *name, const char *value) {
    if (setenv(name, value, 1) != 0) {
        perror("setenv");
        exit(1);
    }
}

#ifdef GENERATION_ARGV0
/* argv[0] with a folder: as the user wrote it, or looked up in PATH as the shell did. */
static char *resolved(char *argv0) {
    static char found[PATH_MAX];
    char *path = getenv("PATH");
    if (strchr(argv0, '/') != NULL || path == NULL)
        return argv0;
    path = strdup(path);
    for (char *folder = strtok(path, ":"); folder != NULL; folder = strtok(NULL, ":")) {
        snprintf(found, sizeof found, "%s/%s", folder, argv0);
        if (access(found, X_OK) == 0)
            return found;
    }
    return argv0;
}
#endif

int main(int argc, char **argv) {
    (void)argc;
    set("PYTHONNOUSERSITE", "true");
#ifdef GENERATION_VARIABLES
    set("NIX_PYTHONPREFIX", PREFIX);
    set("NIX_PYTHONEXECUTABLE", SELF);
    set("NIX_PYTHONPATH", PACKAGES);
    argv[0] = PROGRAM; /* so getpath finds the bare Python's prefix */
#else
    argv[0] = resolved(argv[0]);
#endif
    execv(PROGRAM, argv);
    fprintf(stderr, "%s: %s\n", PROGRAM, strerror(errno));
    return 127;
}
