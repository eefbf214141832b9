#pragma once

#include "journal/journal.hpp"

#include <stdlib.h>

#include <filesystem>

namespace dubber::test {

/// A folder of its own, gone at the end.
class temp_folder {
public:
  temp_folder() {
    std::string name
      = (std::filesystem::temp_directory_path() / "dubber-XXXXXX").string();
    if (!::mkdtemp(name.data()))
      throw std::runtime_error("mkdtemp failed");
    path_ = name;
  }
  ~temp_folder() {
    std::error_code ignored; // nothing depends on it any more
    std::filesystem::remove_all(path_, ignored);
  }
  temp_folder(const temp_folder&) = delete;
  temp_folder& operator=(const temp_folder&) = delete;
  std::string file(const std::string& name) const {
    return path_ + "/" + name;
  }

private:
  std::string path_;
};

/// `n` events of a job after `last`, with its row.
inline journal_append append_of(std::uint64_t job_no, std::uint64_t epoch,
                                std::uint64_t last, std::size_t n = 1) {
  journal_append x{job_no, epoch, last, {}, std::nullopt};
  for (std::uint64_t i = 1; i <= n; ++i)
    x.events.push_back({last + i, time_point{ms{1'000 + 7 * i}}, 1,
                        ev::stage_started{"translate", 3}});
  job_row row;
  row.job_no = job_no;
  row.job_id = static_cast<std::int64_t>(job_no % 2);
  row.source_object_key = "1_a b\xC3\xA9.mp4";
  row.created_at = time_point{ms{5}};
  x.row = row;
  return x;
}

} // namespace dubber::test
