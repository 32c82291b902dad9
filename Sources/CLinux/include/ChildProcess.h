// Child processes and memory shared with them: what Swift can neither import nor do after a fork.
#pragma once
#include <stdint.h>
#include <sys/types.h>

/// Starts `path` with descriptor i of the child being `files[i]` (-1: /dev/null) and every other one closed.
///
/// The child has its own process group, an empty signal mask and default handlers. `environment` NULL means the
/// caller's own. A given descriptor must be at or above `count`, or equal its place, so that none overwrites another.
/// Returns 0 or an errno value.
int clinux_spawn(pid_t *pid, const char *path, char *const argv[], char *const environment[], const int *files,
                 int count);

/// Asks the kernel to kill the calling process when the thread that started it ends. Returns 0 or an errno value.
int clinux_die_with_parent(void);

/// A descriptor that becomes readable when the process ends, or -1 with errno.
int clinux_pidfd_open(pid_t pid);

/// Anonymous memory of `size` zero bytes that another process can map too: a descriptor, or -1 with errno.
int clinux_shared_memory(const char *name, off_t size);

/// A pipe whose ends are closed on exec. Returns 0, or -1 with errno.
int clinux_pipe(int ends[2]);

/// The process's environment, NULL-terminated.
char *const *clinux_environment(void);

/// A word that another process may write at any time: loads acquire, stores release.
static inline uint64_t clinux_load(const uint64_t *word) { return __atomic_load_n(word, __ATOMIC_ACQUIRE); }
static inline void clinux_store(uint64_t *word, uint64_t value) { __atomic_store_n(word, value, __ATOMIC_RELEASE); }
