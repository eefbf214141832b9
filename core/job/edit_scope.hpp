#pragma once

#include "core/event.hpp"
#include "core/job/state.hpp"

#include <vector>

/// What an edit of a segment reaches: stages, by index.
///
///   a text ---------> the segment in all languages
///   a translation --> the segment in its language; with a text, the others
///                     follow the text
namespace dubber {

struct edit_scope {
  /// Stages over segments that do the segment again.
  std::vector<bool> again;
  /// Stages over segments whose work on the segment is about old words.
  std::vector<bool> overtaken;
  /// Stages that gather segments that were made anew, and those after them.
  std::vector<bool> gathering;
};

/// @param gateways The gateway's language.
edit_scope scope_of(const pipeline& plan, const std::string& gateways,
                    const ev::segment_edited& what);

/// Whether the edit concerns the dub into that language.
bool concerns(const pipeline& plan, const std::string& gateways,
              const ev::segment_edited& what, std::uint32_t lane);

/// From where a new text is worked on in that language: the stage's name.
std::string text_begins_at(const pipeline& plan, std::uint32_t lane);

/// From where a new translation is.
std::string translation_begins_at(const pipeline& plan, std::uint32_t lane);

} // namespace dubber
