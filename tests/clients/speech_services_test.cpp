/// ASR and TTS as workers, against services that do well and badly.
#include "clients/digest.hpp"
#include "clients/local_store.hpp"
#include "clients/wav.hpp"
#include "clients/workers/services.hpp"
#include "tests/support/await.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/raw_server.hpp"
#include "tests/support/scratch.hpp"

#include <algorithm>
#include <cmath>

using namespace dubber;
using test::peer;

namespace {

constexpr int rate = 16'000;

std::string wav_of(const test::scratch& where, double seconds) {
  std::vector<std::int16_t> sound(static_cast<std::size_t>(seconds * rate), 7);
  static std::atomic<int> counter = 0;
  auto name = "made" + std::to_string(++counter);
  REQUIRE(write_wav(where.file(name), rate, 1, sound));
  return where.read(name);
}

std::string between(const std::string& text, const std::string& before,
                    const std::string& after) {
  auto at = text.find(before);
  if (at == std::string::npos)
    return {};
  at += before.size();
  return text.substr(at, text.find(after, at) - at);
}

/// A TTS service and what was asked of it.
struct voice {
  enum class temper {
    honours,
    ignores,
    refuses,
    breaks,
    drops,
    empties,
    loses
  };

  explicit voice(temper how = temper::honours, double natural = 2)
    : manner(how), seconds(natural) {
    // nop
  }

  void serve(peer& client) {
    for (;;) {
      auto rq = client.read_request();
      if (rq.empty())
        return;
      if (rq.starts_with("POST /synthesize"))
        synthesize(client, rq);
      else
        send_audio(client, rq.find("faster") != std::string::npos);
    }
  }

  void synthesize(peer& client, const std::string& rq) {
    std::lock_guard lock{mutex};
    asked.push_back(rq);
    auto asks_rate = rq.find("\"rate\"") != std::string::npos;
    if (asks_rate && manner == temper::refuses)
      return client.answer(R"({"detail": "extra fields"})",
                           "422 Unprocessable Entity");
    if (asks_rate && manner == temper::breaks)
      return client.answer("{}", "500 Internal Server Error");
    if (asks_rate && manner == temper::drops)
      return client.answer("", "200 OK");
    client.answer(asks_rate ? R"({"audio_path": "/tmp/faster.wav"})"
                            : R"({"audio_path": "/tmp/a b.wav"})");
  }

  void send_audio(peer& client, bool faster) {
    if (faster && manner == temper::loses)
      return client.answer("gone", "404 Not Found");
    if (faster && manner == temper::empties)
      return client.answer("");
    auto ignored = !faster || manner == temper::ignores;
    client.answer(wav_of(files, ignored ? seconds : seconds / 1.5));
  }

  std::size_t calls() {
    std::lock_guard lock{mutex};
    return asked.size();
  }

  temper manner;
  double seconds;
  test::scratch files;
  std::mutex mutex;
  std::vector<std::string> asked;
  test::raw_server server{[this](peer& client, int) {
    serve(client);
  }};
};

/// A store, a client and scratch.
struct lab {
  std::shared_ptr<work_order> order(work_kind kind, work_input input) {
    auto out = std::make_shared<work_order>();
    out->kind = kind;
    out->job_no = 1;
    out->input = std::move(input);
    return out;
  }

  result<work_result> run(worker& of, work_kind kind, work_input input) {
    test::awaited<result<work_result>> end;
    auto handle = of.start(order(kind, std::move(input)),
                           {1, std::chrono::seconds{30}, {}}, end.callback());
    return end.get();
  }

  bool scratch_empties() const {
    auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{30};
    while (std::filesystem::exists(root.file("scratch"))
           && !std::filesystem::is_empty(root.file("scratch"))) {
      if (std::chrono::steady_clock::now() > deadline)
        return false;
      std::this_thread::yield();
    }
    return true;
  }

  service_settings at(const test::raw_server& server) {
    return {http, server.url(""), "test"};
  }

  test::scratch root;
  http_client http{{}, {}, nullptr};
  work_pool files{1};
  local_store store{root.file("store"), files};
  work_pool pool{2};
};

speak_input line(double slot) {
  speak_input in;
  in.text = "hola";
  in.language = "es";
  in.slot_seconds = slot;
  return in;
}

spoken say(lab& l, tts_client& client, double slot) {
  auto said = l.run(client, work_kind::speak, line(slot));
  INFO((said ? "" : said.error().message));
  REQUIRE(said);
  return std::get<spoken>(*said);
}

} // namespace

