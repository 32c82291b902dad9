// libsystemd, the headers alone: the library is opened at run time with dlopen.
#pragma once
#include <systemd/sd-daemon.h>
#include <systemd/sd-journal.h>
