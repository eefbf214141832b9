#include "core/artifacts.hpp"

#include "core/overload.hpp"

namespace dubber {

namespace {

std::vector<std::string> keys_of(const work_result& result) {
  return std::visit(
    overload{
      [](const extracted& x) -> std::vector<std::string> {
        return {x.audio.key};
      },
      [](const spoken& x) -> std::vector<std::string> { return {x.audio.key}; },
      [](const merged& x) -> std::vector<std::string> {
        return {x.video.key, x.srt.key, x.vtt.key, x.report.key};
      },
      [](const auto&) -> std::vector<std::string> { return {}; },
    },
    result);
}

} // namespace

std::vector<std::string> artifact_keys(const event_body& body) {
  if (auto x = std::get_if<ev::item_completed>(&body))
    return keys_of(x->result);
  if (auto x = std::get_if<ev::stage_completed>(&body))
    return keys_of(x->result);
  return {};
}

} // namespace dubber
