/* What NixOS puts at the FHS interp where nobody chose another loader: it names the program, explains, exits with 127.
 *
 * No C library, for the same reason as in nix-ld.c: the auxiliary vector describes the program that cannot start. */
#include <stddef.h>
#include <sys/syscall.h>

__asm__(".globl _start\n_start:\n\tmov %rsp, %rdi\n\tand $-16, %rsp\n\tcall stub\n\thlt\n");

static void call(long number, long a, long b, long c) {
    long result;
    __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
}

static void say(const char *text) {
    size_t n = 0;
    while (text[n] != 0)
        n++;
    call(SYS_write, 2, (long)text, (long)n);
}

__attribute__((used, noreturn)) void stub(long *stack) {
    say("Could not start dynamically linked executable: ");
    if (stack[0] > 0)
        say((const char *)stack[1]);
    say("\nNixOS cannot run dynamically linked executables intended for generic\n"
        "linux environments out of the box. For more information, see:\n"
        "https://nix.dev/permalink/stub-ld\n");
    call(SYS_exit_group, 127, 0, 0);
    __builtin_unreachable();
}
