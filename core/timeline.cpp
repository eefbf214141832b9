#include "core/timeline.hpp"

#include <algorithm>
#include <cmath>

namespace dubber {

namespace {

/// Differences of seconds that are no difference.
constexpr double rounding = 1e-6;

/// Tempos are told to the tools with four decimals; rounded up, so that the
/// rounded one still fits.
double rounded_up(double tempo) {
  return std::ceil(tempo * 1e4 - 1e-9) / 1e4;
}

bool usable(const merge_piece& p, double seconds) {
  return std::isfinite(p.span.start) && std::isfinite(p.span.end)
         && p.span.start < seconds
         && (p.degraded
             || (std::isfinite(p.speech.seconds) && p.speech.seconds > 0));
}

/// The usable pieces' indices by start; equal starts keep their order.
std::vector<std::size_t> by_start(const merge_input& in, double seconds) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < in.pieces.size(); ++i)
    if (usable(in.pieces[i], seconds))
      order.push_back(i);
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) {
    return in.pieces[a].span.start < in.pieces[b].span.start;
  });
  return order;
}

/// Where the piece before `next` has to be silent.
double room_end(const media_span& span, const media_span& next,
                const fit_rules& rules) {
  auto start = std::max(0.0, next.start);
  return std::max(start, std::min(span.end, start + rules.max_shift));
}

/// Fits `natural` seconds of speech into `room`.
void fit_into(double room, double natural, const fit_rules& rules,
              placement& where, segment_outcome& out) {
  auto needed = natural / room;
  out.tempo = needed <= 1 ? 1 : std::min(rules.hard_tempo, rounded_up(needed));
  auto played = natural / out.tempo;
  if (needed > rules.hard_tempo) {
    out.how = fit::trimmed;
    out.trimmed_by = played - room;
    where.fade_out_seconds = std::min(rules.fade_seconds, room);
  } else if (out.tempo > 1) {
    out.how = out.tempo <= rules.soft_tempo ? fit::stretched : fit::hurried;
  }
  where.tempo = out.tempo;
  where.play_seconds = std::min(room, played);
}

/// The original, low wherever a placement sounds.
original_bed bed_under(const std::vector<placement>& placements,
                       const fit_rules& rules) {
  original_bed bed;
  for (auto& p : placements) {
    auto end = p.at + p.play_seconds;
    if (!bed.ducks.empty() && p.at - bed.ducks.back().end <= rules.duck_join)
      bed.ducks.back().end = end;
    else
      bed.ducks.push_back({p.at, end});
  }
  return bed;
}

/// Adds a stretch at the end; edges that would meet become one stretch. What
/// lies between is too short for speech (`fit_rules::min_room`).
void add_stretch(std::vector<media_span>& all, media_span next, double edge) {
  if (!all.empty() && next.start - all.back().end < 2 * edge - 10 * rounding)
    all.back().end = std::max(all.back().end, next.end);
  else
    all.push_back(next);
}

/// The segment's own time in [at, end] is for what stands in for its speech.
/// @returns Where that ends.
double keep_time(const merge_piece& piece, double at, double end,
                 merge_plan& plan, segment_outcome& out) {
  auto keeps = piece.degraded->how == stand_in::original;
  out.how = keeps ? fit::kept_original : fit::silent;
  out.at = at;
  end = std::min(end, piece.span.end);
  if (end <= at)
    return at;
  plan.format = 2;
  add_stretch(keeps ? plan.kept : plan.muted, {at, end}, plan.edge_seconds);
  return end;
}

} // namespace

std::string_view to_string(fit how) {
  switch (how) {
  case fit::natural:
    return "natural";
  case fit::stretched:
    return "stretched";
  case fit::hurried:
    return "hurried";
  case fit::trimmed:
    return "trimmed";
  case fit::left_out:
    return "left_out";
  case fit::kept_original:
    return "kept_original";
  case fit::silent:
    return "silent";
  }
  return "unknown";
}

timeline plan_timeline(const merge_input& in, const fit_rules& rules) {
  timeline out;
  auto& plan = out.plan;
  plan.source_object_key = in.source_object_key;
  plan.source_language = in.source_language;
  plan.target_language = in.target_language;
  plan.seconds = std::isfinite(in.seconds) ? std::max(0.0, in.seconds) : 0;
  for (auto& p : in.pieces)
    out.outcomes.push_back({fit::left_out, p.span.start, 1, 0, 0});
  auto order = by_start(in, plan.seconds);
  double free_from = 0; // where the last placement ends
  for (std::size_t k = 0; k < order.size(); ++k) {
    auto& piece = in.pieces[order[k]];
    auto& outcome = out.outcomes[order[k]];
    auto end = plan.seconds;
    if (k + 1 < order.size())
      end = std::min(end,
                     room_end(piece.span, in.pieces[order[k + 1]].span, rules));
    auto at = std::max({0.0, piece.span.start, free_from});
    if (piece.degraded) {
      free_from = keep_time(piece, at, end, plan, outcome);
      continue;
    }
    if (end - at < rules.min_room - rounding)
      continue;
    placement where;
    where.segment = static_cast<std::uint32_t>(order[k]);
    where.audio = piece.speech.audio;
    where.at = at;
    where.natural_seconds = piece.speech.seconds;
    outcome = {fit::natural, at, 1, at - piece.span.start, 0};
    fit_into(end - at, piece.speech.seconds, rules, where, outcome);
    free_from = at + where.play_seconds;
    plan.placements.push_back(std::move(where));
  }
  if (in.background)
    plan.background = *in.background;
  if (plan.background)
    plan.format = 3;
  else if (in.options->keep_original)
    plan.original = bed_under(plan.placements, rules);
  return out;
}

} // namespace dubber
