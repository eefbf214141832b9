#pragma once

#include "core/event.hpp"

#include <optional>
#include <string_view>

namespace dubber {

/// Reads the records that a history has most of, if they are exactly as
/// `encode` writes them: members in their order, no spaces, no `\u` escapes.
/// Nothing: not one of those, or damaged; the reader of any JSON tells.
std::optional<event_body> decode_quickly(std::string_view type,
                                         std::string_view payload);

} // namespace dubber
