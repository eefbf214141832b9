#include "core/learned_speed.hpp"

#include <algorithm>
#include <cmath>

namespace dubber {

namespace {

constexpr double patience = 4;
constexpr double high = 0.95;
constexpr ms least_deadline{5'000};
constexpr int base_part = 6;
/// A quantile costs a pass over all paces: it is taken anew after so many.
constexpr std::size_t stale_after = 10;

double size_of(double media_seconds) {
  return std::max(0.0, media_seconds) + 1;
}

} // namespace

void learned_speed::add(double pace) {
  if (memory_.paces.size() < most_paces) {
    memory_.paces.push_back(pace);
  } else {
    memory_.paces[next_] = pace;
    next_ = (next_ + 1) % most_paces;
  }
  if (++unread_ >= stale_after)
    read();
}

void learned_speed::read() {
  usual_ = quantile(high);
  unread_ = 0;
}

void learned_speed::succeeded(double media_seconds, ms took) {
  add(static_cast<double>(took.count()) / size_of(media_seconds));
  memory_.longest = std::max(memory_.longest, media_seconds);
}

void learned_speed::timed_out(double media_seconds, ms deadline) {
  add(2 * static_cast<double>(deadline.count()) / size_of(media_seconds));
}

double learned_speed::quantile(double share) const {
  auto paces = memory_.paces;
  auto last = static_cast<double>(paces.size() - 1);
  auto nth
    = paces.begin() + static_cast<std::ptrdiff_t>(std::ceil(share * last));
  std::nth_element(paces.begin(), nth, paces.end());
  return *nth;
}

std::optional<ms> learned_speed::expected(double media_seconds,
                                          double share) const {
  if (calls() < fewest_paces)
    return std::nullopt;
  return ms{static_cast<ms::rep>(quantile(share) * size_of(media_seconds))};
}

ms learned_speed::deadline(double media_seconds, int attempt,
                           const timeout_policy& most) const {
  auto cap = most.of(media_seconds);
  if (calls() < fewest_paces)
    return cap;
  auto least = std::max(least_deadline, most.base / base_part);
  auto doubled = std::pow(2.0, std::clamp(attempt - 1, 0, 20));
  auto length = std::max(static_cast<double>(least.count()),
                         patience * usual_ * size_of(media_seconds))
                * doubled;
  return ms{
    static_cast<ms::rep>(std::min(length, static_cast<double>(cap.count())))};
}

void learned_speed::restore(memory from) {
  std::erase_if(from.paces,
                [](double x) { return !std::isfinite(x) || x < 0; });
  if (from.paces.size() > most_paces)
    from.paces.erase(from.paces.begin(), from.paces.end() - most_paces);
  if (!std::isfinite(from.longest) || from.longest < 0)
    from.longest = 0;
  memory_ = std::move(from);
  next_ = 0;
  if (!memory_.paces.empty())
    read();
}

} // namespace dubber
