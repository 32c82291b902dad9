// zlib as Swift must see it.
#pragma once
#include <zlib.h>
