#include "clients/workers/media.hpp"

#include "clients/media/dub_track.hpp"
#include "clients/wav.hpp"
#include "core/overload.hpp"

#include <nlohmann/json.hpp>

#include <atomic>
#include <fstream>

namespace dubber {

namespace fs = std::filesystem;

namespace {

constexpr double wanted_lufs = -24; // PEERS, What a dub should be
constexpr double silence_lufs = -69;
constexpr double max_seconds = 12 * 3600; // INTERFACES, Limits

/// A folder of one attempt, gone with it. A cancelled attempt may still be
/// ending when the next one begins: they never share a folder.
class scratch_folder {
public:
  scratch_folder(const fs::path& root, const work_order& order)
    : path_(root
            / (order.stage + "-" + std::to_string(order.job_no) + "-"
               + std::to_string(order.run) + "-" + std::to_string(next()))) {
    std::error_code ec; // shows in the first write
    fs::create_directories(path_, ec);
  }
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;
  ~scratch_folder() {
    std::error_code ec; // what stays is swept at the next start
    fs::remove_all(path_, ec);
  }
  fs::path operator/(const char* name) const {
    return path_ / name;
  }
  const fs::path& path() const {
    return path_;
  }

private:
  static unsigned next() {
    static std::atomic<unsigned> counter = 0;
    return ++counter;
  }

