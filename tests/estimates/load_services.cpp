#include "tests/estimates/load_services.hpp"

#include "tests/support/dub_samples.hpp"

#include <algorithm>
#include <cmath>

namespace dubber::test {

namespace {

/// As docs/media.md says of long sound.
extracted cut(double seconds) {
  extracted out{sample_artifact("sound"), seconds, {}};
  auto n = seconds <= 600 ? 1 : std::ceil(seconds / 300);
  for (int i = 0; i < static_cast<int>(n); ++i)
    out.chunks.push_back({seconds * i / n, seconds * (i + 1) / n});
  return out;
}

/// A segment every six seconds or so.
transcript heard(media_span chunk, std::mt19937_64& random) {
  std::exponential_distribution<> more{1.0 / 4};
  transcript out;
  auto at = chunk.start;
  while (at + 1 < chunk.end) {
    auto end = std::min(chunk.end, at + 2 + more(random));
    out.segments.push_back({{at, end - 0.2}, "words"});
    at = end;
  }
  if (out.segments.empty())
    out.segments.push_back({chunk, "words"});
  return out;
}

} // namespace

/// Seconds that a call really takes, on average.
double true_cost(work_kind kind, double media_seconds) {
  switch (kind) {
  case work_kind::extract:
    return 1 + 0.02 * media_seconds;
  case work_kind::transcribe:
    return 3 + 0.5 * media_seconds;
  case work_kind::translate:
    return 0.6;
  case work_kind::speak:
    return 0.4 + 0.15 * media_seconds;
  case work_kind::merge:
    return 2 + 0.05 * media_seconds;
  case work_kind::upload:
    return 0.5 + 0.01 * media_seconds;
  default:
    return 0.03;
  }
}

work_result answer_of(const job_state& job, work_ref work, double media,
                      std::mt19937_64& random) {
  switch (job.plan->stages[work.stage].kind) {
  case work_kind::fetch:
    return fetched{"film.mp4", "es", {}, "{}"};
  case work_kind::extract:
    return cut(media);
  case work_kind::transcribe:
    return heard(job.spans[work.item], random);
  case work_kind::translate:
    return translated{"words"};
  case work_kind::speak:
    return spoken{sample_artifact("s"), 2, 1};
  case work_kind::merge:
    return merged{sample_artifact("v"), sample_artifact("s"),
                  sample_artifact("t"), sample_artifact("r"), media};
  default:
    return uploaded{"out.mp4", {}};
  }
}

} // namespace dubber::test
