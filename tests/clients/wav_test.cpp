#include "clients/wav.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/scratch.hpp"

using namespace dubber;

namespace {

std::string number(std::uint32_t value, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i)
    out += static_cast<char>(value >> (8 * i));
  return out;
}

std::string wav(std::uint32_t tag, std::uint32_t bits, std::uint32_t channels,
                std::uint32_t rate, const std::string& sound,
                const std::string& before = {}) {
  auto format = number(tag, 2) + number(channels, 2) + number(rate, 4)
                + number(rate * channels * bits / 8, 4)
                + number(channels * bits / 8, 2) + number(bits, 2);
  auto body = "WAVEfmt " + number(16, 4) + format + before + "data"
              + number(static_cast<std::uint32_t>(sound.size()), 4) + sound;
  return "RIFF" + number(static_cast<std::uint32_t>(body.size()), 4) + body;
}

} // namespace

TEST_CASE("WAV: what can be played is recognised, with its length") {
  test::scratch files;
  struct {
    std::uint32_t tag, bits, channels;
    bool pcm16;
  } const kinds[]
    = {{1, 16, 1, true},  {1, 16, 2, true},      {1, 8, 1, false},
       {1, 24, 2, false}, {1, 32, 1, false},     {3, 32, 1, false},
       {3, 64, 1, false}, {0xFFFE, 16, 1, true}, {6, 8, 1, false}};
  for (auto& kind : kinds) {
    INFO(kind.tag << " " << kind.bits << " " << kind.channels);
    std::string sound(24'000 * kind.channels * kind.bits / 8, '\1');
    auto file
      = files.write("a.wav", wav(kind.tag, kind.bits, kind.channels, 48'000,
                                 sound, "LIST" + number(4, 4) + "abcd"));
    auto info = read_wav_info(file);
    REQUIRE(info);
    CHECK(info->seconds() == Approx(0.5));
    CHECK(info->is_pcm16() == kind.pcm16);
    CHECK(info->data == 56);
  }
}

TEST_CASE("WAV: what is none is refused") {
  test::scratch files;
  std::string many;
  for (int i = 0; i < 2'000; ++i)
    many += "junk" + number(0, 4);
  const std::string rubbish[]
    = {"",
       "RIFF",
       std::string(5'000, 'x'),
       wav(1, 16, 1, 16'000, ""),
       wav(1, 16, 1, 16'000, "x"),
       wav(1, 16, 0, 16'000, "xxxx"),
       wav(1, 16, 1, 0, "xxxx"),
       wav(1, 12, 1, 16'000, "xxxx"),
       wav(85, 16, 1, 16'000, "xxxx"), // MP3
       wav(1, 16, 1, 16'000, "xxxx", many),
       wav(1, 16, 1, 16'000, "xxxx", "LIST" + number(0xFFFF'FFF0, 4))};
  for (auto& text : rubbish) {
    INFO(text.substr(0, 60));
    auto info = read_wav_info(files.write("a.wav", text));
    REQUIRE_FALSE(info);
    CHECK(info.error().code == fault_code::bad_answer);
  }
}

TEST_CASE("WAV: a header that promises more than there is") {
  test::scratch files;
  auto text = wav(1, 16, 1, 16'000, std::string(32'000, '\1'));
  text.replace(40, 4, number(0xFFFF'FFFF, 4)); // as programs stream it
  auto info = read_wav_info(files.write("a.wav", text));
  REQUIRE(info);
  CHECK(info->seconds() == Approx(1));
  text.resize(text.size() - 16'001); // half an answer
  info = read_wav_info(files.write("a.wav", text));
  REQUIRE(info);
  CHECK(info->bytes == 15'998);
}

TEST_CASE("WAV: reads back as written, in parts") {
  test::scratch files;
  std::vector<std::int16_t> sound(16'000);
  for (std::size_t i = 0; i < sound.size(); ++i)
    sound[i] = static_cast<std::int16_t>(i);
  auto file = files.file("a.wav");
  REQUIRE(write_wav(file, 16'000, 1, sound));
  auto info = read_wav_info(file);
  REQUIRE(info);
  CHECK(*read_wav(file, *info, 0, 10) == sound);
  CHECK(
    *read_wav(file, *info, 0.25, 0.5)
    == std::vector<std::int16_t>{sound.begin() + 4'000, sound.begin() + 8'000});
  CHECK(read_wav(file, *info, 2, 3)->empty());
  CHECK(write_wav("/absent/a.wav", 16'000, 1, sound).error().code
        == fault_code::disk);
}

TEST_CASE("WAV: a sound is made as long as it should be") {
  test::scratch files;
  for (auto seconds : {0.25, 1.0, 2.5}) {
    auto file = files.file("a.wav");
    REQUIRE(write_wav(file, 16'000, 1, std::vector<std::int16_t>(16'000, 7)));
    auto info = read_wav_info(file);
    REQUIRE(info);
    REQUIRE(set_wav_length(file, *info, seconds));
    auto now = read_wav_info(file);
    REQUIRE(now);
    CHECK(now->seconds() == Approx(seconds));
    auto sound = *read_wav(file, *now, 0, 10);
    CHECK(sound.front() == 7);
    CHECK(sound.back() == (seconds > 1 ? 0 : 7));
  }
  auto file = files.file("a.wav");
  CHECK(set_wav_length(file, *read_wav_info(file), 40 * 3'600).error().code
        == fault_code::limit_exceeded);
}
