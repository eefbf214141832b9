#include "clients/media/speech_track.hpp"

#include "clients/media/pcm_file.hpp"
#include "clients/wav.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <span>

namespace dubber {

namespace {

namespace fs = std::filesystem;

/// Pieces that one ffmpeg converts: starting it costs more than a piece does.
constexpr std::size_t batch_size = 32;
constexpr std::size_t block_samples = 32'768;

std::uint64_t sample_at(double seconds) {
  return static_cast<std::uint64_t>(
    std::llround(std::max(0.0, seconds) * track_rate));
}

/// Where a placement sounds, in samples of the track.
struct slot {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  std::uint64_t fade = 0; ///< samples before `end`
};

slot slot_of(const merge_plan& plan, std::size_t i) {
  auto& p = plan.placements[i];
  slot s{sample_at(p.at), sample_at(p.at + p.play_seconds),
         sample_at(p.fade_out_seconds)};
  s.end = std::min(s.end, i + 1 < plan.placements.size()
                            ? sample_at(plan.placements[i + 1].at)
                            : sample_at(plan.seconds));
  s.end = std::max(s.begin, s.end);
  return s;
}

/// Copies a converted piece to its place, block by block.
result<done> place(const fs::path& piece, const slot& where, pcm_file& track) {
  std::ifstream in{piece, std::ios::binary};
  std::array<std::int16_t, block_samples> block{};
  for (auto at = where.begin; at < where.end;) {
    auto wanted = std::min<std::uint64_t>(block.size(), where.end - at);
    in.read(reinterpret_cast<char*>(block.data()),
            static_cast<std::streamsize>(wanted * 2));
    auto got = static_cast<std::size_t>(in.gcount()) / 2;
    if (in.bad())
      return fault{fault_code::disk, "cannot read the scratch folder", 0, {}};
    if (got == 0)
      break;
    for (std::size_t i = 0; i < got; ++i)
      if (auto left = where.end - at - i; left <= where.fade)
        block[i]
          = static_cast<std::int16_t>(block[i] * static_cast<double>(left - 1)
                                      / static_cast<double>(where.fade));
    if (auto written = track.write(at, std::span{block}.first(got)); !written)
      return written;
    at += got;
  }
  return done{};
}

/// Converts a range of the placements; returns where the results lie.
class batch {
public:
  batch(const merge_plan& plan, std::size_t begin, const fs::path& folder)
    : plan_(plan), begin_(begin),
      end_(std::min(plan.placements.size(), begin + batch_size)),
      folder_(folder) {
    // nop
  }

  batch(const batch&) = delete;
  batch& operator=(const batch&) = delete;

  ~batch() {
    std::error_code swept_with_the_folder;
    for (auto& file : files_)
      fs::remove(file, swept_with_the_folder);
  }

  result<done> convert(object_store& store, const ffmpeg_tools& tools,
                       const task_clock& clock) {
    arguments args;
    for (auto i = begin_; i < end_; ++i) {
      auto copy = mine("piece-" + std::to_string(i) + ".wav");
      auto& what = plan_.placements[i];
      auto file = fetch_artifact(store, what.audio, copy, clock);
      if (!file)
        return file.error();
      if (auto sound = read_wav_info(file->path); !sound)
        return fault{fault_code::invalid_input,
                     "the speech of segment " + std::to_string(what.segment)
                       + " cannot be played: " + sound.error().message,
                     0,
                     {}};
      append(args, own_input(file->path, "wav"));
    }
    for (auto i = begin_; i < end_; ++i) {
      append(args, {"-map", std::to_string(i - begin_) + ":a:0"});
      if (plan_.placements[i].tempo != 1)
        append(args,
               {"-af", "atempo=" + number_text(plan_.placements[i].tempo)});
      append(args, {"-ac", "1", "-ar", std::to_string(track_rate), "-f",
                    "s16le", mine("piece-" + std::to_string(i) + ".pcm")});
    }
    auto ran = run_ffmpeg(tools, args, clock);
    return ran ? result<done>{done{}} : ran.error();
  }

  result<done> place_all(pcm_file& track) const {
    for (auto i = begin_; i < end_; ++i)
      if (auto placed = place(folder_ / ("piece-" + std::to_string(i) + ".pcm"),
                              slot_of(plan_, i), track);
          !placed)
        return placed;
    return done{};
  }

private:
  /// A file of this batch, gone with it.
  fs::path mine(const std::string& name) {
    files_.push_back(folder_ / name);
    return files_.back();
  }

  const merge_plan& plan_;
  std::size_t begin_;
  std::size_t end_;
  const fs::path& folder_;
  std::vector<fs::path> files_;
};

} // namespace

result<done> write_speech_track(const merge_plan& plan, object_store& store,
                                const ffmpeg_tools& tools,
                                const fs::path& folder, const fs::path& file,
                                const task_clock& clock) {
  pcm_file track;
  if (auto made = track.create(file, sample_at(plan.seconds)); !made)
    return made;
  for (std::size_t i = 0; i < plan.placements.size(); i += batch_size) {
    batch some{plan, i, folder};
    if (auto converted = some.convert(store, tools, clock); !converted)
      return converted;
    if (auto placed = some.place_all(track); !placed)
      return placed;
  }
  return track.close();
}

} // namespace dubber
