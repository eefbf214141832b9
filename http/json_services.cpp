#include "http/json.hpp"

namespace dubber {

using nlohmann::json;

namespace {

double seconds(ms length) {
  return static_cast<double>(length.count()) / 1000;
}

json to_json(const breaker_policy& x) {
  json j{{"min_calls", x.min_calls},
         {"failure_rate", x.failure_rate},
         {"slow_rate", x.slow_rate},
         {"slow_after", x.slow_after},
         {"consecutive", x.consecutive},
         {"open_seconds", seconds(x.open)},
         {"half_open_calls", x.half_open_calls}};
  j["open_cap_seconds"] = seconds(x.open_cap);
  // One of the two.
  j["window_calls"] = x.window_calls > 0 ? json(x.window_calls) : json();
  j["window_seconds"] = x.window_calls > 0 ? json() : json(seconds(x.window));
  return j;
}

json to_json(const service_policy& x) {
  return {{"queue_timeout_seconds", seconds(x.queue_timeout)},
          {"total_timeout_seconds", seconds(x.total_timeout)},
          {"max_hold_seconds", seconds(x.max_hold)},
          {"attempt_timeout_seconds",
           {{"base", seconds(x.attempt_timeout.base)},
            {"per_media_second", seconds(x.attempt_timeout.per_media_second)}}},
          {"retry",
           {{"max_attempts", x.retry.max_attempts},
            {"initial_seconds", seconds(x.retry.initial)},
            {"multiplier", x.retry.multiplier},
            {"cap_seconds", seconds(x.retry.cap)},
            {"jitter", x.retry.jitter}}},
          {"budget", {{"ratio", x.budget.ratio}, {"min", x.budget.min}}},
          {"breaker", to_json(x.breaker)},
          {"on_exhausted", std::string{to_string(x.on_exhausted)}}};
}

json endpoints_json(const service_view& s) {
  auto items = json::array();
  for (auto& x : s.endpoints)
    items.push_back({{"url", x.url},
                     {"running", x.running},
                     {"left_out_until", time_or_null(x.left_out_until)}});
  return items;
}

json seconds_json(const std::optional<ms>& length) {
  return length ? json(seconds(*length)) : json();
}

json to_json(const std::optional<service_order>& x) {
  if (!x)
    return {};
  return {{"what", std::string{to_string(x->what)}},
          {"by", x->by},
          {"reason", x->reason},
          {"at", iso_time(x->at)}};
}

} // namespace

json to_json(const service_view& s) {
  return {{"name", s.name},
          {"breaker", s.breaker},
          {"held_until", time_or_null(s.held_until)},
          {"waiting", s.waiting},
          {"waiting_jobs", s.waiting_jobs},
          {"waiting_since", time_or_null(s.waiting_since)},
          {"running", s.running},
          {"max_concurrent", s.max_concurrent},
          {"recent",
           {{"calls", s.calls},
            {"failed", s.failed},
            {"slow", s.slow},
            {"failed_in_a_row", s.failed_in_a_row}}},
          {"retries",
           {{"running", s.retries_running}, {"allowed", s.retries_allowed}}},
          {"learned",
           {{"calls", s.learned_calls},
            {"p50_seconds", seconds_json(s.expected_p50)},
            {"p95_seconds", seconds_json(s.expected_p95)},
            {"longest_media_seconds", s.longest_media_seconds}}},
          {"endpoints", endpoints_json(s)},
          {"order", to_json(s.order)},
          {"limits", to_json(s.policy)}};
}

json to_json(const services_view& services) {
  auto items = json::array();
  for (auto& x : services.items)
    items.push_back(to_json(x));
  auto& policy = services.policy;
  return {
    {"items", std::move(items)},
    {"policy",
     {{"sha256", policy.sha256.empty() ? json() : json(policy.sha256)},
      {"loaded_at", iso_time(policy.loaded_at)}}},
    {"open_calls",
     {{"running", services.open_calls}, {"allowed", services.max_open_calls}}}};
}

} // namespace dubber
