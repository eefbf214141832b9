#pragma once

/// The one place that includes cpp-httplib: Debian compiles it into a library
/// whose classes have the members that these macros add.
#ifndef CPPHTTPLIB_OPENSSL_SUPPORT
#error "httplib's classes differ from the library's: link dubber_engines"
#endif
#include <httplib.h>
