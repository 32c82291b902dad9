#include "CLinux.h"

#include <string.h>

int clinux_want_credentials(int descriptor) {
    int on = 1;
    return setsockopt(descriptor, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) == 0 ? 0 : errno;
}

ssize_t clinux_receive_datagram(int descriptor, void *bytes, size_t count, pid_t *pid, uid_t *user,
                                struct sockaddr_un *address, socklen_t *address_length) {
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(sizeof(struct ucred)) + CMSG_SPACE(253 * sizeof(int))];
    } control;
    struct iovec vector = {bytes, count};
    struct msghdr message;
    memset(&message, 0, sizeof message);
    message.msg_name = address;
    message.msg_namelen = sizeof *address;
    message.msg_iov = &vector;
    message.msg_iovlen = 1;
    message.msg_control = control.room;
    message.msg_controllen = sizeof control.room;
    ssize_t received = recvmsg(descriptor, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (received < 0) return -1;
    *address_length = message.msg_namelen;
    *pid = 0;
    *user = (uid_t)-1;
    for (struct cmsghdr *part = CMSG_FIRSTHDR(&message); part != NULL; part = CMSG_NXTHDR(&message, part)) {
        if (part->cmsg_level != SOL_SOCKET) continue;
        if (part->cmsg_type == SCM_CREDENTIALS) {
            struct ucred credentials;
            memcpy(&credentials, CMSG_DATA(part), sizeof credentials);
            *pid = credentials.pid;
            *user = credentials.uid;
        } else if (part->cmsg_type == SCM_RIGHTS) {
            size_t length = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
            for (size_t index = 0; index < length; index++) {
                int passed;
                memcpy(&passed, CMSG_DATA(part) + index * sizeof(int), sizeof passed);
                close(passed);
            }
        }
    }
    if (message.msg_flags & MSG_TRUNC) {
        errno = EMSGSIZE;
        return -1;
    }
    return received;
}
