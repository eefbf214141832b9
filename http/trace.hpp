#pragma once

#include "http/call.hpp"

#include <string_view>

namespace dubber {

/// Whether it is one by W3C Trace Context.
bool is_traceparent(std::string_view text);

/// The request's `traceparent` (W3C Trace Context); empty when it has none or
/// a malformed one, which has to be ignored: it goes into journals and headers.
std::string traceparent_of(const http_call_in& call);

} // namespace dubber
