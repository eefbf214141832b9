#pragma once

#include "journal/journal.hpp"
#include "journal/sqlite/database.hpp"
#include "journal/sqlite/owner_lock.hpp"

#include <mutex>

namespace dubber::sqlite {

/// Tables in docs/journal-format.md. One connection writes; another, read-only
/// one serves the readers under a lock of its own.
class sqlite_journal : public journal {
public:
  /// Throws `failure`.
  explicit sqlite_journal(const std::string& path);

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
  append_outcome apply(const journal_append& x, std::uint64_t epoch);
  append_outcome apply_events(const journal_append& x);
  void keep(const note& what);
  void keep(const kept_result& what);
  void forget_results_with(const std::string& artifact);
  void write_row(const job_row& row);
  result<std::vector<stored_event>> events(statement& select,
                                           std::uint64_t first,
                                           std::uint64_t second, bool two_keys,
                                           std::size_t limit);

  owner_lock lock_;
  std::mutex write_mutex_;
  database write_;
  struct write_statements;
  std::shared_ptr<write_statements> put_;

  std::mutex read_mutex_;
  database read_;
  struct read_statements;
  std::shared_ptr<read_statements> get_;
};

/// What an artifact is called in `artifact_refs`: the first 8 bytes of its
/// hash; nothing for other keys.
std::optional<std::int64_t> artifact_number(const std::string& key);

/// Undoes a transaction that did not come to its end.
class transaction {
public:
  /// Throws `failure`.
  explicit transaction(database& db);
  ~transaction();
  transaction(const transaction&) = delete;
  transaction& operator=(const transaction&) = delete;
  void commit();

private:
  database& db_;
  bool open_ = true;
};

/// Columns of `row_of`, for a SELECT on `jobs`.
extern const char* const row_columns;
job_row row_of(const statement& s);

/// Makes a new file a journal, or checks that it is one.
void prepare_schema(database& db, const std::string& path);

} // namespace dubber::sqlite
