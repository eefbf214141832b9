#pragma once

#include "core/work.hpp"

#include <optional>
#include <string>

namespace dubber {

struct rendered_call;

/// The call key of a piece of work (INTERFACES, Identity): the SHA-256, in hex,
/// of everything that determines its result, plus the generation. Constant over
/// retries and crashes; equal for jobs that need the same result.
/// @param identity The service's identity (its URL unless configured).
/// @param rendered Of an `http` stage, where it is there already.
std::string call_key(const work_order& order, const std::string& identity,
                     const rendered_call* rendered = nullptr);

/// Whether the result of such work is determined by its input alone: others may
/// use it. Not the merge: its report is the job's own.
bool is_shareable(work_kind kind);

/// Under which key a result is kept for others: as above, over all generations.
/// @param source What the source's content is called
/// (`object_store::identify`); of an extraction only. @returns Nothing where it
/// is empty, or the work is not shareable.
std::optional<std::string> result_key(const work_order& order,
                                      const std::string& identity,
                                      const std::string& source);

} // namespace dubber
