// SQLite 3 as Swift must see it.
#pragma once
#include <sqlite3.h>
