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
/// Voices below sound dull, and above there is nothing to be heard.
constexpr int lowest_rate = 22'050, highest_rate = 48'000;

std::uint64_t sample_at(double seconds, int rate) {
  return static_cast<std::uint64_t>(
    std::llround(std::max(0.0, seconds) * rate));
}

/// Where a placement sounds, in samples of the track.
struct slot {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  std::uint64_t fade = 0; ///< samples before `end`
};

slot slot_of(const merge_plan& plan, std::size_t i, int rate) {
  auto& p = plan.placements[i];
  slot s{sample_at(p.at, rate), sample_at(p.at + p.play_seconds, rate),
         sample_at(p.fade_out_seconds, rate)};
  s.end = std::min(s.end, i + 1 < plan.placements.size()
                            ? sample_at(plan.placements[i + 1].at, rate)
                            : sample_at(plan.seconds, rate));
  s.end = std::max(s.begin, s.end);
  return s;
}

/// Samples of the track's kind in a file.
struct piece {
  fs::path file;
  std::uint64_t offset = 0; ///< of the first sample, bytes
  std::uint64_t samples = 0;
};

/// Copies a piece to its place, block by block.
result<done> place(const piece& from, const slot& where, pcm_file& track) {
  std::ifstream in{from.file, std::ios::binary};
  in.seekg(static_cast<std::streamoff>(from.offset));
  std::array<std::int16_t, block_samples> block{};
  auto end = std::min(where.end, where.begin + from.samples);
  for (auto at = where.begin; at < end;) {
    auto n = static_cast<std::size_t>(
      std::min<std::uint64_t>(block.size(), end - at));
    if (!in.read(reinterpret_cast<char*>(block.data()),
                 static_cast<std::streamsize>(n * 2)))
      return fault{fault_code::disk, "cannot read a piece of speech", 0, {}};
    for (std::size_t i = 0; i < n; ++i)
      if (auto left = where.end - at - i; left <= where.fade)
        block[i]
          = static_cast<std::int16_t>(block[i] * static_cast<double>(left - 1)
                                      / static_cast<double>(where.fade));
    if (auto written = track.write(at, std::span{block}.first(n)); !written)
      return written;
    at += n;
  }
  return done{};
}

/// A range of the placements on its way into the track.
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

  result<done> fetch(object_store& store, const task_clock& clock) {
    for (auto i = begin_; i < end_; ++i) {
      auto& what = plan_.placements[i];
      auto copy = mine("piece-" + std::to_string(i) + ".wav");
      auto file = fetch_artifact(store, what.audio, copy, clock);
      if (!file)
        return file.error();
      auto info = read_wav_info(file->path);
      if (!info)
        return fault{fault_code::invalid_input,
                     "the speech of segment " + std::to_string(what.segment)
                       + " cannot be played: " + info.error().message,
                     0,
                     {}};
      sounds_.push_back({file->path, *info});
    }
    return done{};
  }

  /// The rate of the first piece, if it is one for a track.
  int rate() const {
    auto first = sounds_.front().info.rate;
    return first >= lowest_rate && first <= highest_rate ? first : highest_rate;
  }

  /// Has ffmpeg convert what is not as the track wants it.
  result<done> convert(int rate, const ffmpeg_tools& tools,
                       const task_clock& clock) {
    arguments inputs, outputs;
    auto n = 0;
    for (std::size_t i = 0; i < sounds_.size(); ++i) {
      auto& [file, info] = sounds_[i];
      auto tempo = plan_.placements[begin_ + i].tempo;
      if (tempo == 1 && info.rate == rate && info.channels == 1
          && info.is_pcm16()) {
        pieces_.push_back({file, info.data, info.bytes / 2});
        continue;
      }
      auto pcm = mine("piece-" + std::to_string(begin_ + i) + ".pcm");
      pieces_.push_back({pcm, 0, 0});
      append(inputs, own_input(file, "wav"));
      append(outputs, {"-map", std::to_string(n++) + ":a:0"});
      if (tempo != 1)
        append(outputs, {"-af", "atempo=" + number_text(tempo)});
      append(outputs,
             {"-ac", "1", "-ar", std::to_string(rate), "-f", "s16le", pcm});
    }
    if (n == 0)
      return done{};
    append(inputs, outputs);
    if (auto ran = run_ffmpeg(tools, inputs, clock); !ran)
      return ran.error();
    std::error_code nothing_converted;
    for (auto& each : pieces_)
      if (each.samples == 0)
        each.samples = fs::file_size(each.file, nothing_converted) / 2;
    return nothing_converted
             ? fault{fault_code::internal, "ffmpeg lost a piece", 0, {}}
             : result<done>{done{}};
  }

  result<done> place_all(int rate, pcm_file& track) const {
    for (std::size_t i = 0; i < pieces_.size(); ++i)
      if (auto placed
          = place(pieces_[i], slot_of(plan_, begin_ + i, rate), track);
          !placed)
        return placed;
    return done{};
  }

private:
  struct sound {
    fs::path file;
    wav_info info;
  };

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
  std::vector<sound> sounds_; ///< as fetched
  std::vector<piece> pieces_; ///< as placed
};

} // namespace

result<speech_track>
write_speech_track(const merge_plan& plan, object_store& store,
                   const ffmpeg_tools& tools, const fs::path& folder,
                   const fs::path& file, const task_clock& clock) {
  speech_track out{file, highest_rate};
  pcm_file track;
  for (std::size_t i = 0; i < plan.placements.size(); i += batch_size) {
    batch some{plan, i, folder};
    if (auto fetched = some.fetch(store, clock); !fetched)
      return fetched.error();
    if (i == 0) {
      out.rate = some.rate();
      if (auto made = track.create(file, sample_at(plan.seconds, out.rate));
          !made)
        return made.error();
    }
    if (auto converted = some.convert(out.rate, tools, clock); !converted)
      return converted.error();
    if (auto placed = some.place_all(out.rate, track); !placed)
      return placed.error();
  }
  if (plan.placements.empty())
    if (auto made = track.create(file, sample_at(plan.seconds, out.rate));
        !made)
      return made.error();
  if (auto closed = track.close(); !closed)
    return closed.error();
  return out;
}

} // namespace dubber
