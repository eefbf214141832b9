#pragma once

/// The one place that includes cpp-httplib: Debian compiles it into a library
/// whose classes have the members that these macros add.
#ifndef CPPHTTPLIB_OPENSSL_SUPPORT
#error "httplib's classes differ from the library's: link dubber_engines"
#endif
#include <httplib.h>

#include <functional>
#include <utility>

namespace dubber {

/// What its queue says to a connection: nothing in Debian 12, in Debian 13 that
/// it was taken.
using enqueued = decltype(std::declval<httplib::TaskQueue&>().enqueue(
  std::declval<std::function<void()>>()));

} // namespace dubber
