#include "clients/media/dub_sound.hpp"

#include "clients/media/duck_envelope.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

namespace dubber {

namespace {

namespace fs = std::filesystem;

constexpr int dub_rate = 48'000; ///< of the finished track

/// No track is raised or lowered by more: beyond it is noise, or broken.
constexpr double max_gain_db = 50;
/// AAC adds to the peaks; so much room is left for it at first.
constexpr double coding_room_db = 1;
/// With this much room nobody needs to look at what AAC made of them.
constexpr double ample_room_db = 3;
/// Coded and measured so often at most; in the last rounds only the peaks
/// count.
constexpr int max_rounds = 5;
constexpr int loudness_rounds = 3;
/// What a limiter takes away is given back by so much gain at most.
constexpr double max_makeup_db = 12;
constexpr double near_enough_lu = 1;

std::string db(double value) {
  return number_text(value) + "dB";
}

std::string at_dub_rate() {
  return "aresample=" + std::to_string(dub_rate);
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
         + number_text(limit) + ",aresample=" + std::to_string(dub_rate);
}

/// What is mixed, as ffmpeg's inputs and a filter graph that ends in `[out]`.
struct mix {
  arguments inputs;
  std::string graph;
};

arguments speech_input(const speech_track& speech) {
  return own_input(speech.file, "s16le",
                   {"-ar", std::to_string(speech.rate), "-ac", "1"});
}

mix speech_alone(const speech_track& speech) {
  return {speech_input(speech),
          "[0:a]" + at_dub_rate() + ",aformat=sample_fmts=fltp[out]"};
}

/// Speech over the original. Both are measured and brought to the plan's
/// loudness first, so that the original's levels mean the same in every film.
result<mix> speech_over_original(const merge_plan& plan,
                                 const ffmpeg_tools& tools,
                                 const fs::path& source, int source_sound,
                                 const speech_track& speech,
                                 const fs::path& envelope,
                                 const task_clock& clock) {
  auto original = ":" + std::to_string(source_sound) + "]aresample="
                  + std::to_string(dub_rate) + ":async=1:first_pts=0,"
                  + stereo() + ",apad,atrim=end=" + seconds_text(plan.seconds);
  auto spoken
    = measure_graph(tools, speech_input(speech),
                    "[0:a]" + at_dub_rate() + "," + stereo() + "[out]", clock);
  if (!spoken)
    return spoken.error();
  auto below = measure_graph(tools, source_input(source),
                             "[0" + original + "[out]", clock);
  if (!below)
    return below.error();
  if (auto made = write_duck_envelope(plan, envelope); !made)
    return made.error();
  auto target = plan.loudness_lkfs;
  mix out;
  out.inputs = speech_input(speech);
  append(out.inputs, source_input(source));
  append(out.inputs,
         own_input(envelope, "s16le",
                   {"-ar", std::to_string(envelope_rate), "-ac", "1"}));
  // One channel to two: the envelope must not lose 3 dB on the way.
  out.graph = "[0:a]" + at_dub_rate() + "," + stereo()
              + ",volume=" + db(gain_to(target, *spoken)) + "[s];[1" + original
              + ",volume=" + db(gain_to(target, *below) + original_top_db(plan))
              + "[o];[2:a]aresample=" + std::to_string(dub_rate)
              + ",pan=stereo|c0=c0|c1=c0,aformat=sample_fmts=fltp[e];"
                "[o][e]amultiply[b];"
                "[s][b]amix=inputs=2:duration=first:normalize=0[out]";
  return out;
}

/// The speech, brought to the plan's loudness: so that it stands in a known
/// relation to what is put beneath.
result<mix> speech_measured(const merge_plan& plan, const ffmpeg_tools& tools,
                            const speech_track& speech,
                            const task_clock& clock) {
  auto chain = "[0:a]" + at_dub_rate() + "," + stereo();
  auto spoken
    = measure_graph(tools, speech_input(speech), chain + "[out]", clock);
  if (!spoken)
    return spoken.error();
  auto gain = gain_to(plan.loudness_lkfs, *spoken);
  return mix{speech_input(speech), chain + ",volume=" + db(gain) + "[out]"};
}

/// Beneath the mix, with the gain that brings the source to the plan's
/// loudness: it is a part of the source, and keeps its place in it.
result<done> add_background(mix& what, const merge_plan& plan,
                            const ffmpeg_tools& tools, const fs::path& source,
                            int source_sound, const fs::path& background,
                            const fs::path& envelope, const task_clock& clock) {
  auto whole = measure_graph(tools, source_input(source),
                             "[0:" + std::to_string(source_sound) + "]"
                               + at_dub_rate() + "," + stereo() + "[out]",
                             clock);
  if (!whole)
    return whole.error();
  auto pauses = plan;
  pauses.original = original_bed{0, 0, 0, {}};
  pauses.muted = plan.kept;
  pauses.kept = {};
  if (auto made = write_duck_envelope(pauses, envelope); !made)
    return made;
  auto next = std::count(what.inputs.begin(), what.inputs.end(), "-i");
  append(what.inputs, probed_file(background));
  append(what.inputs,
         own_input(envelope, "s16le",
                   {"-ar", std::to_string(envelope_rate), "-ac", "1"}));
  what.graph.replace(what.graph.rfind("[out]"), 5, "[above]");
  what.graph += ";[" + std::to_string(next) + ":a:0]" + at_dub_rate() + ","
                + stereo() + ",apad,atrim=end=" + seconds_text(plan.seconds)
                + ",volume=" + db(gain_to(plan.loudness_lkfs, *whole)) + "[m];["
                + std::to_string(next + 1) + ":a]" + at_dub_rate()
                + ",pan=stereo|c0=c0|c1=c0,aformat=sample_fmts=fltp[l];"
                  "[m][l]amultiply[under];"
                  "[above][under]amix=inputs=2:duration=first:normalize=0[out]";
  return done{};
}

/// Codes the mix with `gain`, limited to `ceiling_db` when it must be.
result<done> encode(const mix& what, double gain,
                    std::optional<double> ceiling_db, const merge_plan& plan,
                    const ffmpeg_tools& tools, const fs::path& out,
                    const task_clock& clock) {
  auto args = what.inputs;
  append(args,
         {"-filter_complex",
          what.graph + ";[out]volume=" + db(gain)
            + (ceiling_db ? "," + limiter(*ceiling_db) : "") + "[dub]",
          "-map", "[dub]", "-t", seconds_text(plan.seconds), "-c:a", "aac",
          "-b:a", original_sounds(plan) || plan.background ? "192k" : "128k",
          "-f", "mp4", out.string()});
  auto ran = run_ffmpeg(tools, args, clock);
  return ran ? result<done>{done{}} : ran.error();
}

/// Codes the mix under a limiter, again and again until both its true peak and
/// its loudness are right, or no round is left.
result<loudness> encode_limited(const mix& what, double gain,
                                const merge_plan& plan,
                                const ffmpeg_tools& tools, const fs::path& out,
                                const task_clock& clock) {
  auto ceiling = plan.true_peak_db - coding_room_db;
  double makeup = 0;
  for (int round = 1;; ++round) {
    auto made = encode(what, gain + makeup, ceiling, plan, tools, out, clock);
    if (!made)
      return made.error();
    auto after
      = measure_graph(tools, own_input(out, "mp4"), "[0:a]anull[out]", clock);
    if (!after)
      return after;
    auto over = after->true_peak_db - plan.true_peak_db;
    auto missing = after->is_silent() || round > loudness_rounds
                     ? 0
                     : plan.loudness_lkfs - after->lkfs;
    auto louder = std::clamp(makeup + missing, 0.0, max_makeup_db);
    auto right = std::abs(missing) <= near_enough_lu || louder == makeup;
    if (round == max_rounds || (over <= 0 && right))
      return after;
    if (over > 0)
      ceiling -= over + 0.2;
    if (!right)
      makeup = louder;
  }
}

} // namespace

result<loudness> make_dub_sound(
  const merge_plan& plan, const ffmpeg_tools& tools, const fs::path& source,
  int source_sound, const speech_track& speech, const fs::path& folder,
  const fs::path& out, const task_clock& clock, const fs::path& background) {
  auto what = original_sounds(plan)
                ? speech_over_original(plan, tools, source, source_sound,
                                       speech, folder / "bed.pcm", clock)
              : background.empty()
                ? result<mix>{speech_alone(speech)}
                : speech_measured(plan, tools, speech, clock);
  if (!what)
    return what.error();
  if (!background.empty())
    if (auto added = add_background(*what, plan, tools, source, source_sound,
                                    background, folder / "pauses.pcm", clock);
        !added)
      return added.error();
  auto before = measure_graph(tools, what->inputs, what->graph, clock);
  if (!before)
    return before.error();
  auto gain = gain_to(plan.loudness_lkfs, *before);
  auto peak = before->true_peak_db + gain;
  if (peak <= plan.true_peak_db - ample_room_db) {
    auto made = encode(*what, gain, {}, plan, tools, out, clock);
    if (!made)
      return made.error();
    return before->is_silent() ? *before : loudness{before->lkfs + gain, peak};
  }
  return encode_limited(*what, gain, plan, tools, out, clock);
}

} // namespace dubber
