#pragma once

#include "clients/local_store.hpp"
#include "clients/s3/s3_store.hpp"
#include "tests/support/catch.hpp"

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <functional>
#include <future>
#include <memory>
#include <random>
#include <string>

namespace dubber::test {

namespace fs = std::filesystem;

/// The real S3 server that tests/integration/s3_test.py has started.
struct s3_under_test {
  static std::string env(const char* name) {
    auto value = std::getenv(name);
    return value ? value : "";
  }
  static bool is_there() {
    return !env("DUBBER_TEST_S3_ENDPOINT").empty();
  }
  static s3_settings settings() {
    s3_settings out;
    out.endpoint = env("DUBBER_TEST_S3_ENDPOINT");
    out.bucket = env("DUBBER_TEST_S3_BUCKET");
    out.keys.access_key = env("DUBBER_TEST_S3_ACCESS_KEY");
    out.keys.secret_key = env("DUBBER_TEST_S3_SECRET_KEY");
    return out;
  }
  /// Parts as small as S3 takes them.
  static s3_store::limits limits() {
    s3_store::limits out;
    out.part_bytes = 5 << 20;
    out.pause = ms{20};
    return out;
  }
};

/// A folder, threads, and what a store is asked with, waiting.
struct store_lab {
  fs::path root = fs::temp_directory_path()
                  / ("dubber-each-store-" + std::to_string(::getpid()));
  work_pool pool{4};
  http_client http;

  store_lab() {
    fs::create_directories(root);
  }
  ~store_lab() {
    pool.stop();
    fs::remove_all(root);
  }
  store_lab(const store_lab&) = delete;
  store_lab& operator=(const store_lab&) = delete;

  fs::path file(std::string_view text, const char* name = "file") const {
    auto path = root / name;
    std::ofstream{path, std::ios::binary} << text;
    return path;
  }
  static std::string content(const fs::path& path) {
    std::ifstream in{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
  }
  static std::string noise(std::size_t bytes) {
    std::mt19937_64 dice{bytes};
    std::string out(bytes, '\0');
    for (auto& c : out)
      c = static_cast<char>(dice());
    return out;
  }

  template <class T, class F>
  static result<T> wait(const F& start) {
    auto told = std::make_shared<std::promise<result<T>>>();
    auto there = told->get_future();
    auto handle = start([told](result<T> x) { told->set_value(std::move(x)); });
    return there.get();
  }

  static result<artifact> put(object_store& s, const fs::path& file,
                              const std::string& key) {
    return wait<artifact>(
      [&](auto f) { return s.put(file, key, ms{60'000}, std::move(f)); });
  }
  static result<artifact> put_artifact(object_store& s, const fs::path& file) {
    return wait<artifact>(
      [&](auto f) { return s.put_artifact(file, ms{60'000}, std::move(f)); });
  }
  result<std::string> get(object_store& s, const std::string& key) const {
    auto file = wait<object_store::local_file>([&](auto f) {
      return s.get(key, root / "got", ms{60'000}, std::move(f));
    });
    if (!file)
      return file.error();
    return content(file->path);
  }
  static result<std::string> identify(object_store& s, const std::string& key) {
    return wait<std::string>(
      [&](auto f) { return s.identify(key, ms{60'000}, std::move(f)); });
  }
  static result<artifact> copy(object_store& s, const std::string& from,
                               const std::string& to) {
    return wait<artifact>(
      [&](auto f) { return s.copy(from, to, ms{60'000}, std::move(f)); });
  }
  static result<done> remove(object_store& s, const std::string& key) {
    return wait<done>(
      [&](auto f) { return s.remove(key, ms{60'000}, std::move(f)); });
  }
  static std::vector<std::string> missing(object_store& s,
                                          std::vector<std::string> keys) {
    auto out = wait<std::vector<std::string>>(
      [&](auto f) { return s.missing(keys, ms{60'000}, std::move(f)); });
    REQUIRE(out);
    return *out;
  }
  static sweep_result sweep(object_store& s, const std::string& prefix,
                            time_point before,
                            std::function<bool(const std::string&)> unwanted) {
    auto out = wait<sweep_result>([&](auto f) {
      return s.sweep(prefix, before, unwanted, ms{60'000}, std::move(f));
    });
    REQUIRE(out);
    return *out;
  }
};

/// Runs a test against a folder, or, when there is one, against the S3 server.
inline void
each_store(const std::function<void(store_lab&, object_store&)>& run) {
  store_lab lab;
  if (s3_under_test::is_there()) {
    s3_store store{s3_client{lab.http, s3_under_test::settings()}, lab.pool,
                   s3_under_test::limits()};
    run(lab, store);
    lab.pool.stop();
    return;
  }
  fs::create_directories(lab.root / "store/artifacts");
  local_store store{lab.root / "store", lab.pool};
  run(lab, store);
  lab.pool.stop();
}

} // namespace dubber::test
