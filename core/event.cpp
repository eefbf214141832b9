#include "core/event.hpp"

#include "core/overload.hpp"

namespace dubber {

namespace {

std::string_view item_name(const work_result& result) {
  if (std::holds_alternative<transcript>(result))
    return "chunk.transcribed";
  if (std::holds_alternative<translated>(result))
    return "segment.translated";
  if (std::holds_alternative<spoken>(result))
    return "segment.spoken";
  return "item.completed";
}

} // namespace

std::string_view type_name(const event_body& body) {
  using sv = std::string_view;
  return std::visit(
    overload{
      [](const ev::job_accepted&) -> sv { return "job.accepted"; },
      [](const ev::languages_chosen&) -> sv { return "languages.chosen"; },
      [](const ev::language_stopped&) -> sv { return "language.stopped"; },
      [](const ev::job_rejected&) -> sv { return "job.rejected"; },
      [](const ev::run_started&) -> sv { return "run.started"; },
      [](const ev::job_completed&) -> sv { return "job.completed"; },
      [](const ev::job_failed&) -> sv { return "job.failed"; },
      [](const ev::job_parked&) -> sv { return "job.parked"; },
      [](const ev::job_paused&) -> sv { return "job.paused"; },
      [](const ev::job_resumed&) -> sv { return "job.resumed"; },
      [](const ev::job_cancelled&) -> sv { return "job.cancelled"; },
      [](const ev::stage_started&) -> sv { return "stage.started"; },
      [](const ev::item_completed& x) -> sv { return item_name(x.result); },
      [](const ev::stage_completed&) -> sv { return "stage.completed"; },
      [](const ev::stage_failed&) -> sv { return "stage.failed"; },
      [](const ev::artifact_lost&) -> sv { return "artifact.lost"; },
      [](const ev::attempt_failed&) -> sv { return "attempt.failed"; },
      [](const ev::report_owed&) -> sv { return "report.owed"; },
      [](const ev::report_delivered&) -> sv { return "report.delivered"; },
      [](const ev::item_degraded&) -> sv { return "segment.degraded"; },
      [](const ev::chunk_halved&) -> sv { return "chunk.halved"; },
      [](const ev::segment_edited&) -> sv { return "segment.edited"; },
      [](const ev::pipeline_chosen&) -> sv { return "pipeline.chosen"; },
    },
    body);
}

} // namespace dubber
