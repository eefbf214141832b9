#include "core/policy.hpp"

#include <array>
#include <chrono>
#include <utility>

namespace dubber {

using namespace std::literals;

namespace {

constexpr std::array<std::pair<exhausted, std::string_view>, 4> outcomes{{
  {exhausted::park, "park"},
  {exhausted::fail, "fail"},
  {exhausted::keep_original, "keep_original"},
  {exhausted::silence, "silence"},
}};

} // namespace

std::string_view to_string(exhausted what) {
  for (auto& [value, name] : outcomes)
    if (value == what)
      return name;
  return "park";
}

std::optional<exhausted> exhausted_from(std::string_view name) {
  for (auto& [value, text] : outcomes)
    if (text == name)
      return value;
  return std::nullopt;
}

bool may_stand_in(std::string_view service) {
  return service == "translate" || service == "tts";
}

service_policies default_policies() {
  service_policies all;
  auto& gateway = all["gateway"];
  gateway.max_concurrent = 32;
  gateway.attempt_timeout = {10s, 0ms};
  gateway.retry = {8, 500ms, 2.0, 30s, true};

  auto& media = all["media"];
  media.max_concurrent = 2;
  media.attempt_timeout = {600s, 2s};
  media.retry = {3, 1s, 2.0, 30s, true};

  // Scarce: a GPU serves one or two at once, and an hour of sound may take it
  // many minutes.
  auto& asr = all["asr"];
  asr.max_concurrent = 4;
  asr.attempt_timeout = {120s, 4s};
  asr.retry = {6, 2s, 2.0, 60s, true};

  auto& translate = all["translate"];
  translate.max_concurrent = 16;
  translate.attempt_timeout = {30s, 0ms};
  translate.retry = {6, 1s, 2.0, 60s, true};

  auto& tts = all["tts"];
  tts.max_concurrent = 8;
  tts.attempt_timeout = {60s, 5s};
  tts.retry = {6, 1s, 2.0, 60s, true};

  auto& store = all["store"];
  store.max_concurrent = 4;
  store.attempt_timeout = {600s, 1s};
  store.retry = {6, 1s, 2.0, 60s, true};
  return all;
}

std::string identity_of(const service_policy& policy) {
  if (policy.identity.empty() && !policy.urls.empty())
    return policy.urls.front();
  return policy.identity;
}

} // namespace dubber
