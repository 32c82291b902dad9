// What the kernel counted of a TCP connection.
#pragma once
#include <stdint.h>

/// The bytes that a connected TCP socket has received and sent so far; both stay as they are for any other descriptor.
void clinux_tcp_bytes(int descriptor, uint64_t *received, uint64_t *sent);
