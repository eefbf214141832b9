#include "clients/media/dub_track.hpp"

#include "clients/wav.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace dubber {

namespace {

using samples = std::vector<std::int16_t>;

constexpr int track_rate = 24'000;
constexpr double fade_seconds = 0.02;

/// One piece as mono samples of the track's rate, played `stretch` times
/// faster.
result<samples> load(const std::filesystem::path& audio, double stretch,
                     const ffmpeg_tools& tools,
                     const std::filesystem::path& scratch, ms timeout,
                     const cancel_flag& cancelled) {
  auto info = read_wav_info(audio);
  if (!info)
    return info.error();
  if (stretch == 1 && info->rate == track_rate && info->channels == 1)
    return read_wav(audio, *info, 0, info->seconds());
  auto converted = scratch / "piece.wav";
  auto args = safe_input(audio);
  char tempo[64];
  std::snprintf(tempo, sizeof tempo, "atempo=%.4f", stretch);
  for (auto x : {"-af", static_cast<const char*>(tempo), "-ac", "1", "-ar",
                 "24000", "-c:a", "pcm_s16le"})
    args.emplace_back(x);
  args.push_back(converted.string());
  if (auto ran = run_ffmpeg(tools, std::move(args), timeout, cancelled); !ran)
    return ran.error();
  auto out = read_wav_info(converted);
  if (!out)
    return out.error();
  return read_wav(converted, *out, 0, out->seconds());
}

void fade_out(samples& piece) {
  auto n = std::min<std::size_t>(
    piece.size(), static_cast<std::size_t>(fade_seconds * track_rate));
  for (std::size_t i = 0; i < n; ++i) {
    auto& s = piece[piece.size() - 1 - i];
    s = static_cast<std::int16_t>(s * static_cast<double>(i)
                                  / static_cast<double>(n));
  }
}

std::string clock_text(double seconds, char decimal) {
  auto all = static_cast<long>(std::llround(seconds * 1000));
  char out[32];
  std::snprintf(out, sizeof out, "%02ld:%02ld:%02ld%c%03ld", all / 3'600'000,
                all / 60'000 % 60, all / 1000 % 60, decimal, all % 1000);
  return out;
}

std::string cue_text(const std::string& text) {
  std::string out;
  for (char c : text)
    switch (c) {
    case '<':
      out += "&lt;";
      break;
    case '>':
      out += "&gt;";
      break;
    case '&':
      out += "&amp;";
      break;
    case '\r':
    case '\n':
      out += ' ';
      break;
    default:
      out += c;
    }
  return out;
}

} // namespace

result<std::vector<placed_piece>>
write_dub_track(const merge_input& in, const local_store& store,
                const ffmpeg_tools& tools, const std::filesystem::path& file,
                const std::filesystem::path& scratch, ms timeout,
                const cancel_flag& cancelled) {
  samples track(static_cast<std::size_t>(in.seconds * track_rate));
  std::vector<placed_piece> placed;
  for (std::size_t i = 0; i < in.pieces.size(); ++i) {
    auto& piece = in.pieces[i];
    auto slot_end
      = i + 1 < in.pieces.size() ? in.pieces[i + 1].span.start : in.seconds;
    auto slot = std::max(0.05, slot_end - piece.span.start);
    placed_piece where{piece.span.start, 1, 0};
    if (piece.speech.seconds > slot)
      where.stretch = std::min(hard_stretch, piece.speech.seconds / slot);
    auto audio = store.locate(piece.speech.audio.key);
    if (!audio)
      return audio.error();
    auto sound
      = load(*audio, where.stretch, tools, scratch, timeout, cancelled);
    if (!sound)
      return sound.error();
    auto begin = std::min(
      track.size(), static_cast<std::size_t>(piece.span.start * track_rate));
    auto room = std::min(track.size() - begin,
                         static_cast<std::size_t>(slot * track_rate));
    if (sound->size() > room) {
      where.cut = static_cast<double>(sound->size() - room) / track_rate;
      sound->resize(room);
      fade_out(*sound);
    }
    std::copy(sound->begin(), sound->end(),
              track.begin() + static_cast<std::ptrdiff_t>(begin));
    placed.push_back(where);
  }
  if (auto written = write_wav(file, track_rate, 1, track); !written)
    return written.error();
  return placed;
}

std::string srt_of(const merge_input& in) {
  std::string out;
  auto n = 0;
  for (auto& p : in.pieces)
    out += std::to_string(++n) + "\n" + clock_text(p.span.start, ',') + " --> "
           + clock_text(p.span.end, ',') + "\n" + cue_text(p.translation)
           + "\n\n";
  return out;
}

std::string vtt_of(const merge_input& in) {
  std::string out = "WEBVTT\n\n";
  for (auto& p : in.pieces)
    out += clock_text(p.span.start, '.') + " --> " + clock_text(p.span.end, '.')
           + "\n" + cue_text(p.translation) + "\n\n";
  return out;
}

} // namespace dubber
