#include "clients/media/duck_envelope.hpp"

#include "clients/media/pcm_file.hpp"

#include <algorithm>
#include <cmath>

namespace dubber {

namespace {

constexpr double margin = 1; ///< s beyond the end: nothing is cut by rounding

double amplitude(double db) {
  return std::pow(10, db / 20);
}

/// The level at which a segment that keeps the original has it: as loud as the
/// track.
constexpr double kept_gain_db = 0;

/// How far `seconds` is from the nearest of `spans`; 0 inside.
double distance(const std::vector<media_span>& spans, double seconds) {
  auto from = [seconds](const media_span& span) {
    return std::max({0.0, span.start - seconds, seconds - span.end});
  };
  auto after = std::lower_bound(
    spans.begin(), spans.end(), seconds,
    [](const media_span& span, double at) { return span.end < at; });
  auto away = 1e9;
  if (after != spans.end())
    away = from(*after);
  if (after != spans.begin())
    away = std::min(away, from(*std::prev(after)));
  return away;
}

/// 0 inside the spans, 1 farther away than `ramp`.
double openness(const std::vector<media_span>& spans, double ramp,
                double seconds) {
  if (spans.empty())
    return 1;
  auto away = distance(spans, seconds);
  return ramp > 0 ? std::min(1.0, away / ramp) : (away > 0 ? 1.0 : 0.0);
}

double bed_level(const original_bed& bed, double top, double seconds) {
  auto open = openness(bed.ducks, bed.ramp_seconds, seconds);
  auto high = amplitude(bed.gain_db - top);
  auto low = amplitude(bed.ducked_gain_db - top);
  return low + (high - low) * open;
}

} // namespace

bool original_sounds(const merge_plan& plan) {
  return plan.original || !plan.kept.empty();
}

double original_top_db(const merge_plan& plan) {
  auto top = plan.original
               ? std::max(plan.original->gain_db, plan.original->ducked_gain_db)
               : kept_gain_db;
  return plan.kept.empty() ? top : std::max(top, kept_gain_db);
}

double original_level(const merge_plan& plan, double seconds) {
  auto top = original_top_db(plan);
  auto level = plan.original ? bed_level(*plan.original, top, seconds) : 0;
  auto away = openness(plan.kept, plan.edge_seconds, seconds);
  level = level * away + amplitude(kept_gain_db - top) * (1 - away);
  return level * openness(plan.muted, plan.edge_seconds, seconds);
}

result<done> write_duck_envelope(const merge_plan& plan,
                                 const std::filesystem::path& file) {
  auto values = static_cast<std::uint64_t>(
    std::ceil((plan.seconds + margin) * envelope_rate));
  pcm_file out;
  if (auto made = out.create(file, values); !made)
    return made;
  std::vector<std::int16_t> block;
  for (std::uint64_t at = 0; at < values; at += block.size()) {
    block.resize(std::min<std::uint64_t>(32'768, values - at));
    for (std::size_t i = 0; i < block.size(); ++i)
      block[i] = static_cast<std::int16_t>(std::lround(
        32'767
        * original_level(plan, static_cast<double>(at + i) / envelope_rate)));
    if (auto written = out.write(at, block); !written)
      return written;
  }
  return out.close();
}

} // namespace dubber
