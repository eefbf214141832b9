#pragma once

#include "core/http_call.hpp"
#include "core/result.hpp"
#include "core/work.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// The document of a job that the calls of its pipeline point into
/// (docs/pipelines.md), and those calls with their holes filled.
namespace dubber {

/// The JSON text of what the pointer points at. Fault `invalid_input`: there is
/// nothing.
result<std::string> value_at(const http_input& in, std::string_view pointer);

/// An `http` stage's call, ready to be sent.
struct rendered_call {
  std::string path;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body; ///< JSON; empty: none
  std::optional<artifact> upload;
};

/// Fault `invalid_input`: a hole cannot be filled, and why.
result<rendered_call> render(const http_input& in);

/// What counts as the text of a JSON answer. Fault `bad_answer`: there is none.
result<std::string> text_at(std::string_view answer, std::string_view pointer);

} // namespace dubber
