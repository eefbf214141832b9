#include "clients/digest.hpp"
#include "tests/contract/each_store.hpp"

#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>

using namespace dubber;
using dubber::test::s3_under_test;
using dubber::test::store_lab;

/// What only an S3 store can meet with. Run by tests/integration/s3_test.py,
/// which has started a server.

namespace {

s3_store open(store_lab& lab, const s3_settings& where,
              s3_store::limits how = s3_under_test::limits()) {
  return {s3_client{lab.http, where}, lab.pool, how};
}

struct here {
  store_lab lab;
  s3_settings where = s3_under_test::settings();

  ~here() {
    lab.pool.stop();
  }
};

result<http_response> fetch(store_lab& lab, const std::string& url) {
  return store_lab::wait<http_response>([&](auto f) {
    http_request ask;
    ask.url = url;
    return lab.http.send(ask, std::move(f));
  });
}

} // namespace

TEST_CASE("S3 server: a wrong secret is the store's trouble, and not told",
          "[.s3]") {
  here h;
  h.where.keys.secret_key = "not-the-secret";
  auto store = open(h.lab, h.where);
  auto stored = h.lab.put(store, h.lab.file("x"), "k");
  REQUIRE(!stored);
  CHECK(stored.error().code == fault_code::disk);
  CHECK(stored.error().message.find("403") != std::string::npos);
  CHECK(stored.error().message.find("not-the-secret") == std::string::npos);
  CHECK(h.lab.get(store, "k").error().code == fault_code::disk);
}

TEST_CASE("S3 server: without its bucket nothing counts as lost", "[.s3]") {
  here h;
  h.where.bucket = "no-such-bucket";
  auto store = open(h.lab, h.where);
  auto gone = h.lab.get(store, "k");
  REQUIRE(!gone);
  CHECK(gone.error().code == fault_code::disk);
  CHECK(gone.error().message.find("no-such-bucket") != std::string::npos);
  CHECK(h.lab.put(store, h.lab.file("x"), "k").error().code
        == fault_code::disk);
  auto missing = h.lab.wait<std::vector<std::string>>(
    [&](auto f) { return store.missing({"k"}, ms{5'000}, std::move(f)); });
  REQUIRE(!missing);
  CHECK(missing.error().code == fault_code::disk);
}

TEST_CASE("S3 server: nobody there is the store's trouble", "[.s3]") {
  here h;
  h.where.endpoint = "http://127.0.0.1:9";
  auto store = open(h.lab, h.where);
  auto gone = h.lab.get(store, "k");
  REQUIRE(!gone);
  CHECK(gone.error().code == fault_code::disk);
}

TEST_CASE("S3 server: presigned URLs, and changed ones", "[.s3]") {
  here h;
  auto store = open(h.lab, h.where);
  std::string key = "results/dubbed é+1 (2).mp4";
  REQUIRE(h.lab.put(store, h.lab.file("hello"), key));
  auto now = std::chrono::time_point_cast<ms>(std::chrono::system_clock::now());
  auto url = store.presigned(
    key, now, ms{60'000},
    {{"response-content-type", "video/x-test"},
     {"response-content-disposition", "attachment; filename=\"a b.mp4\""}});
  CHECK(url.find(h.where.keys.secret_key) == std::string::npos);
  auto good = fetch(h.lab, url);
  REQUIRE(good);
  CHECK(good->status == 200);
  CHECK(good->body == "hello");
  CHECK(good->header("Content-Type") == "video/x-test");
  CHECK(good->header("Content-Disposition")
        == "attachment; filename=\"a b.mp4\"");
  auto changed = url;
  changed.replace(changed.find("x-test"), 6, "x-evil");
  CHECK(fetch(h.lab, changed)->status == 403);
  auto old = store.presigned(key, now - ms{120'000}, ms{60'000}, {});
  CHECK(fetch(h.lab, old)->status == 403);
  CHECK(h.lab.remove(store, key));
}

TEST_CASE("S3 server: uploads that nobody ended are swept", "[.s3]") {
  here h;
  s3_client client{h.lab.http, h.where};
  task_clock clock{ms{30'000}, std::make_shared<std::atomic<bool>>(false)};
  auto id = client.begin_upload("artifacts/left", "", clock);
  REQUIRE(id);
  auto how = s3_under_test::limits();
  auto young = open(h.lab, h.where, how);
  how.upload_age = ms{-60'000};
  auto store = open(h.lab, h.where, how);
  auto nothing = [](const std::string&) {
    return false;
  };
  h.lab.sweep(young, "artifacts/", {}, nothing);
  auto there = client.uploads("artifacts/", clock);
  REQUIRE(there);
  REQUIRE(there->size() == 1);
  CHECK(there->front().key == "artifacts/left");
  h.lab.sweep(store, "artifacts/", {}, nothing);
  CHECK(client.uploads("artifacts/", clock)->empty());
}

TEST_CASE("S3 server: a content that changes while it is read is noticed",
          "[.s3]") {
  here h;
  auto store = open(h.lab, h.where);
  REQUIRE(h.lab.put(store, h.lab.file("first"), "k"));
  s3_client client{h.lab.http, h.where};
  task_clock clock{ms{30'000}, std::make_shared<std::atomic<bool>>(false)};
  auto etag = client.head("k", clock)->etag;
  REQUIRE(h.lab.put(store, h.lab.file("other"), "k"));
  auto part = client.get("k", etag, 0, 4, h.lab.root / "part", clock);
  REQUIRE(!part);
  CHECK(part.error().code == fault_code::server_error);
  CHECK(h.lab.remove(store, "k"));
}

TEST_CASE("S3 server: a big object takes little memory", "[.s3]") {
  here h;
  auto store = open(h.lab, h.where, s3_store::limits{});
  auto path = h.lab.root / "big";
  constexpr std::size_t piece = 1 << 20;
  constexpr ms limit{1'800'000};
  auto wanted = std::getenv("DUBBER_TEST_S3_BIG_MB");
  auto pieces = wanted ? std::stoul(wanted) : 300;
  {
    auto text = h.lab.noise(piece);
    std::ofstream out{path, std::ios::binary};
    for (std::size_t i = 0; i < pieces; ++i)
      out << text << i;
  }
  auto peak = [] {
    struct rusage used {};
    ::getrusage(RUSAGE_SELF, &used);
    return used.ru_maxrss / 1'024; // MB
  };
  auto before = peak();
  auto stored = h.lab.wait<artifact>(
    [&](auto f) { return store.put(path, "big.mp4", limit, std::move(f)); });
  REQUIRE(stored);
  CHECK(stored->bytes > piece * pieces);
  auto got = h.lab.wait<object_store::local_file>([&](auto f) {
    return store.get("big.mp4", h.lab.root / "back", limit, std::move(f));
  });
  REQUIRE(got);
  std::printf("%zu MB stored and read: at most %ld MB of memory, %ld more than "
              "before\n",
              pieces, peak(), peak() - before);
  CHECK(peak() - before < 50);
  CHECK(sha256_file(got->path).operator*() == stored->sha256);
  CHECK(h.lab.remove(store, "big.mp4"));
}
