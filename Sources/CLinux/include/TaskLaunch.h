// Starting a task's program: everything between fork and exec, where only async-signal-safe calls may be made.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// What the program is, and under which constraints it runs.
struct clinux_launch {
    const char *path;
    char *const *argv;
    char *const *environment;
    const char *directory;
    /// The account to become, if `changes_user`; the groups are its supplementary ones.
    int changes_user;
    uid_t user;
    gid_t group;
    const gid_t *groups;
    size_t group_count;
    /// RLIMIT_NPROC; 0 = as it is.
    uint64_t process_limit;
    /// Written to /proc/self/oom_score_adj, so that the kernel takes the task first.
    const char *oom_score;
    /// Open `cgroup.procs` files to join, each by writing "0".
    const int *control_groups;
    size_t control_group_count;
    /// What becomes descriptors 1 and 2; both at or above 3. 0 becomes /dev/null, every other one is closed on exec.
    int standard_output;
    int standard_error;
};

/// Where a launch failed.
enum clinux_launch_step {
    CLINUX_LAUNCH_FORK = 1,
    CLINUX_LAUNCH_SESSION,
    CLINUX_LAUNCH_CONTROL_GROUP,
    CLINUX_LAUNCH_USER,
    CLINUX_LAUNCH_DIRECTORY,
    CLINUX_LAUNCH_PRIVILEGES,
    CLINUX_LAUNCH_DESCRIPTORS,
    CLINUX_LAUNCH_EXEC,
};

/// Starts the program as the leader of a session of its own, with no_new_privs, default signals and no core file.
///
/// Returns 0 once the program runs (its exec has succeeded), else an errno value with the step in `*step`; the failed
/// child has been reaped then. Must be called from the only thread of a process, or one that only execs afterwards.
int clinux_launch(pid_t *pid, const struct clinux_launch *launch, int *step);

/// Makes the calling process the one that orphans among its descendants fall to. Returns 0 or an errno value.
int clinux_become_subreaper(void);

/// Removes a folder and everything below it; links are removed, not followed. Goes on past what cannot be removed.
void clinux_remove_tree(const char *path);
