#include "clients/local_store.hpp"

#include "tests/support/catch.hpp"

#include <unistd.h>

#include <fstream>

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
  fs::last_write_time(path, fs::file_time_type{});
  REQUIRE(f.store.store_artifact(f.file("abc")));
  CHECK(fs::last_write_time(path) == fs::file_time_type{});
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
