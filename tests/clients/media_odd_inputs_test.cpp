#include "clients/wav.hpp"
#include "clients/workers/media.hpp"
#include "tests/support/catch.hpp"

#include <unistd.h>

#include <cmath>
#include <fstream>
#include <future>

namespace fs = std::filesystem;
using namespace dubber;

namespace {

struct odd_input {
  const char* name;
  std::string make;         ///< ffmpeg's arguments before the file's name
  bool copied = true;       ///< the picture goes over as it is
  std::string problem = {}; ///< what the fault says instead
};

constexpr auto timeout = std::chrono::seconds{60};

const std::string picture
  = "-f lavfi -i testsrc=duration=2:size=96x64:rate=25 ";
const std::string sound = "-f lavfi -i sine=frequency=440:duration=2 ";
const std::string h264 = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p ";

std::string rated(const std::string& rate, const std::string& size = "96x64") {
  return "-f lavfi -i testsrc=duration=2:size=" + size + ":rate=" + rate + " ";
}

std::vector<odd_input> inputs() {
  return {
    {"plain.mp4", picture + sound + h264 + "-c:a aac"},
    {"with space é фильм.mp4", picture + sound + h264 + "-c:a aac"},
    {"-dash.mp4", picture + sound + h264 + "-c:a aac"},
    {"vp8.webm", picture + sound + "-c:v libvpx -c:a libvorbis", false},
    {"odd.webm", rated("25", "97x63") + sound + "-c:v libvpx -c:a libvorbis",
     false},
    {"mpeg4.avi", picture + sound + "-c:v mpeg4 -c:a mp3"},
    {"two.mkv",
     picture + sound + sound + h264 + "-map 0 -map 1 -map 2 -c:a aac"},
    {"ntsc.mp4", rated("30000/1001") + sound + h264 + "-c:a aac"},
    {"film.mp4", rated("24000/1001") + sound + h264 + "-c:a aac"},
    {"fifty.mkv", rated("50") + sound + h264 + "-c:a flac"},
    {"start.ts", picture + sound + h264 + "-c:a aac -output_ts_offset 7"},
    {"surround.mkv", picture + sound + h264 + "-c:a ac3 -ac 6"},
    {"phone.mov", picture + sound + h264 + "-c:a pcm_s16le -ac 1 -ar 8000"},
    {"short.mp4", picture + sound + h264 + "-c:a aac -t 0.5"},
    {"old.flv", picture + sound + "-c:v flv -c:a mp3 -ar 44100", false},
    {"uneven.mkv", picture + sound + h264
                     + "-vf select='not(mod(n\\,3))' -vsync vfr -c:a aac"},
    {"silent.mp4", picture + h264, true, "no sound"},
  };
}

struct fixture {
  fs::path root
    = fs::temp_directory_path() / ("dubber-odd-" + std::to_string(::getpid()));
  work_pool pool{1};
  local_store store{root / "store", pool};
  ffmpeg_tools tools = *ffmpeg_tools::find();
  cancel_flag never = std::make_shared<std::atomic<bool>>(false);

  fixture() {
    fs::create_directories(root / "store");
  }
  ~fixture() {
    fs::remove_all(root);
  }

