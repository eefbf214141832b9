#pragma once

#include "http/call.hpp"

namespace dubber {

/// The request's `traceparent` (W3C Trace Context); empty when it has none or
/// a malformed one, which has to be ignored: it goes into journals and headers.
std::string traceparent_of(const http_call_in& call);

} // namespace dubber
