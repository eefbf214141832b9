#pragma once

#include "core/job/state.hpp"

/// Parts of `evolve`: what the stages have come to.
namespace dubber {

/// Makes room for the results of a stage that starts.
void expect_results(job_state& state, std::size_t stage, std::uint32_t items);

/// Of one item of a stage that fans out.
void keep_item(job_state& state, std::size_t stage, std::uint32_t item,
               const work_result& result);

/// Of a whole stage.
void keep_result(job_state& state, std::size_t stage,
                 const work_result& result);

/// The segment's result is not there any more.
void drop_item(job_state& state, std::size_t stage, std::uint32_t item);

} // namespace dubber
