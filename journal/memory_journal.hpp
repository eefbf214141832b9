#pragma once

#include "journal/journal.hpp"

#include <map>
#include <mutex>
#include <set>
#include <string>

namespace dubber {

/// The journal's double: the same rules, nothing on disk.
class memory_journal : public journal {
public:
  result<std::uint64_t> open_epoch() override;
  result<std::uint64_t> next_job_no() override;
  using journal::commit;
  result<std::vector<append_outcome>>
  commit(std::span<const journal_append* const> batch) override;
  result<std::vector<stored_event>> read(std::uint64_t job_no,
                                         std::uint64_t after_seq,
                                         std::size_t limit) override;
  result<std::vector<stored_event>> read_all(std::uint64_t after,
                                             std::size_t limit) override;
  result<std::vector<job_row>> list(const row_filter& filter,
                                    std::uint64_t before,
                                    std::size_t limit) override;
  result<std::optional<job_row>> find(std::uint64_t job_no) override;
  result<std::vector<note>> notes(const std::string& area) override;
  result<std::vector<job_row>> list_ended(time_point before,
                                          std::size_t limit) override;
  result<done> prune(std::span<const std::uint64_t> job_nos) override;
  result<bool> is_named(const std::string& key, time_point before) override;
  result<std::optional<work_result>>
  find_result(const std::string& key) override;
  result<std::vector<std::uint64_t>> result_numbers() override;
  result<done> mark_used(std::span<const result_use> uses) override;
  result<result_stock> trim_results(const result_limits& limits) override;

private:
  append_outcome apply(const journal_append& x);
  append_outcome apply_events(const journal_append& x);
  void keep(const note& what);
  void keep_results(const journal_append& x);
  bool in_use(const kept_result& x) const;

  std::mutex mutex_;
  std::uint64_t epoch_ = 0;
  std::vector<stored_event> events_; ///< position = index + 1
  std::map<std::uint64_t, std::vector<std::size_t>> by_job_;
  std::map<std::uint64_t, job_row> rows_;
  std::map<std::string, std::set<std::uint64_t>> named_; ///< key -> jobs
  std::vector<note> notes_; ///< the longest unchanged first
  std::map<std::string, kept_result> results_;
};

/// The refusal both journals give.
fault stale_append(const journal_append& x, const std::string& why);

} // namespace dubber
