#include "engines/asr/speech.hpp"
#include "engines/gateway/rules.hpp"
#include "engines/options.hpp"
#include "engines/tts/voices.hpp"
#include "tests/support/catch.hpp"

#include <cmath>

using namespace dubber;

TEST_CASE("options: mistakes are told, defaults filled in") {
  CHECK(std::holds_alternative<std::string>(parse_engine_options({})));
  CHECK(std::holds_alternative<std::string>(
    parse_engine_options({"asr", "--store", "x"})));
  CHECK(std::holds_alternative<std::string>(
    parse_engine_options({"tts", "--port", "70000"})));
  for (auto* url : {"", "host", "https://x", "http://", "http://x/y"})
    CHECK(std::holds_alternative<std::string>(
      parse_engine_options({"gateway", "--orchestrator", url})));
  auto good = parse_engine_options({"asr", "--fast", "--decoders", "2"});
  REQUIRE(std::holds_alternative<engine_options>(good));
  CHECK(std::get<engine_options>(good).fast);
  CHECK(std::get<engine_options>(good).workers == 2);
}

TEST_CASE("speech: capital, I, spelled letters, full stop") {
  std::vector<heard_word> words;
  for (auto* w : {"so", "i", "told", "mr", "smith", "i'm", "p", "b", "x"})
    words.push_back({w, 0, 0, 1});
  CHECK(tidy(words) == "So I told Mr smith I'm PBX.");
  CHECK(tidy({}).empty());
}

TEST_CASE("speech: segments are split at gaps, at 12 s, fragments merged") {
  std::vector<heard_word> words;
  for (int i = 0; i < 60; ++i)
    words.push_back({"w", i * 0.5, i * 0.5 + 0.45, 1});
  words.push_back({"late", 40, 42, 1});
  auto segments = make_segments(words);
  REQUIRE(segments.size() >= 4);
  size_t count = 0;
  for (auto& s : segments) {
    CHECK(s.end - s.start <= 12);
    CHECK(s.end - s.start >= 1);
    count += s.words.size();
  }
  CHECK(count == words.size());
}

TEST_CASE("speech: silence is none, a tone in silence is found") {
  std::vector<int16_t> samples(asr_rate * 3);
  CHECK(find_speech(samples).empty());
  for (int i = asr_rate; i < asr_rate * 2; ++i)
    samples[static_cast<size_t>(i)]
      = static_cast<int16_t>(8000 * std::sin(i * 0.2));
  auto found = find_speech(samples);
  REQUIRE(found.size() == 1);
  CHECK(found[0].begin == asr_rate - asr_rate / 5);
  CHECK(found[0].end == asr_rate * 2 + asr_rate / 4);
  std::vector<int16_t> loud(asr_rate * 65, 9000);
  for (auto& s : find_speech(loud))
    CHECK(s.end - s.begin <= asr_rate * 20);
}

TEST_CASE("voices: only known, plain names") {
  voice_table table;
  parse_voices("Pty Language A V File Other\n"
               " 5  pt-br  --/M  Portuguese_(Brazil) roa/pt-BR (pt 6)\n"
               " 5  es     --/M  Spanish  roa/es\n"
               " 5  en-gb  --/M  English roa/en (en 2)\n"
               " 5  en-us  --/M  English_A roa/en-US (en 3)\nshort\n",
               table);
  parse_variants("head\n 5 variant --/F f3 !v/f3\n 5 variant --/M Bo !v/Bo\n",
                 table);
  CHECK(find_voice(table, "pt-BR") == "roa/pt-BR");
  CHECK(find_voice(table, "pt") == "roa/pt-BR");
  CHECK(find_voice(table, "en_US") == "roa/en-US");
  CHECK(find_voice(table, "es-MX") == "roa/es");
  CHECK(find_voice(table, "SPANISH") == "roa/es");
  CHECK(find_voice(table, "es+f3") == "roa/es+f3");
  CHECK(find_voice(table, "es", "f3") == "roa/es+f3");
  CHECK(find_voice(table, "es", "en+f3") == "roa/en+f3");
  CHECK(find_voice(table, "es", "") == "roa/es");
  for (auto* odd : {"", "-x; rm", "../es", "roa/es", "xx", "es+Bo", "es+",
                    "+f3", "es+f3+f3", "--help", "\xc3\xa9s"})
    CHECK(find_voice(table, odd).empty());
  CHECK(find_voice(table, "es", "nobody").empty());
  CHECK(table.languages() == std::vector<std::string>{"en", "es", "pt"});
  CHECK(normal_voice(std::string(41, 'a')).empty());
  CHECK(words_per_minute(2) == 260);
  CHECK(words_per_minute(0.5) == 83);
  CHECK(speakable("[[x]]\n") == "[ [x]] ");
}

TEST_CASE("gateway: names, keys and patches") {
  CHECK(upload_name("../../a b.mp4") == "a b.mp4");
  CHECK(upload_name("..").empty());
  CHECK(video_extension("A.MKV"));
  CHECK_FALSE(video_extension("a.mp4.exe"));
  CHECK_FALSE(safe_key("../x"));
  CHECK_FALSE(safe_key(".incoming"));
  CHECK(plain_host("[::1]:8080"));
  CHECK_FALSE(plain_host("x/y"));
  CHECK_FALSE(plain_host(""));
  gateway_job job;
  gateway_job other;
  CHECK_FALSE(apply_patch(other, {{"progress", 101}}).empty());
  CHECK_FALSE(apply_patch(other, {{"status", "DONE"}}).empty());
  CHECK(apply_patch(job, {{"progress", 7}}).empty());
  CHECK(job.progress == 7);
}
