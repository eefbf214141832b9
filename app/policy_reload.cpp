#include "app/policy_reload.hpp"

#include "app/rim.hpp"
#include "metrics/log.hpp"
#include "metrics/wall_clock.hpp"

#include <sstream>
#include <utility>

namespace dubber {

namespace {

/// The clients are made with these.
void keep_fixed(const std::string& name, const service_policy& running,
                service_policy& wanted, std::vector<std::string>& told) {
  auto keep = [&](const char* field, const auto& is, auto& asked) {
    if (asked == is)
      return;
    asked = is;
    told.push_back("services." + name + "." + field
                   + ": another one counts after a restart");
  };
  keep("url", running.urls, wanted.urls);
  keep("identity", running.identity, wanted.identity);
}

std::string shown_change(double before, double after) {
  std::ostringstream out;
  out << "max_degraded_ratio: " << before << " -> " << after;
  return out.str();
}

} // namespace

policy_step next_policies(const service_policies& running,
                          service_policies wanted, int threads) {
  policy_step out;
  for (auto& [name, policy] : wanted)
    keep_fixed(name, running.at(name), policy, out.needs_restart);
  auto& media = wanted.at("media").max_concurrent;
  auto& store = wanted.at("store").max_concurrent;
  if (media + store > threads) {
    out.needs_restart.push_back(
      "services.media.max_concurrent and services.store.max_concurrent: more "
      "than "
      + std::to_string(threads)
      + " together need more threads, which there are after a restart");
    media = running.at("media").max_concurrent;
    store = running.at("store").max_concurrent;
  }
  auto before = policy_fields(running);
  for (auto& [field, value] : policy_fields(wanted))
    if (before[field] != value)
      out.changes.push_back(field + ": " + before[field] + " -> " + value);
  out.services = std::move(wanted);
  return out;
}

policy_reader_again::policy_reader_again(const config& cfg,
                                         coordinator_system& actors,
                                         probe& says)
  : before_(cfg.pipelines.services), running_(cfg.services),
    max_degraded_ratio_(cfg.max_degraded_ratio),
    threads_(pool_threads(cfg.services)), actors_(actors), says_(says) {
  // nop
}

void policy_reader_again::read(const environment& env) {
  auto loaded = load_policies(env, before_);
  if (auto mistakes = std::get_if<std::vector<std::string>>(&loaded)) {
    for (auto& text : *mistakes)
      log::write(log::level::error, "policy.mistake", {{"text", text}});
    log::write(log::level::error, "policy.refused",
               {{"mistakes", std::to_string(mistakes->size())}});
    return says_.policy_read(false);
  }
  auto& wanted = std::get<config>(loaded);
  auto step = next_policies(running_, wanted.services, threads_);
  running_ = step.services;
  auto ratio = wanted.max_degraded_ratio;
  if (auto before = std::exchange(max_degraded_ratio_, ratio); before != ratio)
    step.changes.push_back(shown_change(before, ratio));
  actors_.change_policies(std::move(step.services), ratio,
                          {wanted.policy_sha256, wall_now()});
  for (auto& text : step.changes)
    log::write(log::level::info, "policy.changed", {{"field", text}});
  for (auto& text : step.needs_restart)
    log::write(log::level::warn, "policy.needs_restart", {{"field", text}});
  log::write(log::level::info, "policy.reloaded",
             {{"changes", std::to_string(step.changes.size())},
              {"needs_restart", std::to_string(step.needs_restart.size())},
              {"sha256", wanted.policy_sha256}});
  says_.policy_read(true);
}

} // namespace dubber
