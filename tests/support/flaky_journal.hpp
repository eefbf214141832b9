#pragma once

#include "journal/memory_journal.hpp"

#include <functional>
#include <set>

namespace dubber::test {

/// A memory journal that is away when the test says so. What it holds outlives
/// the actors, as a disk does.
class flaky_journal : public memory_journal {
public:
  result<std::uint64_t> open_epoch() override {
    if (!epoch_trouble.empty())
      return fault{fault_code::disk, epoch_trouble, 0, {}};
    return memory_journal::open_epoch();
  }

  using journal::commit;
  result<std::vector<append_outcome>>
  commit(std::span<const journal_append* const> batch) override {
    if (!commit_trouble.empty()) {
      ++failed_commits;
      return fault{fault_code::disk, commit_trouble, 0, {}};
    }
    if (on_commit)
      on_commit(batch);
    return memory_journal::commit(batch);
  }

  result<std::vector<stored_event>> read(std::uint64_t job_no,
                                         std::uint64_t after_seq,
                                         std::size_t limit) override {
    auto& trouble = read_trouble.empty() ? history_trouble : read_trouble;
    if (!trouble.empty() || unreadable_jobs.count(job_no))
      return fault{fault_code::disk, trouble, 0, {}};
    if (on_read)
      on_read(job_no);
    return memory_journal::read(job_no, after_seq, limit);
  }

  result<std::vector<job_row>> list(const row_filter& filter,
                                    std::uint64_t before,
                                    std::size_t limit) override {
    if (!read_trouble.empty())
      return fault{fault_code::disk, read_trouble, 0, {}};
    return memory_journal::list(filter, before, limit);
  }

  result<std::optional<work_result>>
  find_result(const std::string& key) override {
    if (!result_trouble.empty())
      return fault{fault_code::disk, result_trouble, 0, {}};
    return memory_journal::find_result(key);
  }

  result<std::vector<job_row>> list_ended(time_point before,
                                          std::size_t limit) override {
    if (on_upkeep)
      on_upkeep();
    return memory_journal::list_ended(before, limit);
  }

  std::string commit_trouble;              ///< not empty: commits fail with it
  std::string read_trouble;                ///< all reads
  std::string epoch_trouble;               ///< taking it over
  std::string history_trouble;             ///< those of histories
  std::set<std::uint64_t> unreadable_jobs; ///< their histories
  std::string result_trouble;              ///< those of kept results
  int failed_commits = 0;
  /// May throw as a bug would.
  std::function<void(std::span<const journal_append* const>)> on_commit;
  std::function<void(std::uint64_t)> on_read;
  std::function<void()> on_upkeep;
};

} // namespace dubber::test
