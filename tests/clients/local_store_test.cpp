#include "clients/local_store.hpp"

#include "tests/support/catch.hpp"

#include <unistd.h>

#include <chrono>
#include <fstream>
#include <future>

namespace fs = std::filesystem;
using namespace dubber;

namespace {

struct fixture {
  fs::path root = fs::temp_directory_path()
                  / ("dubber-store-test-" + std::to_string(::getpid()));
  work_pool pool{1};
  local_store store{root / "store", pool};

  fixture() {
    fs::create_directories(root);
  }
  ~fixture() {
    fs::remove_all(root);
  }
  fs::path file(const std::string& text) const {
    auto path = root / "file";
    std::ofstream{path} << text;
    return path;
  }
  static std::string content(const fs::path& path) {
    std::ifstream in{path};
    return {std::istreambuf_iterator<char>{in}, {}};
  }
};

} // namespace

TEST_CASE("what was stored under any gateway's key comes back") {
  fixture f;
  for (auto key : {"1700_a film.mp4", "1700_фильм é.mkv", "a/b/c", "-i.mp4"}) {
    auto stored = f.store.store(f.file(key), key);
    REQUIRE(stored);
    CHECK(stored->bytes == std::string{key}.size());
    auto there = f.store.locate(key);
    REQUIRE(there);
    CHECK(f.content(*there) == key);
  }
}

TEST_CASE("no key leaves the store's folder") {
  fixture f;
  auto file = f.file("x");
  for (auto key :
       {std::string{}, std::string{"/etc/passwd"}, std::string{"../file"},
        std::string{"a/../../file"}, std::string{"./a"}, std::string{"a\0b", 3},
        std::string(256, 'a'), std::string{".dubber-tmp-1-1"}}) {
    CHECK_FALSE(f.store.locate(key));
    CHECK_FALSE(f.store.store(file, key));
  }
  fs::create_directories(f.root / "store");
  fs::create_symlink(file, f.root / "store" / "link");
  CHECK_FALSE(f.store.locate("link"));
}

TEST_CASE("an artifact is named by its content and written once") {
  fixture f;
  auto first = f.store.store_artifact(f.file("abc"));
  REQUIRE(first);
  CHECK(first->key
        == "artifacts/ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61"
           "f20015ad");
  auto path = *f.store.locate(first->key);
  // A second name shows whether the file is another one afterwards.
  fs::create_hard_link(path, f.root / "same");
  auto hour_ago = fs::file_time_type::clock::now() - std::chrono::hours{1};
  fs::last_write_time(path, hour_ago - std::chrono::hours{1});
  REQUIRE(f.store.store_artifact(f.file("abc")));
  CHECK(fs::hard_link_count(path) == 2);
  // It is as good as new for the sweep.
  CHECK(fs::last_write_time(path) > hour_ago);
}

TEST_CASE("a store that is away has lost nothing") {
  fixture f;
  fs::create_directories(f.root / "store" / "artifacts");
  local_store store{f.root / "store", f.pool};
  REQUIRE(store.store(f.file("film"), "1_film.mp4"));
  auto kept = store.store_artifact(f.file("sound"));
  REQUIRE(kept);
  auto away = f.root / "elsewhere"; // as when the disk is not mounted any more
  fs::rename(f.root / "store", away);
  fs::create_directory(f.root / "store");
  auto check_away = [](const auto& outcome) {
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().code == fault_code::disk);
    CHECK(outcome.error().message.find("the store is away")
          != std::string::npos);
    CHECK(outcome.error().subject.empty()); // nothing has to be made again
  };
  check_away(store.locate("1_film.mp4"));
  check_away(store.locate(kept->key));
  check_away(store.store(f.file("dub"), "dubbed_1.mp4"));
  check_away(store.store_artifact(f.file("speech")));
  CHECK(fs::is_empty(f.root / "store")); // nor was anything written beside it
  fs::remove(f.root / "store");
  fs::rename(away, f.root / "store");
  CHECK(store.locate("1_film.mp4"));
  CHECK(store.locate(kept->key));
  CHECK(store.locate("2_film.mp4").error().code == fault_code::not_found);
}

TEST_CASE("content has one name, whatever the file is called") {
  fixture f;
  auto name_of = [&](const std::string& key) {
    std::promise<result<std::string>> told;
    auto call = f.store.identify(key, ms{10'000}, [&](result<std::string> x) {
      told.set_value(std::move(x));
    });
    return told.get_future().get();
  };
  REQUIRE(f.store.store(f.file("one"), "1_a.mp4"));
  REQUIRE(f.store.store(f.file("one"), "2_b.mp4"));
  auto name = name_of("1_a.mp4");
  REQUIRE(name);
  CHECK(name->starts_with("sha256:"));
  CHECK(*name_of("2_b.mp4") == *name);
  // It is known by now, and read again when it is another file.
  CHECK(*name_of("1_a.mp4") == *name);
  REQUIRE(f.store.store(f.file("two"), "1_a.mp4"));
  CHECK(*name_of("1_a.mp4") != *name);
  auto none = name_of("3_c.mp4");
  REQUIRE_FALSE(none);
  CHECK(none.error().code == fault_code::not_found);
}

TEST_CASE("a sweep removes what is old and unwanted, and nothing else") {
  fixture f;
  auto old = *f.store.store_artifact(f.file("old"));
  auto wanted = *f.store.store_artifact(f.file("wanted"));
  auto fresh = *f.store.store_artifact(f.file("fresh"));
  REQUIRE(f.store.store(f.file("result"), "dubbed_1.mp4"));
  for (auto& x : {old, wanted})
    fs::last_write_time(*f.store.locate(x.key), fs::file_time_type::clock::now()
                                                  - std::chrono::hours{2});
  auto before = std::chrono::floor<ms>(std::chrono::system_clock::now())
                - std::chrono::hours{1};
  std::promise<result<sweep_result>> swept;
  auto call = f.store.sweep(
    "artifacts/", before,
    [&](const std::string& key) { return key != wanted.key; }, ms{10'000},
    [&](result<sweep_result> r) { swept.set_value(std::move(r)); });
  auto out = swept.get_future().get();
  call.release();
  REQUIRE(out);
  CHECK(out->removed == 1);
  CHECK(out->bytes == 3);
  CHECK_FALSE(f.store.locate(old.key));
  CHECK(f.store.locate(wanted.key));
  CHECK(f.store.locate(fresh.key));
  CHECK(f.store.locate("dubbed_1.mp4"));
}

TEST_CASE("what cannot be written leaves nothing behind") {
  fixture f;
  std::ofstream{f.root / "store"} << "a file where the folder should be";
  auto stored = f.store.store(f.file("x"), "key");
  REQUIRE_FALSE(stored);
  CHECK(stored.error().code == fault_code::disk);
}

TEST_CASE("an unreadable source leaves no temporary file") {
  fixture f;
  CHECK_FALSE(f.store.store(f.root / "absent", "key"));
  CHECK_FALSE(fs::exists(f.root / "store" / "key"));
}

TEST_CASE("sweep removes what a killed process left, and nothing else") {
  fixture f;
  REQUIRE(f.store.store(f.file("x"), "a/b"));
  auto left = f.root / "store" / "a" / ".dubber-tmp-1-1";
  std::ofstream{left} << "half";
  f.store.sweep();
  CHECK_FALSE(fs::exists(left));
  CHECK(f.store.locate("a/b"));
}
