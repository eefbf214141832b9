#include "core/eta/own_costs.hpp"

#include <algorithm>

namespace dubber {

namespace {

constexpr std::size_t most_services = 64;
/// Calls of one job that are open at once (`context::window`).
constexpr double window = 64;
/// Nothing is known of it: as a small model would take.
constexpr call_cost::guess first_guess{1, 0.05, 60};

} // namespace

void own_costs::set_service(const std::string& service, const std::string& key,
                            int at_once, bool held) {
  auto i = services_.find(service);
  if (i == services_.end()) {
    if (services_.size() >= most_services)
      return;
    auto bit = std::uint64_t{1} << services_.size();
    i = services_.emplace(service, entry{{}, bit, 1, {}}).first;
  }
  auto& x = i->second;
  if (x.key != key) {
    x.key = key;
    x.cost = call_cost{first_guess};
    if (auto before = known_.find(key); before != known_.end())
      x.cost.restore(before->second);
  }
  x.at_once = std::max(1, at_once);
  held_ = held ? held_ | x.bit : held_ & ~x.bit;
}

void own_costs::saw(const std::string& service, double media_seconds,
                    double took_seconds) {
  if (auto i = services_.find(service); i != services_.end())
    i->second.cost.saw(media_seconds, took_seconds);
}

double own_costs::length(const std::string& service, double calls,
                         double media_seconds) const {
  if (calls <= 0)
    return 0;
  auto i = services_.find(service);
  auto one = (i == services_.end() ? call_cost{first_guess} : i->second.cost)
               .of(media_seconds);
  auto at_once = i == services_.end() ? 1.0 : i->second.at_once;
  auto lanes = std::min({calls, at_once, window});
  // The last calls do not end together.
  return calls * one / lanes + one * (lanes - 1) / lanes / 2;
}

std::uint64_t own_costs::bit(const std::string& service) const {
  auto i = services_.find(service);
  return i == services_.end() ? 0 : i->second.bit;
}

own_costs::memory own_costs::remembered() const {
  memory out;
  for (auto& [service, x] : services_)
    if (x.cost.remembered().calls > 0)
      out[x.key] = x.cost.remembered();
  for (auto& [key, sums] : known_)
    if (out.size() < most_services)
      out.emplace(key, sums);
  return out;
}

void own_costs::restore(const memory& from) {
  known_ = from;
  for (auto& [service, x] : services_)
    if (auto before = known_.find(x.key); before != known_.end())
      x.cost.restore(before->second);
}

} // namespace dubber
