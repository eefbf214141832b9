#include "clients/digest.hpp"
#include "tests/contract/each_store.hpp"

#include <chrono>

using namespace dubber;
using dubber::test::each_store;
using dubber::test::store_lab;

/// What every store promises. By themselves these run against a folder;
/// tests/integration/s3_test.py runs them against a real S3 server.

namespace {

dubber::time_point now() {
  return std::chrono::time_point_cast<ms>(std::chrono::system_clock::now());
}

} // namespace

TEST_CASE("object store: what was stored under any gateway's key comes back") {
  each_store([](store_lab& lab, object_store& store) {
    for (std::string key :
         {"1700_a film.mp4", "1700_фильм é.mkv", "a/b/c", "-i.mp4",
          "1+1 (2)'!*=&@:,;$#?%.mp4", "~._-", "100%25.mp4"}) {
      INFO(key);
      auto stored = lab.put(store, lab.file(key), key);
      REQUIRE(stored);
      CHECK(stored->key == key);
      CHECK(stored->bytes == key.size());
      CHECK(stored->sha256 == sha256_hex(key));
      auto there = lab.get(store, key);
      REQUIRE(there);
      CHECK(*there == key);
      CHECK(lab.remove(store, key));
    }
  });
}

TEST_CASE("object store: no strange key is used") {
  each_store([](store_lab& lab, object_store& store) {
    for (auto key :
         {std::string{}, std::string{"/etc/passwd"}, std::string{"../file"},
          std::string{"a/../../file"}, std::string{"./a"},
          std::string{"a\0b", 3}, std::string(1'025, 'a')}) {
      CHECK(lab.put(store, lab.file("x"), key).error().code
            == fault_code::refused);
      CHECK(!lab.get(store, key));
    }
  });
}

TEST_CASE("object store: what is not there is named") {
  each_store([](store_lab& lab, object_store& store) {
    auto gone = lab.get(store, "never/there");
    REQUIRE(!gone);
    CHECK(gone.error().code == fault_code::not_found);
    CHECK(gone.error().subject == "never/there");
    CHECK(lab.copy(store, "never/there", "x").error().code
          == fault_code::not_found);
    CHECK(lab.identify(store, "never/there").error().code
          == fault_code::not_found);
    REQUIRE(lab.put(store, lab.file("x"), "is/there"));
    CHECK(lab.missing(store, {"is/there", "never/there", "nor/this"})
          == std::vector<std::string>{"never/there", "nor/this"});
    CHECK(lab.remove(store, "never/there"));
    CHECK(lab.remove(store, "is/there"));
  });
}

TEST_CASE("object store: a new content takes the place of the old one") {
  each_store([](store_lab& lab, object_store& store) {
    REQUIRE(lab.put(store, lab.file("one"), "film.mp4"));
    auto first = lab.identify(store, "film.mp4");
    REQUIRE(lab.put(store, lab.file("two, longer"), "film.mp4"));
    auto second = lab.identify(store, "film.mp4");
    REQUIRE(lab.put(store, lab.file("one"), "copy.mp4"));
    auto third = lab.identify(store, "copy.mp4");
    REQUIRE(first);
    REQUIRE(second);
    REQUIRE(third);
    CHECK(*first != *second);
    CHECK(*first == *third);
    CHECK(*lab.get(store, "film.mp4") == "two, longer");
    CHECK(lab.remove(store, "film.mp4"));
    CHECK(lab.remove(store, "copy.mp4"));
  });
}

TEST_CASE("object store: artifacts are called by their content, and copied") {
  each_store([](store_lab& lab, object_store& store) {
    auto first = lab.put_artifact(store, lab.file("sound"));
    REQUIRE(first);
    CHECK(first->key == "artifacts/" + sha256_hex("sound"));
    auto again = lab.put_artifact(store, lab.file("sound"));
    REQUIRE(again);
    CHECK(*again == *first);
    auto copied = lab.copy(store, first->key, "dubbed_1 ü.mp4");
    REQUIRE(copied);
    CHECK(copied->sha256 == first->sha256);
    CHECK(copied->bytes == 5);
    CHECK(*lab.get(store, "dubbed_1 ü.mp4") == "sound");
    CHECK(lab.remove(store, "dubbed_1 ü.mp4"));
    CHECK(lab.remove(store, first->key));
  });
}

TEST_CASE("object store: many parts, or no byte at all") {
  each_store([](store_lab& lab, object_store& store) {
    for (std::size_t bytes : {0, 1, (5 << 20), (5 << 20) + 1, 12'345'678}) {
      INFO(bytes);
      auto text = lab.noise(bytes);
      auto stored = lab.put(store, lab.file(text), "big.mp4");
      REQUIRE(stored);
      CHECK(stored->bytes == bytes);
      CHECK(stored->sha256 == sha256_hex(text));
      auto there = lab.get(store, "big.mp4");
      REQUIRE(there);
      CHECK((*there == text)); // not shown when it differs
    }
    auto kept = lab.put_artifact(store, lab.file(lab.noise(12'345'678)));
    REQUIRE(kept);
    auto copied = lab.copy(store, kept->key, "big.mp4");
    REQUIRE(copied);
    CHECK(copied->bytes == 12'345'678);
    CHECK(lab.remove(store, "big.mp4"));
    CHECK(lab.remove(store, kept->key));
  });
}

TEST_CASE("object store: a sweep takes what is old and unwanted") {
  each_store([](store_lab& lab, object_store& store) {
    auto old = lab.put_artifact(store, lab.file("old"));
    auto wanted = lab.put_artifact(store, lab.file("wanted"));
    REQUIRE(old);
    REQUIRE(wanted);
    REQUIRE(lab.put(store, lab.file("x"), "dubbed_7.mp4"));
    auto unwanted = [&](const std::string& key) {
      return key != wanted->key;
    };
    auto none = lab.sweep(store, "artifacts/", now() - ms{60'000}, unwanted);
    CHECK(none.removed == 0);
    auto all = lab.sweep(store, "artifacts/", now() + ms{60'000}, unwanted);
    CHECK(all.removed == 1);
    CHECK(all.bytes == 3);
    CHECK(lab.missing(store, {old->key, wanted->key, "dubbed_7.mp4"})
          == std::vector<std::string>{old->key});
    CHECK(lab.remove(store, wanted->key));
    CHECK(lab.remove(store, "dubbed_7.mp4"));
  });
}

TEST_CASE("object store: calls that are cancelled leave it well") {
  each_store([](store_lab& lab, object_store& store) {
    REQUIRE(lab.put(store, lab.file("x"), "k"));
    for (int i = 0; i < 50; ++i) {
      auto path = lab.root / ("never" + std::to_string(i));
      auto handle = store.get("k", path, ms{5'000}, [](const auto&) {});
      handle.cancel();
    }
    CHECK(*lab.get(store, "k") == "x");
    CHECK(lab.remove(store, "k"));
  });
}
