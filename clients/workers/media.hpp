#pragma once

#include "clients/local_store.hpp"
#include "clients/media/ffmpeg.hpp"
#include "clients/worker.hpp"

#include <filesystem>

/// The stages that need ffmpeg or the store, done in this process's children.
namespace dubber {

struct media_settings {
  local_store& store;
  work_pool& pool;
  ffmpeg_tools tools;
  std::filesystem::path scratch; ///< emptied at start
};

/// The video's sound as 16 kHz mono.
class extract_worker : public worker {
public:
  explicit extract_worker(media_settings settings);
  call_handle start(std::shared_ptr<const work_order> order,
                    const attempt_info& info, callback on_end) override;

private:
  media_settings settings_;
};

/// Puts the spoken segments on the source's clock and the sound to the video.
class merge_worker : public worker {
public:
  explicit merge_worker(media_settings settings);
  call_handle start(std::shared_ptr<const work_order> order,
                    const attempt_info& info, callback on_end) override;

private:
  media_settings settings_;
};

/// The merged video under its final name.
class upload_worker : public worker {
public:
  explicit upload_worker(local_store& store);
  call_handle start(std::shared_ptr<const work_order> order,
                    const attempt_info& info, callback on_end) override;

private:
  local_store& store_;
};

} // namespace dubber
