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

/// How far `seconds` is from `duck`; 0 inside.
double distance(const media_span& duck, double seconds) {
  return std::max({0.0, duck.start - seconds, seconds - duck.end});
}

} // namespace

double bed_level(const original_bed& bed, double seconds) {
  auto after = std::lower_bound(
    bed.ducks.begin(), bed.ducks.end(), seconds,
    [](const media_span& duck, double at) { return duck.end < at; });
  auto away = 1e9;
  if (after != bed.ducks.end())
    away = distance(*after, seconds);
  if (after != bed.ducks.begin())
    away = std::min(away, distance(*std::prev(after), seconds));
  auto open = bed.ramp_seconds > 0 ? std::min(1.0, away / bed.ramp_seconds)
                                   : (away > 0 ? 1.0 : 0.0);
  auto top = std::max(bed.gain_db, bed.ducked_gain_db);
  auto high = amplitude(bed.gain_db - top);
  auto low = amplitude(bed.ducked_gain_db - top);
  return low + (high - low) * open;
}

result<done> write_duck_envelope(const original_bed& bed, double seconds,
                                 const std::filesystem::path& file) {
  auto values
    = static_cast<std::uint64_t>(std::ceil((seconds + margin) * envelope_rate));
  pcm_file out;
  if (auto made = out.create(file, values); !made)
    return made;
  std::vector<std::int16_t> block;
  for (std::uint64_t at = 0; at < values; at += block.size()) {
    block.resize(std::min<std::uint64_t>(32'768, values - at));
    for (std::size_t i = 0; i < block.size(); ++i)
      block[i] = static_cast<std::int16_t>(std::lround(
        32'767 * bed_level(bed, static_cast<double>(at + i) / envelope_rate)));
    if (auto written = out.write(at, block); !written)
      return written;
  }
  return out.close();
}

} // namespace dubber
