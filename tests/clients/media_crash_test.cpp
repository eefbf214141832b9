/// ffmpeg that crashes, is killed, or is not there: not the source's fault for
/// sure, so that it is tried again.
#include "clients/media/ffmpeg.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/scratch.hpp"

using namespace dubber;
using namespace std::literals;

namespace {

/// Stands in for ffmpeg and ffprobe.
ffmpeg_tools tools_of(test::scratch& files, const std::string& script) {
  auto program = files.file("tool");
  files.write("tool", "#!/bin/sh\n" + script + "\n");
  std::filesystem::permissions(program, std::filesystem::perms::owner_all);
  return {program, program};
}

task_clock minute() {
  return {1min, std::make_shared<std::atomic<bool>>(false)};
}

} // namespace

TEST_CASE("ffmpeg that is killed is tried again") {
  test::scratch files;
  for (auto [script, words] :
       {std::pair{"kill -KILL $$", "signal 9 (for want of memory?)"},
        std::pair{"echo half >&2; kill -SEGV $$", "was ended by signal 11"},
        std::pair{"kill -ABRT $$", "was ended by signal 6"}}) {
    auto tools = tools_of(files, script);
    auto ran = run_ffmpeg(tools, {}, minute());
    REQUIRE_FALSE(ran);
    CHECK(ran.error().code == fault_code::server_error);
    CHECK(ran.error().message.find(words) != std::string::npos);
    auto probed = run_ffprobe(tools, {}, minute());
    REQUIRE_FALSE(probed);
    CHECK(probed.error().code == fault_code::server_error);
  }
  auto gone = run_ffmpeg({"/absent/ffmpeg", "/absent/ffprobe"}, {}, minute());
  REQUIRE_FALSE(gone);
  CHECK(gone.error().code == fault_code::server_error);
  CHECK(gone.error().message == "ffmpeg could not be started");
}

TEST_CASE("ffmpeg that says no has its reason, and hangs no longer than it "
          "may") {
  test::scratch files;
  auto said = run_ffmpeg(tools_of(files, "echo 'no such codec' >&2; exit 1"),
                         {}, minute());
  REQUIRE_FALSE(said);
  CHECK(said.error().code == fault_code::invalid_input);
  CHECK(said.error().message == "ffmpeg: no such codec");
  auto hung = run_ffmpeg(tools_of(files, "sleep 60"), {},
                         {200ms, std::make_shared<std::atomic<bool>>(false)});
  REQUIRE_FALSE(hung);
  CHECK(hung.error().code == fault_code::timeout);
}
