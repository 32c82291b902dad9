#include "CLinux.h"

#include <ftw.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

struct failure {
    int step;
    int error;
};

static void fail(int report, int step) {
    struct failure failure = {step, errno};
    while (write(report, &failure, sizeof failure) < 0 && errno == EINTR) {}
    _exit(127);
}

static void reset_signals(void) {
    // Of the kernel itself: libc refuses the two numbers that it keeps for its own threads, and these are inherited, too.
    struct {
        void (*handler)(int);
        unsigned long flags;
        void (*restorer)(void);
        uint64_t mask;
    } action;
    memset(&action, 0, sizeof action);
    for (int number = 1; number <= 64; number++) syscall(SYS_rt_sigaction, number, &action, NULL, sizeof action.mask);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static void bound(int resource, uint64_t value) {
    struct rlimit limit = {value, value};
    struct rlimit present;
    if (getrlimit(resource, &present) == 0 && present.rlim_max < value) {
        limit.rlim_cur = limit.rlim_max = present.rlim_max;
    }
    setrlimit(resource, &limit);
}

static void close_all_on_exec(int report) {
    if (close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) == 0) return;
    // Kernels before 5.11. Nothing is opened as high as that by a process that starts tasks.
    for (int descriptor = 3; descriptor < 65536; descriptor++) {
        if (fcntl(descriptor, F_SETFD, FD_CLOEXEC) != 0 && errno != EBADF) fail(report, CLINUX_LAUNCH_DESCRIPTORS);
    }
}

static void become(const struct clinux_launch *launch, int report) {
    if (!launch->changes_user) return;
    if (setgroups(launch->group_count, launch->groups) != 0) fail(report, CLINUX_LAUNCH_USER);
    if (setresgid(launch->group, launch->group, launch->group) != 0) fail(report, CLINUX_LAUNCH_USER);
    if (setresuid(launch->user, launch->user, launch->user) != 0) fail(report, CLINUX_LAUNCH_USER);
}

// An agent that is not root changes accounts by capabilities that pass through execve, and that no change of account
// takes from its child: with them any task could be whom it likes.
static void shed_capabilities(int report) {
    // EINVAL: kernels before 4.3, where none pass.
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0 && errno != EINVAL) {
        fail(report, CLINUX_LAUNCH_PRIVILEGES);
    }
    if (geteuid() == 0) return;
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3];
    memset(none, 0, sizeof none);
    if (syscall(SYS_capset, &header, none) != 0) fail(report, CLINUX_LAUNCH_PRIVILEGES);
}

static _Noreturn void run_child(const struct clinux_launch *launch, int report) {
    if (setsid() < 0) fail(report, CLINUX_LAUNCH_SESSION);
    for (size_t index = 0; index < launch->control_group_count; index++) {
        if (write(launch->control_groups[index], "0", 1) != 1) fail(report, CLINUX_LAUNCH_CONTROL_GROUP);
    }
    if (launch->oom_score != NULL) {
        int descriptor = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
        if (descriptor >= 0) {
            // Without /proc the task is as likely to be taken as any process: no reason not to run it.
            ssize_t ignored = write(descriptor, launch->oom_score, strlen(launch->oom_score));
            (void)ignored;
            close(descriptor);
        }
    }
    bound(RLIMIT_CORE, 0);
    if (launch->process_limit != 0) bound(RLIMIT_NPROC, launch->process_limit);
    become(launch, report);
    shed_capabilities(report);
    // As the task's own account: what it may not enter must not become its folder.
    if (chdir(launch->directory) != 0) fail(report, CLINUX_LAUNCH_DIRECTORY);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) fail(report, CLINUX_LAUNCH_PRIVILEGES);
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (nothing < 0 || dup2(nothing, 0) < 0) fail(report, CLINUX_LAUNCH_DESCRIPTORS);
    if (dup2(launch->standard_output, 1) < 0) fail(report, CLINUX_LAUNCH_DESCRIPTORS);
    if (dup2(launch->standard_error, 2) < 0) fail(report, CLINUX_LAUNCH_DESCRIPTORS);
    close_all_on_exec(report);
    umask(022);
    reset_signals();
    execve(launch->path, launch->argv, launch->environment);
    fail(report, CLINUX_LAUNCH_EXEC);
    _exit(127);
}

int clinux_launch(pid_t *pid, const struct clinux_launch *launch, int *step) {
    int report[2];
    *step = CLINUX_LAUNCH_FORK;
    if (pipe2(report, O_CLOEXEC) != 0) return errno;
    pid_t child = fork();
    if (child < 0) {
        int error = errno;
        close(report[0]);
        close(report[1]);
        return error;
    }
    if (child == 0) {
        close(report[0]);
        run_child(launch, report[1]);
    }
    close(report[1]);
    struct failure failure = {0, 0};
    ssize_t count;
    do {
        count = read(report[0], &failure, sizeof failure);
    } while (count < 0 && errno == EINTR);
    close(report[0]);
    if (count != sizeof failure) {
        *pid = child;
        return 0;
    }
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {}
    *step = failure.step;
    return failure.error;
}

int clinux_become_subreaper(void) { return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0 ? 0 : errno; }

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *place) {
    (void)status;
    (void)kind;
    (void)place;
    remove(path);
    return 0;
}

void clinux_remove_tree(const char *path) { nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS); }
