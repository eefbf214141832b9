#pragma once

#include "core/job/edit_scope.hpp"
#include "core/job/machine.hpp"

#include <map>
#include <string>
#include <vector>

/// Another text or translation of one segment, and what is done again for it.
///
///   text ---------------> translate, tts (of this segment) --+
///   translation --------------------> tts (of this segment) --+--> merge,
///   text, and the translation that is there already ----------+    upload,
///                                                                  report
///   running, paused: in the same run; whatever made of it is under way is
///                    given up, all the rest goes on
///   else:            a new run
///
/// What new runs rest on may have been removed after ARTIFACT_RETENTION:
/// `files_needed` are looked for first, and what is gone is made again.
namespace dubber {

verdict may_edit(const job_state& state, const segment_edit& what);

/// The facts of an edit that `judge` allows.
std::vector<event_body> edit_segment(const job_state& state,
                                     const in::control& wish, time_point now);

/// A part of `evolve`.
void apply_edit(job_state& state, const ev::segment_edited& what);

/// Whether the edit does away with this piece of work, if it is under way.
/// @param gateways The gateway's language.
bool is_overtaken(const pipeline& plan, const std::string& gateways,
                  const ev::segment_edited& by, work_ref work);

/// The same, for many pieces of work. @param reach `scope_of` the edit.
bool is_overtaken(const pipeline& plan, const edit_scope& reach,
                  const ev::segment_edited& by, work_ref work);

/// For people: the languages that there are.
std::string no_such_language(const job_state& state,
                             const std::string& language);

/// A stored file that a new run would use, and the work that made it.
struct kept_file {
  work_ref maker;
  std::string key;
};

/// What has to be in the store for a redo or an edit that `judge` allows; the
/// rest of what it would use is made again anyway.
std::vector<kept_file> files_needed(const job_state& state,
                                    const in::control& wish);

/// redo: the first stage that is done again: the named one, or an earlier one
/// whose files are gone.
std::uint32_t first_again(const job_state& state, const in::control& wish);

/// Adds the segments that a new run has to speak again because their sound is
/// gone.
void note_lost(const job_state& state, const in::control& wish,
               ev::run_started& begins);

/// Finished work that the facts have done again: items by stage.
std::map<std::string, std::uint32_t>
repeats_of(const job_state& state, const std::vector<event_body>& facts,
           time_point now);

} // namespace dubber
