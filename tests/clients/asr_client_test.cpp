/// ASR as a worker: only the chunk is read and sent.
#include "tests/support/service_lab.hpp"

#include <algorithm>
#include <fstream>

using namespace dubber;
using test::peer;
using test::sound_rate;
using lab = test::service_lab;

namespace {

/// An ASR service: hears one segment over all it was sent.
struct ear {
  void serve(peer& client) {
    for (auto rq = client.read_request(); !rq.empty();
         rq = client.read_request()) {
      auto wav = rq.substr(rq.find("RIFF"));
      {
        std::lock_guard lock{mutex};
        heard.push_back(wav);
      }
      client.answer(R"({"segments": [{"start": 0.5, "end": 1, "text": "a"}]})");
    }
  }

  /// Length of a WAV that was sent: what its header says.
  static double seconds(const std::string& wav) {
    std::uint32_t bytes = 0;
    std::copy_n(wav.data() + wav.find("data") + 4, 4,
                reinterpret_cast<char*>(&bytes));
    return bytes / 2.0 / sound_rate;
  }

  std::mutex mutex;
  std::vector<std::string> heard;
  test::raw_server server{[this](peer& client, int) {
    serve(client);
  }};
};

/// Twelve hours of silence, which take no room, and a mark at `at`.
artifact long_sound(lab& l, double at) {
  auto file = l.root.file("store") / "long.wav";
  std::filesystem::create_directories(l.root.file("store"));
  REQUIRE(
    write_wav(file, sound_rate, 1, std::vector<std::int16_t>(sound_rate)));
  auto info = read_wav_info(file);
  REQUIRE(set_wav_length(file, *info, 12 * 3'600));
  std::fstream mark{file, std::ios::binary | std::ios::in | std::ios::out};
  mark.seekp(static_cast<std::streamoff>(
    info->data + static_cast<std::uint64_t>(at * sound_rate) * 2));
  mark.write("MARK", 4);
  REQUIRE(mark.flush());
  return {"long.wav", "", 0};
}

} // namespace

TEST_CASE(
  "a chunk is sent alone, and its times come back on the film's clock") {
  lab l;
  ear e;
  asr_client client{l.at(e.server), l.store, l.pool, l.root.file("scratch")};
  transcribe_input in{long_sound(l, 36'000), {36'000, 36'005}, false};
  auto heard = l.run(client, work_kind::transcribe, in);
  REQUIRE(heard);
  auto& segments = std::get<transcript>(*heard).segments;
  REQUIRE(segments.size() == 1);
  CHECK(segments[0].span == media_span{36'000.5, 36'001});
  REQUIRE(e.heard.size() == 1);
  CHECK(ear::seconds(e.heard[0]) == Approx(5));
  CHECK(e.heard[0].substr(44, 4) == "MARK");
  CHECK(l.scratch_empties());
}

TEST_CASE("attempts at one chunk do not disturb each other") {
  lab l;
  ear e;
  asr_client client{l.at(e.server), l.store, l.pool, l.root.file("scratch")};
  transcribe_input in{long_sound(l, 100), {100, 160}, false};
  std::vector<test::awaited<result<work_result>>> ends(6);
  std::vector<call_handle> handles;
  for (auto& end : ends)
    handles.push_back(client.start(l.order(work_kind::transcribe, in),
                                   {1, std::chrono::seconds{30}, {}},
                                   end.callback()));
  handles[0].cancel(); // a late end of one takes no file from another
  for (std::size_t i = 1; i < ends.size(); ++i)
    CHECK(ends[i].get());
  std::lock_guard lock{e.mutex};
  for (auto& wav : e.heard) {
    CHECK(ear::seconds(wav) == Approx(60));
    CHECK(wav.substr(44, 4) == "MARK");
  }
  CHECK(l.scratch_empties());
}

TEST_CASE("a short sound is sent as it is") {
  lab l;
  ear e;
  asr_client client{l.at(e.server), l.store, l.pool, l.root.file("scratch")};
  l.root.write("short.wav", test::wav_of(l.root, 3));
  auto sound = l.store.store_artifact(l.root.file("short.wav"));
  REQUIRE(sound);
  REQUIRE(l.run(client, work_kind::transcribe,
                transcribe_input{*sound, {0, 3}, true}));
  CHECK(e.heard.at(0).substr(0, sound->bytes) == l.root.read("short.wav"));
  auto absent
    = l.run(client, work_kind::transcribe,
            transcribe_input{{"artifacts/none", "", 0}, {0, 3}, true});
  REQUIRE_FALSE(absent);
  CHECK(absent.error().code == fault_code::not_found);
}
