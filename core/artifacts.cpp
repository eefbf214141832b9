#include "core/artifacts.hpp"

#include "core/overload.hpp"

namespace dubber {

namespace {

std::vector<artifact> artifacts_of(const work_result& result) {
  return std::visit(
    overload{
      [](const extracted& x) -> std::vector<artifact> { return {x.audio}; },
      [](const spoken& x) -> std::vector<artifact> { return {x.audio}; },
      [](const merged& x) -> std::vector<artifact> {
        return {x.video, x.srt, x.vtt, x.report};
      },
      [](const answered& x) -> std::vector<artifact> {
        return x.file ? std::vector{*x.file} : std::vector<artifact>{};
      },
      [](const auto&) -> std::vector<artifact> { return {}; },
    },
    result);
}

} // namespace

std::vector<std::string> artifact_keys(const work_result& result) {
  std::vector<std::string> out;
  for (auto& x : artifacts_of(result))
    out.push_back(x.key);
  return out;
}

std::uint64_t kept_bytes(const work_result& result) {
  constexpr std::uint64_t record = 512;
  auto out = record;
  for (auto& x : artifacts_of(result))
    out += x.bytes;
  if (auto heard = std::get_if<transcript>(&result))
    for (auto& x : heard->segments)
      out += x.text.size();
  if (auto x = std::get_if<translated>(&result))
    out += x->text.size();
  if (auto x = std::get_if<answered>(&result))
    out += x->json.size() + x->text.size();
  return out;
}

std::vector<std::string> artifact_keys(const event_body& body) {
  if (auto x = std::get_if<ev::item_completed>(&body))
    return artifact_keys(x->result);
  if (auto x = std::get_if<ev::stage_completed>(&body))
    return artifact_keys(x->result);
  return {};
}

} // namespace dubber
