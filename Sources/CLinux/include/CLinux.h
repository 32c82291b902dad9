// Linux as Swift must see it: the calls whose macros, variadics or feature tests the importer cannot read.
#pragma once
// _GNU_SOURCE is set for shim.c alone: here it would make types differ from those of Swift's own Glibc module.
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/types.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "ChildProcess.h"
#include "Datagram.h"
#include "SocketBytes.h"
#include "TaskLaunch.h"

/// accept4 with SOCK_NONBLOCK | SOCK_CLOEXEC: the accepted descriptor, or -1 with errno.
int clinux_accept(int listener, struct sockaddr *address, socklen_t *length);
/// Names the calling thread (at most 15 bytes are kept).
void clinux_name_thread(const char *name);
/// signalfd (-1: a new one) that is non-blocking and closed on exec.
int clinux_signalfd(const sigset_t *set);
