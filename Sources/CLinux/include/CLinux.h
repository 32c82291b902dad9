// Linux as Swift must see it: the calls whose macros, variadics or feature tests the importer cannot read.
#pragma once
// _GNU_SOURCE is set for shim.c alone: here it would make types differ from those of Swift's own Glibc module.
#include <errno.h>
#include <fcntl.h>
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