TEST_CASE("speech that fits its slot is asked for once") {
  lab l;
  voice v;
  tts_client client{l.at(v.server), l.store, l.pool, l.root.file("scratch")};
  auto out = say(l, client, 2.5);
  CHECK(out.seconds == Approx(2));
  CHECK(out.rate == 1);
  CHECK(v.calls() == 1);
  auto file = l.store.locate(out.audio.key);
  REQUIRE(file);
  CHECK(*sha256_file(*file) == out.audio.sha256);
  say(l, client, 0);    // no room is known
  say(l, client, 1.99); // so little is left to the tempo
  CHECK(v.calls() == 3);
  CHECK(l.scratch_empties());
}

TEST_CASE("speech that is too long is asked for once more, faster") {
  lab l;
  voice v;
  tts_client client{l.at(v.server), l.store, l.pool, l.root.file("scratch")};
  auto out = say(l, client, 1.5);
  CHECK(out.seconds == Approx(2 / 1.5).margin(0.001));
  CHECK(out.rate == Approx(2 / 1.5 * 1.03));
  REQUIRE(v.calls() == 2);
  auto key = [&](std::size_t i) {
    return between(v.asked[i], "Idempotency-Key: ", "\r\n");
  };
  CHECK(key(0).size() == 64);
  CHECK(key(1) == key(0) + "-faster");
  CHECK(say(l, client, 0.1).rate == Approx(1.6)); // never faster
  CHECK(l.scratch_empties());
}

TEST_CASE("a service that ignores the rate is soon not asked for one") {
  lab l;
  voice v{voice::temper::ignores};
  tts_client client{l.at(v.server), l.store, l.pool, l.root.file("scratch")};
  for (int i = 0; i < 3; ++i)
    CHECK(say(l, client, 1).rate == 1);
  CHECK(v.calls() == 6);
  for (int i = 0; i < 49; ++i)
    say(l, client, 1);
  CHECK(v.calls() == 6 + 49);
  v.manner = voice::temper::honours; // another service has taken its place
  CHECK(say(l, client, 1).rate > 1);
  CHECK(say(l, client, 1).rate > 1);
}

TEST_CASE("what goes wrong with the faster speech does not spoil the first") {
  using temper = voice::temper;
  for (auto manner : {temper::refuses, temper::breaks, temper::drops,
                      temper::empties, temper::loses}) {
    INFO(static_cast<int>(manner));
    lab l;
    voice v{manner};
    tts_client client{l.at(v.server), l.store, l.pool, l.root.file("scratch")};
    auto out = say(l, client, 1);
    CHECK(out.rate == 1);
    CHECK(out.seconds == Approx(2));
    CHECK(l.store.locate(out.audio.key));
    say(l, client, 1);
    CHECK(v.calls() == (manner == temper::refuses ? 3 : 4));
    CHECK(l.scratch_empties());
  }
}

TEST_CASE("speech that is no sound is a bad answer") {
  lab l;
  for (auto body : {"", "<html>", "RIFF....WAVE"}) {
    INFO(body);
    test::raw_server server{[&](peer& client, int) {
      for (auto rq = client.read_request(); !rq.empty();
           rq = client.read_request())
        client.answer(rq.starts_with("POST") ? R"({"audio_path": "/a.wav"})"
                                             : body);
    }};
    tts_client client{l.at(server), l.store, l.pool, l.root.file("scratch")};
    auto said = l.run(client, work_kind::speak, line(1));
    REQUIRE_FALSE(said);
    CHECK(said.error().code == fault_code::bad_answer);
  }
  CHECK(l.scratch_empties());
}

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
    return bytes / 2.0 / rate;
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
  REQUIRE(write_wav(file, rate, 1, std::vector<std::int16_t>(rate)));
  auto info = read_wav_info(file);
  REQUIRE(set_wav_length(file, *info, 12 * 3'600));
  std::fstream mark{file, std::ios::binary | std::ios::in | std::ios::out};
  mark.seekp(static_cast<std::streamoff>(
    info->data + static_cast<std::uint64_t>(at * rate) * 2));
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
  l.root.write("short.wav", wav_of(l.root, 3));
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
