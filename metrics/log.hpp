#pragma once

#include <cstddef>
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

/// Lines of the thread that has one are written together: at its end, with a
/// line at `warn` or `error`, or when there are `most_gathered` bytes. For a
/// stretch of work that does not wait; a process that is killed in the middle
/// of it loses its lines.
class gathering {
public:
  gathering();
  gathering(const gathering&) = delete;
  gathering& operator=(const gathering&) = delete;
  ~gathering();
};

/// What a pipe takes at once, so that lines of several threads stay whole.
inline constexpr std::size_t most_gathered = 4'096;

/// The line that `write` writes, without its end. @param time ISO 8601.
std::string line_of(bool json, level how, std::string_view event,
                    std::string_view time, const std::vector<field>& fields);

} // namespace dubber::log
