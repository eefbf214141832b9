#include "tests/contract/media_worker_contract.hpp"

#include "clients/digest.hpp"
#include "clients/plan_json.hpp"
#include "tests/contract/media_customer.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>

namespace dubber::test {

namespace {

namespace fs = std::filesystem;
/// Loudest sample between two times.
int peak(const samples& sound, double from, double to) {
  auto begin = std::min(sound.size(), static_cast<std::size_t>(from * 16'000));
  auto end = std::min(sound.size(), static_cast<std::size_t>(to * 16'000));
  auto loudest = 0;
  for (auto i = begin; i < end; ++i)
    loudest = std::max(loudest, std::abs(int{sound[i]}));
  return loudest;
}

void check_file(customer& c, const media_file& said, const std::string& key) {
  CHECK(said.key == key);
  auto file = c.get(key);
  CHECK(said.bytes == fs::file_size(file));
  CHECK(said.sha256 == *sha256_file(file));
}

merge_plan plan_for(const artifact& tone) {
  merge_plan plan;
  plan.source_object_key = "film.mp4";
  plan.source_language = "en";
  plan.target_language = "pt-BR";
  plan.seconds = 3;
  plan.placements
    = {{0, tone, 0.5, 1, 1.25, 0.8, 0}, {1, tone, 2, 1, 1, 0.5, 0.1}};
  return plan;
}

} // namespace

void promise_extract(const make_bench& make) {
  customer c{make};
  c.make("1_a film é.mp4", film);
  auto made = c.extract("1_a film é.mp4", "artifacts/sound.wav");
  REQUIRE(made);
  check_file(c, *made, "artifacts/sound.wav");
  auto info = read_wav_info(c.get(made->key));
  REQUIRE(info);
  CHECK(info->rate == 16'000);
  CHECK(info->channels == 1);
  CHECK(info->bits == 16);
  CHECK(info->seconds() == Approx(3).margin(0.001));
  CHECK(made->seconds == Approx(info->seconds()).margin(0.001));
}

void promise_source_clock(const make_bench& make) {
  customer c{make};
  const std::string late
    = "-f lavfi -i testsrc=duration=3:size=96x64:rate=25 -itsoffset 0.7 -f "
      "lavfi -i sine=frequency=440:duration=1 -c:v libx264 -preset ultrafast "
      "-pix_fmt yuv420p -c:a aac ";
  for (auto format :
       {"-f mp4", "-f matroska", "-output_ts_offset 7 -f mpegts"}) {
    INFO(format);
    c.make("late", late + format);
    auto made = c.extract("late", "artifacts/late.wav");
    REQUIRE(made);
    auto sound = c.listen(c.get(made->key));
    CHECK(made->seconds == Approx(3).margin(0.041));
    CHECK(peak(sound, 0, 0.64) < 100);
    CHECK(peak(sound, 0.76, 1.6) > 1'000);
    CHECK(peak(sound, 1.8, 3.1) < 100);
  }
}

void promise_refusals(const make_bench& make) {
  customer c{make};
  c.put_text("no video at all", "text.mp4");
  c.put_text("#EXTM3U\n#EXTINF:2,\n/etc/passwd\n#EXT-X-ENDLIST\n", "list.mp4");
  c.make("mute.mp4", "-f lavfi -i testsrc=duration=1:size=96x64:rate=25 -c:v "
                     "libx264 -f mp4");
  for (auto key : {"text.mp4", "list.mp4", "mute.mp4"}) {
    INFO(key);
    auto made = c.extract(key, "artifacts/none.wav");
    REQUIRE_FALSE(made);
    CHECK(made.error().code == fault_code::invalid_input);
    CHECK(made.error().message.find("the source ") == 0);
  }
  auto made = c.extract("absent.mp4", "artifacts/none.wav");
  REQUIRE_FALSE(made);
  CHECK(made.error().code == fault_code::not_found);
  CHECK_FALSE(fetch_file(c.bench->store(), "artifacts/none.wav",
                         c.mine.file("none"), c.clock()));
  CHECK(c.bench->falls_silent());
}

void promise_merge(const make_bench& make) {
  customer c{make};
  c.make("film.mp4", film);
  auto plan = plan_for(c.tone("artifacts/tone", 500));
  plan.subtitles = c.put_text("1\n00:00:00,500 --> 00:00:01,300\nOlá\n\n",
                              "artifacts/titles");
  c.put_text(write_plan(plan), "artifacts/plan");
  auto made = c.merge("artifacts/plan", "artifacts/dub.mp4");
  REQUIRE(made);
  check_file(c, *made, "artifacts/dub.mp4");
  CHECK(made->seconds == Approx(3).margin(0.041));
  auto file = c.get("artifacts/dub.mp4");
  auto sound = c.listen(file);
  CHECK(static_cast<double>(sound.size()) / 16'000 == Approx(3).margin(0.041));
  CHECK(peak(sound, 0, 0.48) < 50);
  CHECK(peak(sound, 0.52, 1.27) > 2'000); // a second, played 1.25 times faster
  CHECK(peak(sound, 1.35, 1.97) < 50);
  CHECK(peak(sound, 2.02, 2.35) > 2'000);
  CHECK(peak(sound, 2.52, 3) < 50); // cut off after half of it
  auto streams = c.shell("ffprobe -v error -of csv=p=0 -show_entries "
                         "stream=codec_name:stream_tags=language "
                         + file.string());
  CHECK(streams.find("h264") != std::string::npos);
  CHECK(streams.find("aac,por") != std::string::npos);
  CHECK(streams.find("mov_text,por") != std::string::npos);
  auto hash = [&](const fs::path& of) {
    return c.shell("ffmpeg -v error -i " + of.string()
                   + " -map 0:v:0 -c copy -f streamhash -hash md5 -");
  };
  CHECK(hash(file) == hash(c.get("film.mp4")));
  CHECK(c.bench->falls_silent());
}

void promise_merge_refusals(const make_bench& make) {
  customer c{make};
  c.make("film.mp4", film);
  auto plan = plan_for(c.tone("artifacts/tone", 500));
  auto refused = [&](const merge_plan& with, fault_code code) {
    c.put_text(write_plan(with), "artifacts/plan");
    auto made = c.merge("artifacts/plan", "artifacts/none.mp4");
    REQUIRE_FALSE(made);
    INFO(made.error().message);
    CHECK(made.error().code == code);
  };
  auto wrong = plan;
  wrong.placements[1].at = 1;
  refused(wrong, fault_code::invalid_input);
  wrong = plan;
  wrong.placements[1].audio.key = "artifacts/absent";
  refused(wrong, fault_code::not_found);
  wrong = plan;
  wrong.placements[1].audio.sha256 = std::string(64, '0');
  refused(wrong, fault_code::not_found);
  wrong = plan;
  wrong.placements[1].audio = c.put_text("no sound", "artifacts/text");
  refused(wrong, fault_code::invalid_input);
  wrong = plan;
  wrong.source_object_key = "absent.mp4";
  refused(wrong, fault_code::not_found);
  auto made = c.merge("artifacts/absent", "artifacts/none.mp4");
  REQUIRE_FALSE(made);
  CHECK(made.error().code == fault_code::not_found);
  CHECK(c.bench->falls_silent());
}

void promise_cancel(const make_bench& make) {
  customer c{make};
  c.make("film.mp4", film);
  auto called = std::make_shared<std::atomic<int>>(0);
  for (int i = 0; i < 3; ++i) {
    auto handle = c.bench->worker().extract_audio(
      c.call(), "film.mp4", "artifacts/cancelled.wav", patience,
      [called](result<media_file>) { ++*called; });
    handle.cancel();
  }
  {
    auto dropped = c.bench->worker().extract_audio(
      c.call(), "film.mp4", "artifacts/cancelled.wav", patience,
      [called](result<media_file>) { ++*called; });
  }
  CHECK(c.bench->falls_silent());
  CHECK(c.extract("film.mp4", "artifacts/next.wav")); // those before are over
  CHECK(*called == 0);
}

void promise_deadline(const make_bench& make) {
  customer c{make};
  c.make("film.mp4", film);
  awaited<result<media_file>> end;
  auto handle = c.bench->worker().extract_audio(
    c.call(), "film.mp4", "artifacts/late.wav", ms{1}, end.callback());
  auto made = end.get();
  REQUIRE_FALSE(made);
  CHECK(made.error().code == fault_code::timeout);
  CHECK(c.bench->falls_silent());
}

} // namespace dubber::test
