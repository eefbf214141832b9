#include "core/chunks.hpp"

#include <algorithm>
#include <cmath>

namespace dubber {

namespace {

/// Sounds whose loud and quiet parts differ by less have no silence.
constexpr float min_contrast_db = 6;
/// A silence counts for up to this many seconds; longer is no better.
constexpr double enough_silence = 2;

float level(float db) {
  return std::isfinite(db) ? std::max(db, quietest_db) : quietest_db;
}

/// Below it a frame is silent: a third up from the quiet to the loud parts
/// (5th and 95th percentile).
float silence_threshold(std::span<const float> envelope) {
  std::vector<float> all;
  all.reserve(envelope.size());
  for (auto db : envelope)
    all.push_back(level(db));
  auto at = [&](double share) {
    auto n = static_cast<std::ptrdiff_t>(share
                                         * static_cast<double>(all.size() - 1));
    std::nth_element(all.begin(), all.begin() + n, all.end());
    return all[static_cast<std::size_t>(n)];
  };
  auto quiet = at(0.05);
  auto loud = at(0.95);
  return loud - quiet < min_contrast_db ? quietest_db - 1
                                        : quiet + 0.3f * (loud - quiet);
}

/// The frames a cut may lie in, and the one where it is wished.
struct window {
  std::size_t begin;
  std::size_t end;
  std::size_t target;

  double off_target(double frame) const {
    return std::abs(frame - static_cast<double>(target))
           / static_cast<double>(end - begin);
  }
};

/// Middle of the best silence, or -1: long ones near the target win.
double best_silence(std::span<const float> envelope, const window& w,
                    float threshold, const chunk_rules& rules) {
  double best = -1, best_score = -1e9;
  std::size_t begin = w.begin;
  for (auto i = w.begin; i <= w.end; ++i) {
    if (i < w.end && level(envelope[i]) <= threshold)
      continue;
    auto length = static_cast<double>(i - begin) * rules.frame_seconds;
    auto middle = static_cast<double>(begin + i) / 2;
    auto score = std::min(length, enough_silence) - w.off_target(middle);
    if (length >= rules.min_silence && score > best_score) {
      best = middle;
      best_score = score;
    }
    begin = i + 1;
  }
  return best;
}

double quietest_frame(std::span<const float> envelope, const window& w) {
  auto best = w.begin;
  for (auto i = w.begin; i < w.end; ++i) {
    auto db = level(envelope[i]), least = level(envelope[best]);
    if (db < least
        || (db == least
            && w.off_target(static_cast<double>(i))
                 < w.off_target(static_cast<double>(best))))
      best = i;
  }
  return static_cast<double>(best) + 0.5;
}

} // namespace

energy_envelope::energy_envelope(int sample_rate, double frame_seconds)
  : frame_samples_(static_cast<std::size_t>(
    std::max(1LL, std::llround(sample_rate * frame_seconds)))) {
  // nop
}

void energy_envelope::add(std::span<const std::int16_t> samples) {
  for (auto s : samples) {
    squares_ += static_cast<double>(s) * s;
    if (++in_frame_ == frame_samples_)
      end_frame();
  }
}

void energy_envelope::finish() {
  if (in_frame_ > 0)
    end_frame();
}

void energy_envelope::end_frame() {
  auto rms = std::sqrt(squares_ / static_cast<double>(in_frame_)) / 32768;
  frames_.push_back(level(static_cast<float>(20 * std::log10(rms))));
  squares_ = 0;
  in_frame_ = 0;
}

result<std::vector<media_span>> cut_chunks(std::span<const float> envelope,
                                           double seconds,
                                           const chunk_rules& rules) {
  if (!(seconds > 0))
    return fault{fault_code::invalid_input, "the sound is empty", 0, {}};
  if (seconds > rules.max_seconds)
    return fault{fault_code::limit_exceeded,
                 "the sound is longer than "
                   + std::to_string(std::lround(rules.max_seconds / 3600))
                   + " hours",
                 0,
                 {}};
  std::vector<media_span> out;
  double from = 0;
  if (seconds > rules.max_whole) {
    auto threshold = envelope.empty() ? 0 : silence_threshold(envelope);
    while (seconds - from > rules.max_chunk) {
      // The rest after the cut is no shorter than a chunk may be.
      auto first = from + rules.min_chunk;
      auto last = std::min(from + rules.max_chunk, seconds - rules.min_chunk);
      auto wish = std::min(from + rules.target, last);
      auto frame = [&](double at) {
        return std::min(envelope.size(),
                        static_cast<std::size_t>(at / rules.frame_seconds));
      };
      window w{frame(first) + 1, frame(last), frame(wish)};
      auto cut = wish;
      // An envelope that ends early leaves the wish.
      if (w.begin < w.end) {
        auto at = best_silence(envelope, w, threshold, rules);
        if (at < 0)
          at = quietest_frame(envelope, w);
        cut = at * rules.frame_seconds;
      }
      out.push_back({from, cut});
      from = cut;
    }
  }
  out.push_back({from, seconds});
  return out;
}

std::vector<double> find_cuts(std::span<const float> envelope, double seconds,
                              const chunk_rules& rules) {
  std::vector<double> out;
  if (envelope.empty())
    return out;
  auto threshold = silence_threshold(envelope);
  auto frame = [&](double at) {
    return std::min(envelope.size(),
                    static_cast<std::size_t>(at / rules.frame_seconds));
  };
  auto last = std::min(seconds, rules.max_seconds) - rules.cut_apart / 2;
  for (auto from = rules.cut_apart / 2; from < last;) {
    auto to = std::min(from + rules.cut_apart, last);
    window w{frame(from), frame(to), frame((from + to) / 2)};
    auto best
      = w.begin < w.end ? best_silence(envelope, w, threshold, rules) : -1;
    if (best < 0) {
      from = to;
      continue;
    }
    out.push_back(std::round(best * rules.frame_seconds * 1'000) / 1'000);
    from = out.back() + rules.cut_apart;
  }
  return out;
}

} // namespace dubber
