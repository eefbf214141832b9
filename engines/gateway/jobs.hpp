#pragma once

#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

struct sqlite3;

namespace dubber {

/// A row of the gateway's table; empty keys are null outside.
struct gateway_job {
  int64_t id = 0;
  std::string source_key;
  std::string output_key;
  std::string target_language;
  std::string options_json = "{}";
  std::string status = "QUEUED";
  int progress = 0;
  std::string time_remaining;
  std::string activity;
  std::string created_at;
  std::string updated_at;
};

/// The gateway's jobs in SQLite. Safe from any thread; errors of the database
/// are thrown as std::runtime_error.
class job_table {
public:
  explicit job_table(const std::filesystem::path& file);
  ~job_table();
  job_table(const job_table&) = delete;
  job_table& operator=(const job_table&) = delete;

  /// Stores a new row; the id it got (from 1).
  int64_t insert(const gateway_job& job);
  std::optional<gateway_job> find(int64_t id);
  /// Writes the whole row, without a version, as the platform's gateway does.
  void save(const gateway_job& job);
  void remove(int64_t id);
  /// The oldest jobs that nobody has begun.
  std::vector<int64_t> queued(int64_t most);

private:
  std::mutex mutex_;
  sqlite3* db_ = nullptr;
};

} // namespace dubber