  std::string shell(const std::string& command) const {
    auto ran = run_child({"/bin/sh", "-c", command}, timeout, never);
    REQUIRE(ran);
    INFO(command << "\n" << ran->err);
    REQUIRE(ran->exit_code == 0);
    return ran->out;
  }
  void make(const odd_input& x) const {
    shell(tools.ffmpeg + " -nostdin -v error -y " + x.make + " '"
          + (root / "store" / x.name).string() + "'");
  }
  /// A property of a file's picture, as ffprobe prints it.
  std::string video(const fs::path& file, const std::string& what) const {
    return shell(tools.ffprobe + " -v error -select_streams v:0 -of csv=p=0 "
                 + what + " '" + file.string() + "'");
  }
  template <class Worker>
  result<work_result> run(work_kind kind, work_input input) {
    Worker worker{{store, pool, tools, root / "scratch"}};
    auto order = std::make_shared<work_order>();
    order->kind = kind;
    order->stage = "test";
    order->input = std::move(input);
    std::promise<result<work_result>> end;
    auto handle = worker.start(order, {1, timeout, {}},
                               [&](auto r) { end.set_value(std::move(r)); });
    return end.get_future().get();
  }
  merge_input plan(const std::string& key, double seconds) {
    std::vector<std::int16_t> tone(24'000 / 4);
    for (std::size_t i = 0; i < tone.size(); ++i)
      tone[i] = static_cast<std::int16_t>(
        8000 * std::sin(static_cast<double>(i) * 0.2));
    REQUIRE(write_wav(root / "tone.wav", 24'000, 1, tone));
    merge_input in;
    in.source_object_key = key;
    in.target_language = "es";
    in.seconds = seconds;
    merge_piece piece;
    piece.span = {0.1, 0.4};
    piece.translation = "hola";
    piece.speech = {*store.store_artifact(root / "tone.wav"), 0.25, 1};
    in.pieces.push_back(piece);
    return in;
  }
};

} // namespace

TEST_CASE("odd inputs are dubbed, or refused with one clear sentence") {
  fixture f;
  for (auto& x : inputs()) {
    INFO(x.name);
    f.make(x);
    auto heard
      = f.run<extract_worker>(work_kind::extract, extract_input{x.name});
    if (!x.problem.empty()) {
      REQUIRE_FALSE(heard);
      CHECK(heard.error().code == fault_code::invalid_input);
      CHECK(heard.error().message.find(x.problem) != std::string::npos);
      continue;
    }
    INFO((heard ? "" : heard.error().message));
    REQUIRE(heard);
    auto seconds = std::get<extracted>(*heard).seconds;
    auto dubbed
      = f.run<merge_worker>(work_kind::merge, f.plan(x.name, seconds));
    INFO((dubbed ? "" : dubbed.error().message));
    REQUIRE(dubbed);
    auto video = *f.store.locate(std::get<merged>(*dubbed).video.key);
    auto facts = probe_media(f.tools, video, timeout, f.never);
    REQUIRE(facts);
    CHECK(facts->video);
    CHECK(facts->audio);
    CHECK(std::abs(facts->seconds - seconds) < 0.15);
    auto codec = f.video(video, "-show_entries stream=codec_name");
    auto before
      = f.video(f.root / "store" / x.name, "-show_entries stream=codec_name");
    if (x.copied)
      CHECK(before.find(codec.substr(0, codec.find('\n')))
            != std::string::npos);
    else
      CHECK(codec == "h264\n");
  }
}

TEST_CASE("what is no media is refused, and opens nothing else") {
  fixture f;
  auto other = f.root / "other.ts";
  f.shell(f.tools.ffmpeg + " -nostdin -v error " + picture + sound + h264
          + "-c:a aac " + other.string());
  const std::pair<const char*, std::string> rubbish[]
    = {{"empty.mp4", ""},
       {"garbage.mp4", std::string(5000, '\x7f')},
       {"list.mp4",
        "#EXTM3U\n#EXTINF:2,\n" + other.string() + "\n#EXT-X-ENDLIST\n"},
       {"concat.mp4", "ffconcat version 1.0\nfile " + other.string() + "\n"}};
  for (auto& [name, text] : rubbish) {
    INFO(name);
    std::ofstream{f.root / "store" / name, std::ios::binary} << text;
    auto heard = f.run<extract_worker>(work_kind::extract, extract_input{name});
    REQUIRE_FALSE(heard);
    CHECK(heard.error().code == fault_code::invalid_input);
  }
  CHECK((!fs::exists(f.root / "scratch") || fs::is_empty(f.root / "scratch")));
}