  fs::path path_;
};

result<work_result> extract(const media_settings& with, const work_order& order,
                            ms timeout, const cancel_flag& cancelled) {
  auto source
    = with.store.locate(std::get<extract_input>(order.input).source_object_key);
  if (!source)
    return source.error();
  auto facts = probe_media(with.tools, *source, timeout, cancelled);
  if (!facts)
    return facts.error();
  if (!facts->audio)
    return fault{fault_code::invalid_input, "the source has no sound", 0, {}};
  if (facts->seconds > max_seconds)
    return fault{
      fault_code::limit_exceeded, "the source is longer than 12 hours", 0, {}};
  scratch_folder folder{with.scratch, order};
  auto wav = folder / "audio.wav";
  auto args = safe_input(*source);
  for (auto x : {"-map", "0:a:0", "-vn", "-ac", "1", "-ar", "16000", "-af",
                 "aresample=async=1:first_pts=0", "-c:a", "pcm_s16le"})
    args.emplace_back(x);
  args.push_back(wav.string());
  if (auto ran = run_ffmpeg(with.tools, std::move(args), timeout, cancelled);
      !ran)
    return ran.error();
  auto info = read_wav_info(wav);
  if (!info)
    return fault{
      fault_code::invalid_input, "the source's sound is empty", 0, {}};
  auto stored = with.store.store_artifact(wav);
  if (!stored)
    return stored.error();
  extracted out{std::move(*stored), info->seconds(), {}};
  out.chunks.push_back({0, out.seconds});
  return work_result{std::move(out)};
}

result<artifact> store_text(const media_settings& with, const fs::path& file,
                            const std::string& text) {
  std::ofstream out{file, std::ios::binary | std::ios::trunc};
  out << text;
  if (!out.flush())
    return fault{fault_code::disk, "cannot write " + file.string(), 0, {}};
  out.close();
  return with.store.store_artifact(file);
}

std::string report_of(const merge_input& in,
                      const std::vector<placed_piece>& placed,
                      bool video_copied) {
  auto segments = nlohmann::json::array();
  for (std::size_t i = 0; i < in.pieces.size(); ++i) {
    auto& p = in.pieces[i];
    segments.push_back({{"n", i},
                        {"start", p.span.start},
                        {"end", p.span.end},
                        {"text", p.text},
                        {"translation", p.translation},
                        {"speech_seconds", p.speech.seconds},
                        {"rate", p.speech.rate},
                        {"stretch", placed[i].stretch},
                        {"cut_seconds", placed[i].cut}});
  }
  nlohmann::json j{{"format", 1},
                   {"source_language", in.source_language},
                   {"target_language", in.target_language},
                   {"seconds", in.seconds},
                   {"video", video_copied ? "copied" : "H.264"},
                   {"segments", std::move(segments)},
                   {"notes", in.notes},
                   {"unknown_options", in.options.unknown_keys}};
  return j.dump(1, ' ', false, nlohmann::json::error_handler_t::replace);
}

/// What brings the track to the wanted loudness, dB.
result<double> gain_for(const media_settings& with, const fs::path& track,
                        ms timeout, const cancel_flag& cancelled) {
  auto loudness = measure_loudness(with.tools, track, timeout, cancelled);
  if (!loudness)
    return loudness.error();
  return *loudness <= silence_lufs ? 0.0 : wanted_lufs - *loudness;
}

/// Video and dub (and subtitles) to one MP4. @param gain Of the dub, in dB.
result<done> mux(const media_settings& with, const merge_input& in,
                 const fs::path& source, const scratch_folder& folder,
                 double gain, bool copy, ms timeout,
                 const cancel_flag& cancelled) {
  auto args = safe_input(source);
  for (auto& x : safe_input(folder / "dub.wav"))
    args.push_back(x);
  if (in.options.subtitles)
    for (auto& x : safe_input(folder / "dub.srt"))
      args.push_back(x);
  const std::string dub = "[1:a]volume=" + std::to_string(gain)
                          + "dB,alimiter=limit=0.8:level=false,"
                            "aformat=sample_rates=48000:channel_layouts=mono";
  args.insert(args.end(),
              {"-filter_complex",
               in.options.keep_original
                 ? "[0:a:0]volume=0.2[o];" + dub
                     + "[d];[d][o]amix=inputs=2:duration=first:normalize=0[a]"
                 : dub + "[a]",
               "-map", "0:v:0?", "-map", "[a]"});
  if (in.options.subtitles)
    args.insert(args.end(),
                {"-map", "2:s:0", "-c:s", "mov_text", "-metadata:s:s:0",
                 "language=" + in.target_language});
  args.insert(args.end(), {"-c:v", copy ? "copy" : "libx264"});
  if (!copy) // H.264 that every player shows has even sides and 4:2:0 colour
    args.insert(args.end(), {"-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2", "-pix_fmt",
                             "yuv420p"});
  args.insert(args.end(), {"-c:a", "aac", "-metadata:s:a:0",
                           "language=" + in.target_language, "-movflags",
                           "+faststart", (folder / "dub.mp4").string()});
  return run_ffmpeg(with.tools, std::move(args), timeout, cancelled);
}

result<work_result> merge(const media_settings& with, const work_order& order,
                          ms timeout, const cancel_flag& cancelled) {
  auto& in = std::get<merge_input>(order.input);
  auto source = with.store.locate(in.source_object_key);
  if (!source)
    return source.error();
  scratch_folder folder{with.scratch, order};
  auto placed = write_dub_track(in, with.store, with.tools, folder / "dub.wav",
                                folder.path(), timeout, cancelled);
  if (!placed)
    return placed.error();
  auto gain = gain_for(with, folder / "dub.wav", timeout, cancelled);
  if (!gain)
    return gain.error();
  merged out;
  out.seconds = in.seconds;
  auto keep = [](artifact& where, result<artifact> stored) {
    if (stored)
      where = std::move(*stored);
    return stored ? std::optional<fault>{} : stored.error();
  };
  if (auto e = keep(out.srt, store_text(with, folder / "dub.srt", srt_of(in))))
    return *e;
  if (auto e = keep(out.vtt, store_text(with, folder / "dub.vtt", vtt_of(in))))
    return *e;
  auto copied = true;
  auto ran = mux(with, in, *source, folder, *gain, true, timeout, cancelled);
  if (!ran && ran.error().code == fault_code::invalid_input) {
    // MP4 cannot hold the source's codec: the picture is encoded anew.
    copied = false;
    ran = mux(with, in, *source, folder, *gain, false, timeout, cancelled);
  }
  if (!ran)
    return ran.error();
  if (auto e = keep(out.video, with.store.store_artifact(folder / "dub.mp4")))
    return *e;
  if (auto e = keep(out.report, store_text(with, folder / "report.json",
                                           report_of(in, *placed, copied))))
    return *e;
  return work_result{std::move(out)};
}

using task = result<work_result> (*)(const media_settings&, const work_order&,
                                     ms, const cancel_flag&);

call_handle run(task what, const media_settings& with,
                std::shared_ptr<const work_order> order,
                const attempt_info& info, worker::callback on_end) {
  return with.pool.post(
    [what, &with, order = std::move(order), timeout = info.timeout,
     on_end = std::move(on_end)](const cancel_flag& cancelled) {
      auto outcome = what(with, *order, timeout, cancelled);
      if (!*cancelled)
        on_end(std::move(outcome));
    });
}

} // namespace

extract_worker::extract_worker(media_settings settings)
  : settings_(std::move(settings)) {
  // nop
}

call_handle extract_worker::start(std::shared_ptr<const work_order> order,
                                  const attempt_info& info, callback on_end) {
  return run(extract, settings_, std::move(order), info, std::move(on_end));
}

merge_worker::merge_worker(media_settings settings)
  : settings_(std::move(settings)) {
  // nop
}

call_handle merge_worker::start(std::shared_ptr<const work_order> order,
                                const attempt_info& info, callback on_end) {
  return run(merge, settings_, std::move(order), info, std::move(on_end));
}

upload_worker::upload_worker(local_store& store) : store_(store) {
  // nop
}

call_handle upload_worker::start(std::shared_ptr<const work_order> order,
                                 const attempt_info& info, callback on_end) {
  auto& in = std::get<upload_input>(order->input);
  auto key = "dubbed_" + std::to_string(order->job_id) + ".mp4";
  return store_.copy(in.result.video.key, key, info.timeout,
                     [key, on_end = std::move(on_end)](result<artifact> r) {
                       if (r)
                         on_end(work_result{uploaded{key}});
                       else
                         on_end(r.error());
                     });
}

} // namespace dubber
