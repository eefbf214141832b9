#include "engines/asr/decoder_pool.hpp"
#include "tests/engines/clips.hpp"
#include "tests/engines/running.hpp"

#include <algorithm>
#include <fstream>
#include <future>
#include <random>
#include <thread>

using namespace dubber;
using namespace dubber::test;

namespace {

namespace fs = std::filesystem;

constexpr int rate = 16000;

json segments_of(const reply& answer) {
  INFO(answer.body.substr(0, 300));
  REQUIRE(answer.status == 200);
  return answer.parsed()["segments"];
}

std::vector<std::string> heard_words(const json& segments) {
  std::string text;
  for (auto& segment : segments)
    text += segment["text"].get<std::string>() + " ";
  return words_of(text);
}

/// In order, apart, 1 to 12 s, with words inside.
void check_shape(const json& segments, double length) {
  double before = 0;
  for (auto& segment : segments) {
    double start = segment["start"];
    double end = segment["end"];
    CHECK(start >= before);
    CHECK(end > start);
    CHECK(end - start <= 12);
    CHECK(end <= length + 0.1);
    CHECK_FALSE(segment["text"].get<std::string>().empty());
    CHECK(segment["words"].front()["start"] == start);
    CHECK(segment["words"].back()["end"] == end);
    for (auto& word : segment["words"]) {
      CHECK(word["start"].get<double>() >= before);
      CHECK(word["end"] > word["start"]);
      CHECK(word["confidence"] >= 0);
      CHECK(word["confidence"] <= 1);
      before = word["start"];
    }
    before = end;
  }
}

void run_ffmpeg(const std::vector<std::string>& arguments) {
  program command{"/usr/bin/ffmpeg", "-nostdin", "-v", "error", "-y"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  REQUIRE(run_child(command, patience) == 0);
}

} // namespace

TEST_CASE("asr: known clips, word errors below 40 %, times") {
  running asr{"asr", [](auto& options) {
                options.workers = 2;
              }};
  auto all = all_clips();
  REQUIRE(all.size() == 5);
  std::vector<int16_t> joined(rate * 2); // begins with silence
  std::vector<std::pair<double, double>> spoken;
  for (auto& one : all) {
    auto samples = samples_of(one.file);
    spoken.emplace_back(double(joined.size()) / rate,
                        double(joined.size() + samples.size()) / rate);
    joined.insert(joined.end(), samples.begin(), samples.end());
    joined.resize(joined.size() + rate * 2);
  }
  auto wav = asr.folder.file("joined.wav");
  write_wav(wav, joined);
  auto segments
    = segments_of(upload(asr.port(), "/transcribe", wav, "a b.wav"));
  check_shape(segments, double(joined.size()) / rate);

  size_t errors = 0;
  size_t words = 0;
  size_t inside = 0;
  for (size_t i = 0; i < all.size(); ++i) {
    auto of_clip = json::array();
    for (auto& segment : segments)
      if (segment["start"] >= spoken[i].first - 0.1
          && segment["end"] <= spoken[i].second + 0.1)
        of_clip.push_back(segment);
    inside += of_clip.size();
    errors += word_errors(all[i].words, heard_words(of_clip));
    words += all[i].words.size();
  }
  INFO(errors << " errors in " << words << " words");
  CHECK(errors * 100 < words * 40);
  CHECK(inside == segments.size()); // none reaches into a pause
}

TEST_CASE("asr: the recogniser bears any samples") {
  decoder_pool pool{1, true};
  std::minstd_rand chance{2};
  for (size_t count : {0, 1, 100, 160, 400, 410, 1600, 8000})
    for (int amplitude : {0, 1, 32767}) {
      INFO(count << " samples of " << amplitude);
      std::vector<int16_t> samples(count);
      for (auto& sample : samples)
        sample
          = static_cast<int16_t>(chance() % 2 == 0 ? amplitude : -amplitude);
      for (auto& word : pool.decode(samples, 10).get()) {
        CHECK(word.start >= 10);
        CHECK(word.end <= 10.1 + double(count) / rate);
      }
    }
  pool.stop();
  CHECK_THROWS_AS(pool.decode(std::vector<int16_t>(100), 0), engine_stops);
}

TEST_CASE("asr: many at once hear what one hears") {
  running asr{"asr", [](auto& options) {
                options.workers = 2;
                options.fast = true;
              }};
  auto all = all_clips();
  auto hear = [&](const clip& one) {
    return segments_of(upload(asr.port(), "/transcribe", one.file, "x"));
  };
  auto alone = hear(all[1]);
  std::vector<std::future<reply>> asked;
  for (int i = 0; i < 4; ++i)
    asked.push_back(std::async(std::launch::async, [&, i] {
      auto& file = all[i % 2 == 0 ? 1 : 4].file;
      return upload(asr.port(), "/transcribe", file, "x");
    }));
  for (size_t i = 0; i < asked.size(); ++i) {
    auto answer = asked[i].get();
    CHECK(answer.status == 200);
    if (i % 2 == 0)
      CHECK(answer.parsed()["segments"] == alone);
  }
}

TEST_CASE("asr: containers, silence, rubbish and nothing") {
  running asr{"asr", [](auto& options) {
                options.fast = true;
              }};
  auto send = [&](const fs::path& file) {
    return upload(asr.port(), "/transcribe", file, "x");
  };
  auto file = [&](const std::string& name) {
    return asr.folder.file(name).string();
  };
  CHECK(get(asr.port(), "/languages").parsed()["languages"] == json{"en"});
  auto speech = all_clips()[1].file.string();
  auto plain = heard_words(segments_of(send(speech)));
  CHECK_FALSE(plain.empty());
  run_ffmpeg({"-f", "lavfi", "-i", "testsrc2=s=64x64:d=3", "-i", speech, "-c:a",
              "aac", "-b:a", "128k", "-ac", "2", "-ar", "48000",
              file("clip.mp4")});
  CHECK(heard_words(segments_of(send(file("clip.mp4")))).size() > 3);
  write_wav(file("silence.wav"), std::vector<int16_t>(rate * 3));
  CHECK(segments_of(send(file("silence.wav"))) == json::array());
  write_wav(file("none.wav"), {});
  CHECK(segments_of(send(file("none.wav"))) == json::array());
  std::minstd_rand chance{1};
  std::vector<int16_t> noise(rate * 3);
  for (auto& sample : noise)
    sample = static_cast<int16_t>(chance() % 200);
  write_wav(file("noise.wav"), noise);
  check_shape(segments_of(send(file("noise.wav"))), 3);

  run_ffmpeg({"-f", "lavfi", "-i", "testsrc2=s=64x64:d=1", file("mute.mp4")});
  asr.folder.write("rubbish", std::string(100'000, '\xa5'));
  asr.folder.write("empty", "");
  asr.folder.write("list.m3u8", "#EXTM3U\n#EXTINF:1,\n/etc/passwd\n");
  asr.folder.write("list.txt", "ffconcat version 1.0\nfile " + speech + "\n");
  for (auto* name : {"mute.mp4", "rubbish", "empty", "list.m3u8", "list.txt"}) {
    auto answer = send(file(name));
    INFO(name << answer.body);
    CHECK(answer.status == 422);
    CHECK(answer.parsed()["error"].get<std::string>().starts_with("file: "));
  }
  CHECK(post(asr.port(), "/transcribe", std::string{"{}"}).status == 422);
  CHECK(post(asr.port(), "/transcribe", std::string{}).status == 422);
  CHECK(fs::is_empty(asr.folder.file("data") / "asr"));
}

TEST_CASE("asr: an hour in bounded memory") {
  // Three seconds of speech in two minutes: silence costs no recognition.
  engine_process asr{{"asr", "--fast", "--decoders", "2"}};
  scratch folder;
  auto speech = all_clips()[1].file;
  CHECK_FALSE(
    segments_of(upload(asr.port(), "/transcribe", speech, "a.wav")).empty());
  auto before = asr.peak_memory();
  auto part = samples_of(speech);
  part.resize(120 * rate);
  write_wav(folder.file("part.wav"), part);
  run_ffmpeg({"-stream_loop", "29", "-i", folder.file("part.wav").string(),
              "-c", "copy", folder.file("hour.wav").string()});
  REQUIRE(fs::file_size(folder.file("hour.wav")) > 115'000'000);
  auto segments = segments_of(
    upload(asr.port(), "/transcribe", folder.file("hour.wav"), "hour.wav"));
  check_shape(segments, 3600);
  std::vector<int> heard(30);
  for (auto& segment : segments)
    ++heard.at(static_cast<size_t>(segment["start"].get<double>() / 120));
  CHECK(std::count(heard.begin(), heard.end(), 0) == 0);
  CHECK(asr.peak_memory() - before < 64 << 20);
  CHECK(asr.terminate() == 0);
}

TEST_CASE("asr: a caller that leaves, and SIGTERM, end the work") {
  engine_process asr{{"asr", "--decoders", "1"}};
  scratch folder;
  auto minutes = samples_of(all_clips()[0].file);
  auto one = minutes;
  while (minutes.size() < 600 * size_t{rate})
    minutes.insert(minutes.end(), one.begin(), one.end());
  write_wav(folder.file("long.wav"), minutes);
  auto send = [&] {
    return upload(asr.port(), "/transcribe", folder.file("long.wav"), "x");
  };
  {
    raw_client leaving{asr.port()};
    std::ifstream in{folder.file("long.wav"), std::ios::binary};
    std::string bytes{std::istreambuf_iterator<char>{in}, {}};
    auto body = "--x\r\nContent-Disposition: form-data; name=\"file\"; "
                "filename=\"a\"\r\n\r\n"
                + bytes + "\r\n--x--\r\n";
    leaving.send("POST /transcribe HTTP/1.1\r\nContent-Type: "
                 "multipart/form-data; boundary=x\r\nContent-Length: "
                 + std::to_string(body.size()) + "\r\n\r\n" + body);
    REQUIRE(eventually([&] { return !child_groups(asr.pid()).empty(); }));
  }
  CHECK(eventually([&] { return child_groups(asr.pid()).empty(); }));
  reply unanswered;
  std::thread waiting{[&] {
    unanswered = send();
  }};
  REQUIRE(eventually([&] { return !child_groups(asr.pid()).empty(); }));
  auto groups = child_groups(asr.pid());
  CHECK(asr.terminate() == 0);
  waiting.join();
  CHECK(unanswered.status != 200);
  for (auto group : groups)
    CHECK(eventually([&] { return members(group).empty(); }));
}
