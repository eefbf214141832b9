#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dubber::log {

enum class level { debug, info, warn, error };

using field = std::pair<std::string_view, std::string>;

/// What is written from now on; before, nothing is (tests).
/// @param json One JSON object a line, else text.
void configure(level least, bool json);

/// Whether such a line is written at all: ask before its fields are made where
/// that happens often.
bool enabled(level how);

/// One line on stderr: the event's stable name, then its fields. Texts are
/// escaped (a field cannot begin a new line or steer a terminal) and masked
/// (metrics/mask.hpp).
void write(level how, std::string_view event,
           const std::vector<field>& fields = {});

/// The line that `write` writes, without its end. @param time ISO 8601.
std::string line_of(bool json, level how, std::string_view event,
                    std::string_view time, const std::vector<field>& fields);

} // namespace dubber::log
