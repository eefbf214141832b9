/// What SQLite's journal promises beyond the contract: files and processes.
#include "journal/sqlite/database.hpp"
#include "tests/contract/journal_samples.hpp"
#include "tests/support/catch.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <sstream>

using namespace dubber;
using test::append_of;

namespace {

std::string refusal(const std::string& path) {
  auto j = open_sqlite_journal(path);
  REQUIRE_FALSE(j);
  CHECK(j.error().code == fault_code::disk);
  CHECK(j.error().message.find(path) != std::string::npos);
  return j.error().message;
}

/// Writes one event after the other and tells each acknowledged number.
[[noreturn]] void write_until_killed(const std::string& path, int pipe) {
  auto j = open_sqlite_journal(path);
  if (!j)
    ::_exit(1);
  auto epoch = *(*j)->open_epoch();
  for (std::uint64_t n = 0;; ++n) {
    std::vector<journal_append> batch{append_of(1, epoch, n)};
    auto out = (*j)->commit(batch);
    auto seq = n + 1;
    if (!out || ::write(pipe, &seq, sizeof seq) != sizeof seq)
      ::_exit(1);
  }
}

} // namespace

TEST_CASE("a journal that is opened again has everything") {
  test::temp_folder folder;
  auto path = folder.file("journal.db");
  std::uint64_t first = 0;
  {
    auto j = open_sqlite_journal(path);
    REQUIRE(j);
    first = *(*j)->open_epoch();
    std::vector<journal_append> batch{append_of(1, first, 0, 5)};
    REQUIRE((*j)->commit(batch));
    CHECK(refusal(path).find("another process owns it") != std::string::npos);
  }
  auto j = open_sqlite_journal(path);
  REQUIRE(j);
  CHECK((*j)->read(1, 0, 10)->size() == 5);
  CHECK(*(*j)->open_epoch() == first + 1);
}

TEST_CASE("kill -9 loses nothing that was acknowledged") {
  test::temp_folder folder;
  auto path = folder.file("journal.db");
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  auto child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0)
    write_until_killed(path, ends[1]);
  ::close(ends[1]);
  std::uint64_t acknowledged = 0, seq = 0;
  while (acknowledged < 30 && ::read(ends[0], &seq, sizeof seq) == sizeof seq)
    acknowledged = seq;
  ::kill(child, SIGKILL);
  while (::read(ends[0], &seq, sizeof seq) == sizeof seq)
    acknowledged = seq;
  ::close(ends[0]);
  ::waitpid(child, nullptr, 0);
  REQUIRE(acknowledged >= 30);
  auto j = open_sqlite_journal(path);
  REQUIRE(j);
  auto found = (*j)->read(1, 0, 1'000'000)->size();
  CHECK(found >= acknowledged);
  CHECK(found <= acknowledged + 1);
}

