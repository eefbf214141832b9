#pragma once

#include "core/merge_plan.hpp"

#include <string>
#include <vector>

/// Where and how fast each piece of speech is played.
///
/// A piece starts with its segment and may use the silence up to the next
/// segment's start. What is too long there is played faster, up to the hard
/// tempo; what is still too long is cut with a fade and reported. Each start
/// is computed from the segment's own time, never from the pieces before, so
/// nothing drifts.
///
/// Where the source's own segments overlap, the earlier may go on to its end
/// and the later starts up to `max_shift` late: two placements never sound at
/// once.
///
/// A segment that goes without speech keeps its own time for the original's
/// sound, or for silence.
namespace dubber {

struct fit_rules {
  double soft_tempo = 1.2;    ///< faster than this is named in the outcome
  double hard_tempo = 1.4;    ///< never faster
  double max_shift = 2.0;     ///< s a start is moved for overlapping segments
  double min_room = 0.1;      ///< s; in less than this nothing is placed
  double fade_seconds = 0.02; ///< at the end of what is cut off
  double duck_join = 1.5;     ///< s; over shorter pauses the original stays low
};

enum class fit {
  natural,       ///< at its own speed
  stretched,     ///< within the soft limit
  hurried,       ///< between the soft and the hard limit
  trimmed,       ///< at the hard limit, and its end is cut off
  left_out,      ///< no room, beyond the end, or no usable sound
  kept_original, ///< degraded: the original sounds
  silent,        ///< degraded: nothing sounds
};

std::string_view to_string(fit how);

/// What became of one piece, for the report. Seconds.
struct segment_outcome {
  fit how = fit::natural;
  double at = 0;
  double tempo = 1;
  double shifted_by = 0; ///< start after the segment's own start
  double trimmed_by = 0; ///< of the played sound, cut off at the end

  bool operator==(const segment_outcome&) const = default;
};

struct timeline {
  merge_plan plan;
  std::vector<segment_outcome> outcomes; ///< one a piece, in its order
};

/// Deterministic and total: unusable times and lengths leave a piece out. The
/// plan's `subtitles` are the caller's to name.
timeline plan_timeline(const merge_input& in, const fit_rules& rules = {});

} // namespace dubber
