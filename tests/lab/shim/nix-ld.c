/* A loader shim that does what nix-ld 2 documents, for x86-64: it stands at the FHS interp, maps the real loader, gives
 * it a longer LD_LIBRARY_PATH, and takes that back before the program's own code runs.
 *
 * No C library: the kernel starts this file as the interp of another program, before there is one. Everything is
 * reached relative to the instruction pointer, so that it needs no relocation either. The contract of the initial
 * stack (argc, argv, environment, auxiliary vector) is the psABI's, section "Process Initialization". */
#include <elf.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#define DEFAULT_LOADER "/run/current-system/sw/share/nix-ld/lib/ld.so"
#define DEFAULT_FOLDER "/run/current-system/sw/share/nix-ld/lib"
#define PAGE 4096UL

/* Read by the trampoline: where in the environment to put what back, and where the program begins. */
__attribute__((used)) char **restore_slot;
__attribute__((used)) char *restore_value;
__attribute__((used)) uintptr_t program_entry;
extern char trampoline[];

__asm__(".globl _start\n"
        "_start:\n\tmov %rsp, %rdi\n\tand $-16, %rsp\n\tcall shim\n\thlt\n"
        ".globl trampoline\n.hidden trampoline\n" /* rdx holds what the loader wants called at exit: untouched */
        "trampoline:\n\tmov restore_slot(%rip), %rax\n\tmov restore_value(%rip), %rcx\n\tmov %rcx, (%rax)\n"
        "\tjmp *program_entry(%rip)\n");

static long call(long number, long a, long b, long c, long d, long e, long f) {
    long result;
    register long r10 __asm__("r10") = d, r8 __asm__("r8") = e, r9 __asm__("r9") = f;
    __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
}

static size_t length(const char *text) {
    size_t n = 0;
    while (text[n] != 0)
        n++;
    return n;
}

/* gcc turns loops into calls of these. */
void *memcpy(void *to, const void *from, size_t n) {
    for (volatile size_t i = 0; i < n; i++)
        ((char *)to)[i] = ((const char *)from)[i];
    return to;
}
void *memset(void *to, int value, size_t n) {
    for (volatile size_t i = 0; i < n; i++)
        ((char *)to)[i] = (char)value;
    return to;
}

static void fatal(const char *what, const char *path) {
    call(SYS_write, 2, (long)"[nix-ld] FATAL: ", 16, 0, 0, 0);
    call(SYS_write, 2, (long)what, (long)length(what), 0, 0, 0);
    call(SYS_write, 2, (long)path, (long)length(path), 0, 0, 0);
    call(SYS_write, 2, (long)"\n", 1, 0, 0, 0);
    call(SYS_exit_group, 127, 0, 0, 0, 0, 0);
}

static char *memory(size_t n) {
    long at = call(SYS_mmap, 0, (long)n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at < 0)
        fatal("out of memory", "");
    return (char *)at;
}

/* The slot of a variable that is set to more than nothing, or NULL. */
static char **variable(char **env, const char *name) {
    size_t n = length(name);
    for (; *env != NULL; env++) {
        size_t i = 0;
        while (i < n && (*env)[i] == name[i])
            i++;
        if (i == n && (*env)[n] == '=' && (*env)[n + 1] != 0)
            return env;
    }
    return NULL;
}

static char *value(char **slot) {
    char *text = *slot;
    while (*text != '=')
        text++;
    return text + 1;
}

static char *joined(const char *a, const char *b, const char *c, const char *d) {
    size_t na = length(a), nb = length(b), nc = length(c), nd = length(d);
    char *out = memory(na + nb + nc + nd + 1);
    memcpy(out, a, na);
    memcpy(out + na, b, nb);
    memcpy(out + na + nb, c, nc);
    memcpy(out + na + nb + nc, d, nd);
    return out;
}

static const char *real_loader(char **env) {
    char **slot = variable(env, "NIX_LD_x86_64_linux");
    if (slot == NULL)
        slot = variable(env, "NIX_LD");
    if (slot == NULL)
        return DEFAULT_LOADER;
    char *path = joined(value(slot), "", "", ""); /* a trailing newline comes from `$(cat …)` in old set-ups */
    if (path[length(path) - 1] == '\n')
        path[length(path) - 1] = 0;
    return path;
}

