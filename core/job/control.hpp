#pragma once

#include "core/job/state.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What people may do with a job. The table verb by state is docs/control.md,
/// and `judge` is that table.
namespace dubber {

enum class control_verb {
  cancel,  ///< for good; open calls are aborted
  pause,   ///< nothing new begins; open calls are finished and recorded
  resume,  ///< goes on after a pause, or where it was parked
  retry,   ///< goes on where it failed or was parked, with fresh attempts
  redo,    ///< a new run from a named stage; its results are made anew
  restart, ///< a new run from the start
  edit,    ///< another text or translation of one segment
};

std::string_view to_string(control_verb what);
std::optional<control_verb> control_verb_from(std::string_view name);

/// What a person gives a segment.
struct segment_edit {
  std::uint32_t segment = 0;
  std::optional<std::string> text;
  std::optional<std::string> translation;
  /// Of the translation, and of the segment that is shown; empty: the
  /// gateway's.
  std::string language = {};
};

namespace in {

/// A person's wish, or the supervisor's.
struct control {
  control_verb what = control_verb::cancel;
  std::string stage; ///< redo: the first stage to repeat
  std::string by;
  std::string reason;
  /// cancel: the gateway's row belongs to another job now: tell it nothing,
  /// also not what was owed.
  bool silent = false;
  /// restart: another pipeline; empty: the one that the job has.
  std::string pipeline = {};
  /// edit: what is changed.
  std::shared_ptr<const segment_edit> edit = {};
  /// redo, edit: whether the store was asked for `files_needed`, and which of
  /// them are gone, by the work that made them.
  bool looked = false;
  std::vector<work_ref> gone = {};
};

} // namespace in

struct verdict {
  enum class kind { change, already, impossible, absent };
  kind what = kind::change;
  std::string why; ///< a sentence, when impossible or absent
};

/// Whether the wish fits the job as it is.
verdict judge(const job_state& state, const in::control& wish);

} // namespace dubber
