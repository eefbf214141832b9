// Catch2 v2 (Debian 12) wants a main of ours; v3 (Debian 13) brings its own
// way. tests/support/catch.hpp hides the difference.
#define CATCH_CONFIG_MAIN
#include "tests/support/catch.hpp"
