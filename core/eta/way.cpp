#include "core/eta/way.hpp"

#include <algorithm>

namespace dubber {

namespace {

using k = work_kind;

/// Calls of one job that are open at once (`context::window`).
constexpr double window = 64;
/// Of a call that lasts longer than expected, nobody knows: so much is left.
constexpr double least_left = 0.25;

struct walk {
  const traveller& job;
  const service_room& room;
  const backlog* others; ///< nothing: it is alone

  double at_once(k kind) const {
    return std::max(1, room.at_once[index_of(kind)]);
  }

  /// How long its calls of one kind take, once they may begin.
  double own(k kind) const {
    auto calls = static_cast<double>(job.left.calls[index_of(kind)]);
    if (calls < 1)
      return 0;
    auto lanes = std::min({calls, at_once(kind), window});
    auto one = job.left.one(kind);
    // The last calls do not end together.
    auto length = job.left.of(kind) / lanes + one * (lanes - 1) / lanes / 2;
    if (kind != job.left.at || job.left.at_own || job.called_for <= 0)
      return length;
    auto spent = std::min(job.called_for, (1 - least_left) * one);
    return std::max(length - spent, least_left * one);
  }

  /// When what goes before it at this kind's service is through.
  double free_at(k kind) const {
    if (!others || job.left.calls[index_of(kind)] == 0)
      return 0;
    // Its call is open: what waits there does not go before it.
    auto open = kind == job.left.at && !job.left.at_own && job.called_for > 0
                && job.left.calls[index_of(kind)] == 1;
    if (open)
      return 0;
    auto work = others->before(job.who, job.left, kind);
    for (auto i = index_of(kind) + 1; i < work_kinds; ++i)
      if (room.service[i] == room.service[index_of(kind)])
        work += others->due(job.who, static_cast<k>(i));
    return work / at_once(kind);
  }

  double step(double t, k kind) const {
    return std::max(t, free_at(kind)) + own(kind);
  }

  double segments(double t) const {
    auto translates = job.left.calls[index_of(k::translate)] > 0;
    auto one = translates ? job.left.one(k::translate) : 0;
    if (job.left.pioneer)
      t += one + job.left.one(k::speak);
    auto translated = step(t, k::translate);
    auto spoken = step(t + one, k::speak);
    return std::max(translated + (translates ? job.left.one(k::speak) : 0),
                    spoken);
  }

  double length() const {
    double t = 0;
    for (auto kind : {k::fetch, k::extract, k::transcribe})
      t = step(t, kind);
    if (job.left.calls[index_of(k::speak)] > 0)
      t = segments(t);
    for (auto kind : {k::merge, k::upload, k::report})
      t = step(t, kind);
    return t + job.left.own;
  }
};

} // namespace

way way_of(const traveller& job, const backlog& others,
           const service_room& room) {
  return {walk{job, room, nullptr}.length(), walk{job, room, &others}.length()};
}

by_kind<double> lengths_of(const work_left& left, const service_room& room) {
  traveller nobody{{}, left, 0};
  by_kind<double> out{};
  for (std::size_t i = 0; i < work_kinds; ++i)
    out[i] = walk{nobody, room, nullptr}.own(static_cast<k>(i));
  return out;
}

bool is_held(const work_left& left, const service_room& room) {
  if (left.own_services & room.own_held)
    return true;
  for (std::size_t i = 0; i < work_kinds; ++i)
    if (left.calls[i] > 0 && room.held[i])
      return true;
  return false;
}

} // namespace dubber
