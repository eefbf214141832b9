#pragma once

#include "core/note.hpp"
#include "core/result.hpp"
#include "http/call.hpp"

#include <optional>
#include <string>

namespace dubber {

/// A keyed request as it is kept in the journal (docs/journal-format.md).
struct kept_request {
  std::string key;
  std::string request;
  time_point at;
  std::optional<http_answer> answer; ///< nothing: carried out, not answered
};

note note_of(const kept_request& request);

/// Fault `disk` when the note is damaged.
result<kept_request> request_of(const note& kept);

} // namespace dubber
