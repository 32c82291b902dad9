// NVML, the header alone: the library is opened at run time with dlopen.
#pragma once
#include <nvml.h>
