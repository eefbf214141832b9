/// TTS as a worker, against services that do well and badly.
#include "clients/digest.hpp"
#include "tests/support/service_lab.hpp"

using namespace dubber;
using test::peer;
using lab = test::service_lab;

namespace {

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
    client.answer(test::wav_of(files, ignored ? seconds : seconds / 1.5));
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
