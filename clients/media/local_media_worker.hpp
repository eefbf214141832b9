#pragma once

#include "clients/media/ffmpeg.hpp"
#include "clients/media_worker.hpp"
#include "clients/object_store.hpp"

namespace dubber {

/// `MEDIA_WORKER=local`: ffmpeg as children of this process.
class local_media_worker : public media_worker {
public:
  /// @param store Answers on other threads than the pool's.
  /// @param pool A thread is busy for as long as a task runs.
  /// @param scratch Emptied at start; each task has a folder of its own in it.
  local_media_worker(object_store& store, work_pool& pool, ffmpeg_tools tools,
                     std::filesystem::path scratch);

  call_handle extract_audio(const media_call& of, const std::string& source_key,
                            const std::string& output_key, ms timeout,
                            callback on_end) override;
  call_handle merge_audio(const media_call& of, const std::string& plan_key,
                          const std::string& output_key, ms timeout,
                          callback on_end) override;

private:
  result<media_file> extract(const std::string& label,
                             const std::string& source_key,
                             const std::string& output_key,
                             const task_clock& clock) const;
  result<media_file> merge(const std::string& label,
                           const std::string& plan_key,
                           const std::string& output_key,
                           const task_clock& clock) const;

  object_store& store_;
  work_pool& pool_;
  ffmpeg_tools tools_;
  std::filesystem::path scratch_;
};

} // namespace dubber