/* Maps a loader as the kernel would have done; returns its base and, through `entry`, where it begins. */
static uintptr_t mapped(const char *path, uintptr_t *entry) {
    Elf64_Ehdr head;
    Elf64_Phdr parts[32];
    long file = call(SYS_open, (long)path, O_RDONLY | O_CLOEXEC, 0, 0, 0, 0);
    if (file < 0)
        fatal("cannot open the loader ", path);
    if (call(SYS_pread64, file, (long)&head, sizeof head, 0, 0, 0) != sizeof head || head.e_ident[1] != 'E')
        fatal("not an ELF file: ", path);
    if (head.e_machine != EM_X86_64 || head.e_type != ET_DYN || head.e_phnum > 32)
        fatal("for the wrong architecture, or no loader: ", path);
    call(SYS_pread64, file, (long)parts, (long)(head.e_phnum * sizeof *parts), (long)head.e_phoff, 0, 0);

    uintptr_t end = 0;
    for (int i = 0; i < head.e_phnum; i++)
        if (parts[i].p_type == PT_LOAD && parts[i].p_vaddr + parts[i].p_memsz > end)
            end = parts[i].p_vaddr + parts[i].p_memsz;
    uintptr_t base = (uintptr_t)call(SYS_mmap, 0, (long)end, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (int i = 0; i < head.e_phnum; i++) {
        const Elf64_Phdr *p = &parts[i];
        if (p->p_type != PT_LOAD)
            continue;
        int access = ((p->p_flags & PF_R) ? PROT_READ : 0) | ((p->p_flags & PF_W) ? PROT_WRITE : 0)
                   | ((p->p_flags & PF_X) ? PROT_EXEC : 0);
        uintptr_t at = base + p->p_vaddr, page = at & -PAGE, filled = at + p->p_filesz;
        uintptr_t whole = (filled + PAGE - 1) & -PAGE, last = (at + p->p_memsz + PAGE - 1) & -PAGE;
        long done = call(SYS_mmap, (long)page, (long)(filled - page), access, MAP_PRIVATE | MAP_FIXED, file,
                         (long)(p->p_offset & -PAGE));
        if (done < 0)
            fatal("cannot map ", path);
        if (p->p_memsz > p->p_filesz) {
            memset((void *)filled, 0, whole - filled);
            if (last > whole)
                call(SYS_mmap, (long)whole, (long)(last - whole), access, MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS, -1, 0);
        }
    }
    call(SYS_close, file, 0, 0, 0, 0, 0);
    *entry = base + head.e_entry;
    return base;
}

/* Puts the library path into the environment (at `env`, which has one free slot at `last`) and remembers the way back. */
static void lengthen(char **env, char **last) {
    char **ours = variable(env, "NIX_LD_LIBRARY_PATH_x86_64_linux");
    if (ours == NULL)
        ours = variable(env, "NIX_LD_LIBRARY_PATH");
    const char *more = ours != NULL ? value(ours) : DEFAULT_FOLDER;
    char **theirs = variable(env, "LD_LIBRARY_PATH");
    if (theirs != NULL) {
        restore_slot = theirs;
        restore_value = *theirs;
        *theirs = joined("LD_LIBRARY_PATH=", value(theirs), ":", more);
    } else if (ours != NULL) {
        restore_slot = ours;
        restore_value = *ours;
        *ours = joined("LD_LIBRARY_PATH=", more, "", "");
    } else {
        restore_slot = last;
        restore_value = joined("LD_LIBRARY_PATH=", "", "", "");
        *last = joined("LD_LIBRARY_PATH=", more, "", "");
        last[1] = NULL;
    }
}

__attribute__((used, noreturn)) void shim(long *stack) {
    long argc = stack[0];
    char **env = (char **)&stack[argc + 2];
    long variables = 0;
    while (env[variables] != NULL)
        variables++;
    Elf64_auxv_t *aux = (Elf64_auxv_t *)&env[variables + 1];
    long entries = 0;
    uintptr_t base = 0;
    while (aux[entries].a_type != AT_NULL) {
        if (aux[entries].a_type == AT_BASE)
            base = aux[entries].a_un.a_val;
        entries++;
    }
    const char *loader = real_loader(env);
    if (base == 0) { /* called as a command: nothing to prepare for */
        call(SYS_execve, (long)loader, (long)&stack[1], (long)env, 0, 0, 0);
        fatal("cannot execute ", loader);
    }

    /* The same stack once more, with room for one more variable, below everything that is in use. */
    long head = argc + 2, words = head + variables + 2 + 2 * (entries + 1);
    long room[words + 2];
    long *copy = (long *)(((uintptr_t)room + 15) & -16UL);
    memcpy(copy, stack, (size_t)(head + variables + 1) * sizeof *copy);
    char **new_env = (char **)&copy[head];
    new_env[variables + 1] = NULL;
    lengthen(new_env, &new_env[variables]);
    long total = variables + (new_env[variables] != NULL);
    Elf64_auxv_t *new_aux = (Elf64_auxv_t *)&new_env[total + 1];
    memcpy(new_aux, aux, (size_t)(entries + 1) * sizeof *aux);

    uintptr_t entry;
    uintptr_t at = mapped(loader, &entry);
    for (long i = 0; i < entries; i++) {
        if (new_aux[i].a_type == AT_BASE)
            new_aux[i].a_un.a_val = at;
        if (new_aux[i].a_type == AT_ENTRY) {
            program_entry = new_aux[i].a_un.a_val;
            new_aux[i].a_un.a_val = (uintptr_t)trampoline;
        }
    }
    __asm__ volatile("mov %0, %%rsp\n\txor %%edx, %%edx\n\tjmp *%1" : : "r"(copy), "r"(entry) : "memory");
    __builtin_unreachable();
}
