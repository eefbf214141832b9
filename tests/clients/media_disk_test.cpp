/// A disk that takes no more: the work is held, leaves nothing behind, and
/// succeeds when there is room.
#include "tests/support/media_lab.hpp"

#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>

using namespace dubber;
using test::media_lab;

namespace {

constexpr double length = 20;

/// No file of this process, nor of its children, grows beyond `bytes`.
class file_limit {
public:
  explicit file_limit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    auto now = before_;
    now.rlim_cur = bytes;
    ::setrlimit(RLIMIT_FSIZE, &now);
  }
  file_limit(const file_limit&) = delete;
  file_limit& operator=(const file_limit&) = delete;
  ~file_limit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

private:
  rlimit before_{};
  void (*handler_)(int);
};

/// A file system of `bytes` over a folder; only root may have one.
class small_disk {
public:
  small_disk(std::filesystem::path where, std::size_t bytes)
    : where_(std::move(where)) {
    std::filesystem::create_directories(where_);
    auto options = "size=" + std::to_string(bytes);
    there_ = ::mount("tmpfs", where_.c_str(), "tmpfs", 0, options.c_str()) == 0;
  }
  small_disk(const small_disk&) = delete;
  small_disk& operator=(const small_disk&) = delete;
  ~small_disk() {
    if (there_)
      ::umount2(where_.c_str(), MNT_DETACH);
  }
  bool there() const {
    return there_;
  }

private:
  std::filesystem::path where_;
  bool there_ = false;
};

void make_film(const media_lab& lab) {
  auto seconds = std::to_string(length);
  lab.make("film.mp4",
           "-f lavfi -i testsrc=size=96x64:rate=25:duration=" + seconds
             + " -f lavfi -i sine=frequency=440:duration=" + seconds
             + " -c:v libx264 -preset ultrafast -c:a aac");
}

merge_input dub_of(media_lab& lab) {
  auto in = test::merge_of("film.mp4", length);
  auto speech = lab.speak(8, 300);
  in.pieces
    = {test::piece_of({1, 9}, speech), test::piece_of({10, 18}, speech)};
  return in;
}

/// @return Whether it was held; anything else but success is a failure.
bool held(const result<work_result>& outcome) {
  if (outcome)
    return false;
  INFO(outcome.error().message);
  CHECK(outcome.error().code == fault_code::disk);
  CHECK_FALSE(outcome.error().message.empty());
  return true;
}

constexpr std::size_t kilo = 1024;

} // namespace

TEST_CASE("files that may not grow hold the work, wherever it is") {
  media_lab lab;
  make_film(lab);
  auto in = dub_of(lab);
  {
    file_limit limit{300 * kilo};
    CHECK(held(lab.extract("film.mp4")));
    CHECK(lab.scratch_empties());
  }
  CHECK(lab.extract("film.mp4"));
  auto times_held = 0;
  for (auto size : {1, 400, 800, 3'000}) { // plan, speech, speech, none
    file_limit limit{static_cast<rlim_t>(size) * kilo};
    times_held += held(lab.merge(in));
    CHECK(lab.scratch_empties());
  }
  CHECK(times_held == 3);
}

TEST_CASE("a full scratch disk holds the work until there is room") {
  media_lab lab;
  make_film(lab);
  auto in = dub_of(lab);
  auto times_held = 0, done = 0;
  for (auto size : {64, 400, 800, 1'600, 2'400, 3'200, 20'000}) {
    small_disk disk{lab.scratch_root(), static_cast<std::size_t>(size) * kilo};
    if (!disk.there()) // the case above stands for it
      break;
    for (auto& outcome : {lab.extract("film.mp4"), lab.merge(in)})
      ++(held(outcome) ? times_held : done);
    CHECK(lab.scratch_empties());
    if (size == 20'000)
      CHECK(done >= 2);
    if (size == 64)
      CHECK(times_held == 2);
  }
}

TEST_CASE("a full store holds the work until there is room") {
  media_lab lab;
  small_disk disk{lab.root.file("store"), 6'000 * kilo};
  make_film(lab);
  auto in = dub_of(lab);
  lab.shell("head -c 9000000 /dev/zero > " + lab.object("ballast").string()
            + " 2>/dev/null || true");
  if (disk.there()) {
    CHECK(held(lab.extract("film.mp4")));
    CHECK(held(lab.merge(in)));
    CHECK(lab.scratch_empties());
  }
  std::filesystem::remove(lab.object("ballast"));
  CHECK(lab.extract("film.mp4"));
  CHECK(lab.merge(in));
}
