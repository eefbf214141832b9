#pragma once

#include "tests/contract/journal_samples.hpp"
#include "tests/support/catch.hpp"

namespace dubber::test {

/// Asks the same of every journal there is, each time of an empty one.
inline void each_journal(void (*promise)(journal&)) {
  SECTION("memory") {
    promise(*make_memory_journal());
  }
  SECTION("SQLite") {
    temp_folder folder;
    auto j = open_sqlite_journal(folder.file("journal.db"));
    REQUIRE(j);
    promise(**j);
  }
}

} // namespace dubber::test
