#pragma once

#include "core/event.hpp"
#include "core/result.hpp"

#include <string>
#include <string_view>

namespace dubber {

/// Version of the payloads that `encode` writes; older ones stay readable.
inline constexpr int payload_version = 1;

/// The body as compact JSON (docs/journal-format.md). Never throws: invalid
/// UTF-8 in texts is replaced.
std::string encode(const event_body& body);

/// The body of a row. Fault `disk` for an unknown type, a newer version or a
/// damaged payload; the message names which.
result<event_body> decode(std::string_view type, int version,
                          std::string_view payload);

/// The same of any JSON of the newest version; `decode` comes to it where
/// `decode_quickly` does not know how.
result<event_body> decode_any(std::string_view type, std::string_view payload);

} // namespace dubber
