#include "clients/media/local_media_worker.hpp"

#include "clients/media/dub_sound.hpp"
#include "clients/media/extract.hpp"
#include "clients/media/mux.hpp"
#include "clients/media/speech_track.hpp"
#include "clients/plan_json.hpp"
#include "clients/scratch_folder.hpp"

#include <fstream>

namespace dubber {

namespace {

namespace fs = std::filesystem;

/// 20,000 placements with every field are under 8 MB.
constexpr std::uintmax_t max_plan_bytes = 16 << 20;

std::string label_of(const char* task, const media_call& of) {
  return std::string{task} + "-" + std::to_string(of.job_id) + "-"
         + std::to_string(of.run);
}

result<merge_plan> fetch_plan(object_store& store, const std::string& key,
                              const scratch_folder& folder,
                              const task_clock& clock) {
  auto file = fetch_file(store, key, folder / "plan.json", clock);
  if (!file)
    return file.error();
  std::error_code ec;
  auto bytes = fs::file_size(file->path, ec);
  if (ec || bytes > max_plan_bytes)
    return fault{
      fault_code::invalid_input, "the merge plan is too large", 0, {}};
  std::ifstream in{file->path, std::ios::binary};
  std::string text{std::istreambuf_iterator<char>{in}, {}};
  if (in.bad())
    return fault{fault_code::disk, "cannot read the merge plan", 0, {}};
  return read_plan(text);
}

/// The plan's subtitles as a file; no path when there is nothing to show.
result<fs::path> fetch_subtitles(object_store& store, const merge_plan& plan,
                                 const scratch_folder& folder,
                                 const task_clock& clock) {
  if (!plan.subtitles || plan.subtitles->bytes == 0)
    return fs::path{};
  auto file = fetch_artifact(store, *plan.subtitles, folder / "dub.srt", clock);
  if (!file)
    return file.error();
  return file->path;
}

/// The plan's background; no path when it has none.
result<fs::path> fetch_background(object_store& store, const merge_plan& plan,
                                  const scratch_folder& folder,
                                  const task_clock& clock) {
  if (!plan.background)
    return fs::path{};
  auto file
    = fetch_artifact(store, *plan.background, folder / "background", clock);
  if (!file)
    return file.error();
  return file->path;
}

result<media_file> keep(object_store& store, const fs::path& file,
                        const std::string& key, double seconds,
                        const task_clock& clock) {
  auto stored = put_file(store, file, key, clock);
  if (!stored)
    return stored.error();
  return media_file{stored->key, stored->sha256, stored->bytes, seconds};
}

} // namespace

local_media_worker::local_media_worker(object_store& store, work_pool& pool,
                                       ffmpeg_tools tools, fs::path scratch)
  : store_(store), pool_(pool), tools_(std::move(tools)),
    scratch_(std::move(scratch)) {
  // nop
}

call_handle local_media_worker::extract_audio(const media_call& of,
                                              const std::string& source_key,
                                              const std::string& output_key,
                                              ms timeout, callback on_end) {
  auto label = label_of("extract", of);
  task_clock clock{timeout, nullptr};
  return pool_.post([=, this](const cancel_flag& cancelled) mutable {
    clock.cancelled = cancelled;
    auto outcome = extract(label, source_key, output_key, clock);
    if (!*cancelled)
      on_end(std::move(outcome));
  });
}

call_handle local_media_worker::merge_audio(const media_call& of,
                                            const std::string& plan_key,
                                            const std::string& output_key,
                                            ms timeout, callback on_end) {
  auto label = label_of("merge", of);
  task_clock clock{timeout, nullptr};
  return pool_.post([=, this](const cancel_flag& cancelled) mutable {
    clock.cancelled = cancelled;
    auto outcome = merge(label, plan_key, output_key, clock);
    if (!*cancelled)
      on_end(std::move(outcome));
  });
}

result<media_file> local_media_worker::extract(const std::string& label,
                                               const std::string& source_key,
                                               const std::string& output_key,
                                               const task_clock& clock) const {
  scratch_folder folder{scratch_, label};
  auto source = fetch_file(store_, source_key, folder / "source", clock);
  if (!source)
    return source.error();
  auto wav = folder / "audio.wav";
  auto seconds = extract_sound(tools_, source->path, wav, clock);
  if (!seconds)
    return seconds.error();
  return keep(store_, wav, output_key, *seconds, clock);
}

result<media_file> local_media_worker::merge(const std::string& label,
                                             const std::string& plan_key,
                                             const std::string& output_key,
                                             const task_clock& clock) const {
  scratch_folder folder{scratch_, label};
  auto plan = fetch_plan(store_, plan_key, folder, clock);
  if (!plan)
    return plan.error();
  auto source
    = fetch_file(store_, plan->source_object_key, folder / "source", clock);
  if (!source)
    return source.error();
  auto facts = probe_source(tools_, source->path, clock);
  if (!facts)
    return facts.error();
  auto subtitles = fetch_subtitles(store_, *plan, folder, clock);
  if (!subtitles)
    return subtitles.error();
  auto speech = write_speech_track(*plan, store_, tools_, folder.path(),
                                   folder / "speech.pcm", clock);
  if (!speech)
    return speech.error();
  auto background = fetch_background(store_, *plan, folder, clock);
  if (!background)
    return background.error();
  auto dub = folder / "dub.m4a";
  auto sound = make_dub_sound(*plan, tools_, source->path, facts->audio->index,
                              *speech, folder.path(), dub, clock, *background);
  if (!sound)
    return sound.error();
  auto video = folder / "dubbed.mp4";
  auto picture = mux_dub(*plan, tools_, source->path, *facts, dub, *subtitles,
                         video, clock);
  if (!picture)
    return picture.error();
  auto out = keep(store_, video, output_key, plan->seconds, clock);
  if (!out)
    return out;
  out->picture = *picture;
  if (!sound->is_silent()) {
    out->loudness_lkfs = sound->lkfs;
    out->true_peak_db = sound->true_peak_db;
  }
  return out;
}

} // namespace dubber