TEST_CASE("files that are no journal of ours are refused by name") {
  test::temp_folder folder;
  auto path = folder.file("journal.db");
  SECTION("garbage") {
    std::ofstream{path} << std::string(8'192, 'x');
    CHECK(refusal(path).find("not a journal") != std::string::npos);
  }
  SECTION("a folder") {
    std::filesystem::create_directory(path);
    CHECK(refusal(path).find("cannot be opened") != std::string::npos);
  }
  SECTION("a folder that is not there") {
    CHECK(refusal(folder.file("no/journal.db")).find("check the folder")
          != std::string::npos);
  }
  SECTION("a newer format") {
    REQUIRE(open_sqlite_journal(path));
    std::fstream f{path, std::ios::in | std::ios::out | std::ios::binary};
    f.seekp(63); // the last byte of SQLite's user_version
    f.put(9);
    f.close();
    CHECK(refusal(path).find("newer program (format 9") != std::string::npos);
  }
}

TEST_CASE("a file of format 1 is brought up to date") {
  test::temp_folder folder;
  auto path = folder.file("journal.db");
  const std::string key = "artifacts/00ff00ff00ff00ff0123";
  {
    auto j = open_sqlite_journal(path);
    REQUIRE(j);
    auto one = append_of(1, *(*j)->open_epoch(), 0, 1);
    one.events[0].body
      = ev::item_completed{"tts", 0, 1, spoken{{key, "00ff", 3}, 1.5, 1}};
    std::vector<journal_append> batch{one};
    REQUIRE((*j)->commit(batch));
  }
  // What format 2 added, undone.
  {
    sqlite::database db{path, false};
    db.run("DROP TABLE artifact_refs; DROP INDEX jobs_ended; ALTER TABLE jobs "
           "DROP COLUMN pruned; DROP TABLE notes; DROP TABLE results; DROP "
           "TABLE result_artifacts; PRAGMA user_version=1");
  }
  auto j = open_sqlite_journal(path);
  REQUIRE(j);
  CHECK((*j)->read(1, 0, 10)->size() == 1);
  CHECK(*(*j)->is_named(key, time_point{ms{9'000}}));
  CHECK_FALSE((*(*j)->find(1))->pruned);
  CHECK((*j)->notes("request")->empty());
}

TEST_CASE("a file of format 4 learns who names files that have no hash") {
  test::temp_folder folder;
  auto path = folder.file("journal.db");
  const std::string sound = "artifacts/1-1-extract-3f-0a1b2c.wav";
  const std::string shared = "artifacts/2-1-extract-3f-0a1b2c.wav";
  {
    auto j = open_sqlite_journal(path);
    REQUIRE(j);
    auto one = append_of(1, *(*j)->open_epoch(), 0, 1);
    extracted heard;
    heard.audio = {sound, "00ff", 3};
    one.events[0].body = ev::stage_completed{"extract", 1, heard};
    heard.audio.key = shared;
    one.results = {{"ab12", heard, time_point{ms{7}}},
                   {"cd34", translated{"salut"}, time_point{ms{7}}}};
    std::vector<journal_append> batch{one};
    REQUIRE((*j)->commit(batch));
  }
  {
    sqlite::database db{path, false};
    db.run("DELETE FROM artifact_refs; DELETE FROM result_artifacts; "
           "UPDATE results SET value='{' WHERE value LIKE '%salut%'; "
           "PRAGMA user_version=4");
  }
  auto j = open_sqlite_journal(path);
  REQUIRE(j);
  CHECK(*(*j)->is_named(sound, time_point{ms{9'000}}));
  CHECK(*(*j)->is_named(shared, time_point{ms{9'000}}));
  // What could not be read is no use to anybody.
  CHECK((*j)->result_numbers()->size() == 1);
}

TEST_CASE("a kept file of format 2 is brought up to date, and is no other") {
  test::temp_folder folder;
  auto path = folder.file("journal.db");
  {
    std::ostringstream text;
    text << std::ifstream{KEPT_SAMPLES "/format-2.sql"}.rdbuf();
    sqlite::database db{path, false};
    db.run(text.str().c_str());
  }
  for (auto again = 0; again < 2; ++again) {
    auto j = open_sqlite_journal(path);
    REQUIRE(j);
    auto all = (*j)->read(1, 0, 100);
    REQUIRE(all);
    CHECK(all->size() == 22);
    CHECK(type_name(all->back().what.body) == "job.completed");
    auto row = (*j)->find(1);
    REQUIRE(row);
    CHECK((*row)->source_object_key == "1_clip.mov");
    CHECK((*row)->owes_report);
    auto notes = (*j)->notes("order");
    REQUIRE(notes);
    CHECK(notes->size() == static_cast<std::size_t>(again));
    CHECK((*j)->result_numbers()->size() == static_cast<std::size_t>(again));
    journal_append kept;
    kept.epoch = *(*j)->open_epoch();
    kept.notes = {{"order", "asr", "{}", time_point{ms{7}}}};
    kept.results = {{"ab12", translated{"salut"}, time_point{ms{7}}}};
    std::vector<journal_append> batch{kept};
    auto out = (*j)->commit(batch);
    REQUIRE(out);
    CHECK_FALSE((*out)[0].refused);
  }
}
