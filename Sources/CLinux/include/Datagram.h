// Datagrams of Unix sockets with the sender's credentials, whose macros the importer cannot read.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>

/// Asks the kernel to name the sender of every datagram. Returns 0 or an errno value.
int clinux_want_credentials(int descriptor);

/// Takes one datagram without waiting: its bytes, who sent it and where an answer goes. Descriptors that came along are
/// closed. Returns the number of bytes, or -1 with errno; EMSGSIZE for one that did not fit. `*pid` is 0 where the
/// kernel does not know the sender.
ssize_t clinux_receive_datagram(int descriptor, void *bytes, size_t count, pid_t *pid, uid_t *user,
                                struct sockaddr_un *address, socklen_t *address_length);
