#include "CLinux.h"
#include <spawn.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>

extern char **environ;

int clinux_spawn(pid_t *pid, const char *path, char *const argv[], char *const environment[], const int *files,
                 int count) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int error = posix_spawn_file_actions_init(&actions);
    if (error != 0) return error;
    error = posix_spawnattr_init(&attributes);
    if (error != 0) {
        posix_spawn_file_actions_destroy(&actions);
        return error;
    }
    for (int index = 0; index < count && error == 0; index++) {
        error = files[index] < 0
            ? posix_spawn_file_actions_addopen(&actions, index, "/dev/null", O_RDWR, 0)
            : posix_spawn_file_actions_adddup2(&actions, files[index], index);
    }
    if (error == 0) error = posix_spawn_file_actions_addclosefrom_np(&actions, count);

    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    if (error == 0) error = posix_spawnattr_setsigmask(&attributes, &none);
    if (error == 0) error = posix_spawnattr_setsigdefault(&attributes, &all);
    if (error == 0) error = posix_spawnattr_setpgroup(&attributes, 0);
    if (error == 0) {
        error = posix_spawnattr_setflags(
            &attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    }
    if (error == 0) {
        error = posix_spawn(pid, path, &actions, &attributes, argv, environment != NULL ? environment : environ);
    }
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

int clinux_die_with_parent(void) { return prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0 ? 0 : errno; }

int clinux_pidfd_open(pid_t pid) { return pidfd_open(pid, 0); }

int clinux_shared_memory(const char *name, off_t size) {
    int descriptor = memfd_create(name, MFD_CLOEXEC);
    if (descriptor >= 0 && ftruncate(descriptor, size) != 0) {
        int error = errno;
        close(descriptor);
        errno = error;
        return -1;
    }
    return descriptor;
}

int clinux_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

char *const *clinux_environment(void) { return environ; }
