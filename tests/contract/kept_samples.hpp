#pragma once

#include "core/event.hpp"

#include <map>
#include <string>

namespace dubber::test {

/// What the kept records of format version 1 (samples/v1/NAME.json) mean. The
/// type is the name up to a `-`. Records on users' disks look like these: a
/// sample is never changed, only added.
inline std::map<std::string, event_body> kept_samples() {
  auto art = [](const std::string& name) {
    std::string sum;
    sum.assign(64, name[0]);
    return artifact{"artifacts/" + name, sum, 4'096};
  };
  const fault busy{fault_code::busy, "asr: 429 Too Many Requests", 429,
                   ms{1'500}};
  const fault no_voice{fault_code::unsupported, "tts: no voice for 'xx'", 422,
                       std::nullopt};
  const fault full{fault_code::disk, "scratch: the disk is full", 0,
                   std::nullopt};
  const job_options options{"de", "hi-1", true, false, "dub", 5, {"colour"}};
  job_options several;
  several.target_languages = {"hi", "de"};
  several.voices = {{"de", "bruno"}};
  const transcript chunk{{{{0.5, 2.25}, "Gr\u00fc\u00dfe, \"Welt\""},
                          {{3, 4.125}, "\u0928\u092e\u0938\u094d\u0924\u0947"}},
                         {"1 empty text dropped"}};
  return {
    {"job.accepted",
     ev::job_accepted{42, "dub", -3, "amqp",
                      "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-"
                      "01"}},
    {"pipeline.chosen", ev::pipeline_chosen{"music", std::string(64, '9')}},
    {"languages.chosen", ev::languages_chosen{{"hi", "de", "pt-BR"}}},
    {"language.stopped",
     ev::language_stopped{"de", "tts:de", 7, no_voice, true}},
    {"run.started-lost-in",
     ev::run_started{
       "anna", "louder", "", false, true, {0}, {{"de", {3, 499}}}}},
    {"segment.edited-language",
     ev::segment_edited{
       3, {}, "Gr\u00fc\u00dfe", "tts:de", "anna", "a typo", "de"}},
    {"stage.completed-fetched-languages",
     ev::stage_completed{"fetch", 1,
                         fetched{"1_film.mp4", "hi", several, "{}"}}},
    {"item.completed-answered",
     ev::item_completed{"polish", 3, 1,
                        answered{R"({"text":"a \"b\""})", "a \"b\"", {}, {}}}},
    {"stage.completed-answered",
     ev::stage_completed{"separate", 2,
                         answered{{}, {}, art("5"), "audio/wav"}}},
    {"stage.completed-answered-none",
     ev::stage_completed{"notify", 1, answered{}}},
    {"job.rejected", ev::job_rejected{"the gateway has no job 42"}},
    {"run.started", ev::run_started{"anna", "a new voice", "", false}},
    {"run.started-redo", ev::run_started{"anna", "a new voice", "tts", true}},
    {"run.started-edit",
     ev::run_started{"anna", "a typo", "", false, true, {3, 499}}},
    {"run.started-lost",
     ev::run_started{"anna", "louder", "merge", true, false, {0}}},
    {"segment.edited-text",
     ev::segment_edited{316, "Gr\u00fc\u00dfe", {}, "translate", "anna", ""}},
    {"segment.edited",
     ev::segment_edited{0, "said", "\u0928\u092e", "tts", "anna", "a typo"}},
    {"artifact.lost", ev::artifact_lost{"artifacts/ab12", "tts", 7}},
    {"job.completed", ev::job_completed{}},
    {"job.failed", ev::job_failed{no_voice, "tts", 7}},
    {"job.parked",
     ev::job_parked{busy, "asr", 1, time_point{ms{1'764'120'000'123}}}},
    {"job.paused", ev::job_paused{"anna", "night"}},
    {"job.resumed", ev::job_resumed{"anna", "day"}},
    {"job.cancelled", ev::job_cancelled{"anna", "wrong film"}},
    {"stage.started", ev::stage_started{"translate", 317}},
    {"chunk.transcribed", ev::item_completed{"asr", 2, 3, chunk}},
    {"segment.translated",
     ev::item_completed{"translate", 316, 1,
                        translated{"line\nbreak \x01 \U0001F600"}}},
    {"segment.spoken",
     ev::item_completed{"tts", 0, 2, spoken{art("c"), 2.375, 1.15}}},
    {"item.completed", ev::item_completed{"other", 4, 1, reported{}}},
    {"stage.completed-fetched",
     ev::stage_completed{
       "fetch", 1,
       fetched{"1700000000000_mein Film.mp4", "hi", options, "{\"id\":42}"}}},
    {"stage.completed-extracted",
     ev::stage_completed{
       "extract", 1,
       extracted{art("a"), 1'200.5, {{0, 598.75}, {598.75, 1'200.5}}}}},
    {"stage.completed-transcript",
     ev::stage_completed{"asr", 1, transcript{{{{0, 1.5}, "a"}}, {}}}},
    {"stage.completed-merged",
     ev::stage_completed{
       "merge", 1, merged{art("1"), art("2"), art("3"), art("4"), 1'200.5}}},
    {"stage.completed-uploaded",
     ev::stage_completed{"upload", 2, uploaded{"dubbed_42.mp4", {}}}},
    {"stage.completed-uploaded-files",
     ev::stage_completed{
       "upload", 2, uploaded{"dubbed_42.mp4", {{"srt", "dubbed_42.srt"}}}}},
    {"stage.completed-reported", ev::stage_completed{"report", 1, reported{}}},
    {"stage.failed", ev::stage_failed{"merge", 0, full}},
    {"attempt.failed", ev::attempt_failed{"asr", 1, 2, busy, ms{4'000}}},
    {"report.owed",
     ev::report_owed{{"COMPLETED", "dubbed_42.mp4", "Dubbing complete"}}},
    {"report.delivered", ev::report_delivered{"gone"}},
    {"segment.degraded",
     ev::item_degraded{"tts", 7, 3, stand_in::original, no_voice}},
    {"segment.degraded-silence",
     ev::item_degraded{"translate", 0, 1, stand_in::silence, busy}},
    {"chunk.halved", ev::chunk_halved{"asr", 1, 301.26, busy}},
    {"stage.completed-extracted-cuts",
     ev::stage_completed{
       "extract", 1,
       extracted{art("a"), 60.5, {{0, 60.5}}, {12.34, 31, 47.5}}}},
  };
}

} // namespace dubber::test
