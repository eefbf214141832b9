#pragma once

#include "core/job/machine.hpp"
#include "core/result.hpp"

#include <optional>

/// Which pipeline a job goes through: the one that its POST named, else the one
/// that its optionsJson names when it is fetched first, else the one that all
/// have. It keeps it, with the definition as it was then; a restart may name
/// another.
namespace dubber {

/// That the job has this one from now on; nothing where it has it already.
std::optional<event_body> choice_of(const job_state& state,
                                    const pipeline& wanted);

/// What the POST of a restart asks for: it counts before what the gateway will
/// say of a job that was never fetched.
std::optional<event_body> restart_choice(const job_state& state,
                                         const pipeline& wanted);

/// What the gateway's job asks for. @returns Nothing where that changes
/// nothing; a fault where there is no such pipeline.
result<std::optional<event_body>> choice_by(const job_state& state,
                                            const fetched& source);

/// That the job has other languages than before, by what the gateway says; its
/// pipeline is dubbed into each. Nothing where that changes nothing.
std::optional<event_body> languages_by(const job_state& state,
                                       const fetched& source);

/// A part of `evolve`: another plan; nothing but `fetch`, with which each
/// begins, has been done of it.
void go_by(job_state& state, pipeline_ptr plan);

/// For people.
fault no_such_pipeline(const pipeline_book& book, const std::string& name);

} // namespace dubber
