/// A journal's file that another program holds, or that is damaged.
#include "journal/sqlite/database.hpp"
#include "tests/contract/journal_samples.hpp"
#include "tests/support/catch.hpp"

#include <filesystem>
#include <fstream>

using namespace dubber;
using test::append_of;

TEST_CASE("a journal that another program has locked is away meanwhile") {
  test::temp_folder folder;
  auto path = folder.file("journal.db");
  auto j = open_sqlite_journal(path);
  REQUIRE(j);
  auto epoch = *(*j)->open_epoch();
  std::vector<journal_append> batch{append_of(1, epoch, 0, 5)};
  sqlite::database other{path, false}; // sqlite3's shell, say
  other.run("BEGIN IMMEDIATE");
  auto refused = (*j)->commit(batch);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == fault_code::disk);
  CHECK(refused.error().message.find("another process holds it")
        != std::string::npos);
  CHECK((*j)->read(1, 0, 10)->empty()); // it can be read
  other.run("ROLLBACK");
  auto kept = (*j)->commit(batch);
  REQUIRE(kept);
  CHECK_FALSE((*kept)[0].refused);
  CHECK((*j)->read(1, 0, 10)->size() == 5);
}

TEST_CASE("a damaged journal is named as such, and is not written to") {
  test::temp_folder folder;
  auto path = folder.file("journal.db");
  {
    auto j = open_sqlite_journal(path);
    REQUIRE(j);
    auto epoch = *(*j)->open_epoch();
    for (std::uint64_t job_no = 1; job_no <= 20; ++job_no) {
      std::vector<journal_append> batch{append_of(job_no, epoch, 0, 50)};
      REQUIRE((*j)->commit(batch));
    }
  }
  auto size = std::filesystem::file_size(path);
  REQUIRE(size > 8 * 4'096);
  {
    // All but the first page, which says what the file is.
    std::fstream file{path, std::ios::in | std::ios::out | std::ios::binary};
    file.seekp(4'096);
    file << std::string(size - 4'096, '\xee');
  }
  auto j = open_sqlite_journal(path);
  auto why = j ? std::string{} : j.error().message;
  if (j) {
    auto read = (*j)->read(1, 0, 100);
    REQUIRE_FALSE(read);
    why = read.error().message;
  }
  CHECK(why.find("the file is damaged; restore it from a backup")
        != std::string::npos);
  CHECK(why.find(path) != std::string::npos);
}
