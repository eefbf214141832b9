#include "core/work.hpp"

#include "core/overload.hpp"

namespace dubber {

std::string_view to_string(work_kind kind) {
  switch (kind) {
  case work_kind::fetch:
    return "fetch";
  case work_kind::extract:
    return "extract";
  case work_kind::transcribe:
    return "transcribe";
  case work_kind::translate:
    return "translate";
  case work_kind::speak:
    return "speak";
  case work_kind::merge:
    return "merge";
  case work_kind::upload:
    return "upload";
  case work_kind::report:
    return "report";
  case work_kind::http:
    return "http";
  }
  return "report";
}

std::optional<work_kind> work_kind_from(std::string_view name) {
  for (auto i = 0; i <= static_cast<int>(work_kind::http); ++i)
    if (auto kind = static_cast<work_kind>(i); to_string(kind) == name)
      return kind;
  return std::nullopt;
}

std::string_view to_string(stand_in how) {
  return how == stand_in::original ? "keep_original" : "silence";
}

std::optional<stand_in> stand_in_from(std::string_view name) {
  for (auto how : {stand_in::original, stand_in::silence})
    if (to_string(how) == name)
      return how;
  return std::nullopt;
}

bool may_be_halved(const work_order& order) {
  auto in = std::get_if<transcribe_input>(&order.input);
  return in && in->chunk.length() >= least_halved_seconds;
}

double media_seconds(const work_order& order) {
  // The length of the whole source is not known before the extraction, and of a
  // text only the room it has: those fall back to the base of the timeout.
  return std::visit(
    overload{
      [](const transcribe_input& x) { return x.chunk.length(); },
      [](const speak_input& x) { return x.slot_seconds; },
      [](const merge_input& x) { return x.seconds; },
      [](const upload_input& x) { return x.result->seconds; },
      [](const http_input& x) { return x.seconds; },
      [](const auto&) { return 0.0; },
    },
    order.input);
}

} // namespace dubber
