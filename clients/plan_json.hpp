#pragma once

#include "core/merge_plan.hpp"
#include "core/result.hpp"

#include <string>
#include <string_view>

/// The plan file, as docs/merge-plan.md defines it.
namespace dubber {

std::string write_plan(const merge_plan& plan);

/// Reads a plan and checks it: format version, types, ranges, and that no two
/// placements sound at once. Unknown fields are ignored.
/// Faults: `invalid_input`, naming what is wrong.
result<merge_plan> read_plan(std::string_view text);

} // namespace dubber
