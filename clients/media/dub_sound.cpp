#include "clients/media/dub_sound.hpp"

#include "clients/media/duck_envelope.hpp"
#include "clients/media/speech_track.hpp"

#include <algorithm>
#include <cmath>

namespace dubber {

namespace {

namespace fs = std::filesystem;

/// No track is raised or lowered by more: beyond it is noise, or broken.
constexpr double max_gain_db = 50;
/// AAC adds to the peaks; so much room is left for it at first.
constexpr double coding_room_db = 1;
constexpr int max_rounds = 4;

std::string db(double value) {
  return number_text(value) + "dB";
}

std::string stereo() {
  return "aformat=sample_fmts=fltp:channel_layouts=stereo";
}

double gain_to(double target, const loudness& now) {
  return now.is_silent()
           ? 0
           : std::clamp(target - now.lkfs, -max_gain_db, max_gain_db);
}

/// Holds the true peak: limited at four times the rate, where the peaks between
/// the samples are samples.
std::string limiter(double ceiling_db) {
  auto limit = std::clamp(std::pow(10, ceiling_db / 20), 0.0625, 1.0);
  return "aresample=192000,alimiter=level=false:latency=true:limit="
         + number_text(limit) + ",aresample=" + std::to_string(track_rate);
}

/// What is mixed, as ffmpeg's inputs and a filter graph that ends in `[out]`.
struct mix {
  arguments inputs;
  std::string graph;
};

arguments speech_input(const fs::path& speech) {
  return own_input(speech, "s16le",
                   {"-ar", std::to_string(track_rate), "-ac", "1"});
}

mix speech_alone(const fs::path& speech) {
  return {speech_input(speech), "[0:a]aformat=sample_fmts=fltp[out]"};
}

/// Speech over the original. Both are measured and brought to the plan's
/// loudness first, so that the bed's gains mean the same in every film.
result<mix> speech_over_original(const merge_plan& plan,
                                 const ffmpeg_tools& tools,
                                 const fs::path& source, int source_sound,
                                 const fs::path& speech,
                                 const fs::path& envelope,
                                 const task_clock& clock) {
  auto& bed = *plan.original;
  auto original = ":" + std::to_string(source_sound) + "]aresample="
                  + std::to_string(track_rate) + ":async=1:first_pts=0,"
                  + stereo() + ",apad,atrim=end=" + seconds_text(plan.seconds);
  auto spoken = measure_graph(tools, speech_input(speech),
                              "[0:a]" + stereo() + "[out]", clock);
  if (!spoken)
    return spoken.error();
  auto below = measure_graph(tools, source_input(source),
                             "[0" + original + "[out]", clock);
  if (!below)
    return below.error();
  if (auto made = write_duck_envelope(bed, plan.seconds, envelope); !made)
    return made.error();
  auto target = plan.loudness_lkfs;
  auto top = std::max(bed.gain_db, bed.ducked_gain_db);
  mix out;
  out.inputs = speech_input(speech);
  append(out.inputs, source_input(source));
  append(out.inputs,
         own_input(envelope, "s16le",
                   {"-ar", std::to_string(envelope_rate), "-ac", "1"}));
  // One channel to two: the envelope must not lose 3 dB on the way.
  out.graph = "[0:a]" + stereo() + ",volume=" + db(gain_to(target, *spoken))
              + "[s];[1" + original
              + ",volume=" + db(gain_to(target, *below) + top)
              + "[o];[2:a]aresample=" + std::to_string(track_rate)
              + ",pan=stereo|c0=c0|c1=c0,aformat=sample_fmts=fltp[e];"
                "[o][e]amultiply[b];"
                "[s][b]amix=inputs=2:duration=first:normalize=0[out]";
  return out;
}

/// Codes the mix with `gain`, limited to `ceiling_db` when it must be.
result<loudness> encode(const mix& what, double gain, bool limited,
                        double ceiling_db, const merge_plan& plan,
                        const ffmpeg_tools& tools, const fs::path& out,
                        const task_clock& clock) {
  auto args = what.inputs;
  append(args,
         {"-filter_complex",
          what.graph + ";[out]volume=" + db(gain)
            + (limited ? "," + limiter(ceiling_db) : "") + "[dub]",
          "-map", "[dub]", "-t", seconds_text(plan.seconds), "-c:a", "aac",
          "-b:a", plan.original ? "192k" : "128k", "-f", "mp4", out.string()});
  if (auto ran = run_ffmpeg(tools, args, clock); !ran)
    return ran.error();
  return measure_graph(tools, own_input(out, "mp4"), "[0:a]anull[out]", clock);
}

} // namespace

result<loudness> make_dub_sound(const merge_plan& plan,
                                const ffmpeg_tools& tools,
                                const fs::path& source, int source_sound,
                                const fs::path& speech, const fs::path& folder,
                                const fs::path& out, const task_clock& clock) {
  auto what = plan.original
                ? speech_over_original(plan, tools, source, source_sound,
                                       speech, folder / "bed.pcm", clock)
                : result<mix>{speech_alone(speech)};
  if (!what)
    return what.error();
  auto before = measure_graph(tools, what->inputs, what->graph, clock);
  if (!before)
    return before.error();
  auto gain = gain_to(plan.loudness_lkfs, *before);
  auto ceiling = plan.true_peak_db - coding_room_db;
  for (int round = 1;; ++round) {
    auto limited = before->true_peak_db + gain > ceiling;
    auto after = encode(*what, gain, limited, ceiling, plan, tools, out, clock);
    if (!after)
      return after;
    auto over = after->true_peak_db - plan.true_peak_db;
    if (over <= 0 || round == max_rounds)
      return after;
    ceiling -= over + 0.2;
  }
}

} // namespace dubber
