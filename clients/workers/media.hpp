#pragma once

#include "clients/media_worker.hpp"
#include "clients/object_store.hpp"
#include "clients/work_pool.hpp"
#include "clients/worker.hpp"

#include <filesystem>

/// The stages around media: they decide by core's functions, have a media
/// worker execute, and keep what comes of it in the object store.
namespace dubber {

struct media_settings {
  media_worker& media;
  object_store& store; ///< answers on other threads than the pool's
  work_pool& pool;     ///< for short work on files
  std::filesystem::path scratch;
  std::string identity = {}; ///< of the service `media`
};

/// Extracts the sound and decides where it is cut for transcription
/// (core/chunks).
class extract_worker : public worker {
public:
  explicit extract_worker(media_settings settings);
  call_handle start(std::shared_ptr<const work_order> order,
                    const attempt_info& info, callback on_end) override;

private:
  media_settings settings_;
};

/// Decides where the speech goes (core/timeline), stores the plan and the
/// subtitles, has the plan executed, and writes the report of the segments.
class merge_worker : public worker {
public:
  explicit merge_worker(media_settings settings);
  call_handle start(std::shared_ptr<const work_order> order,
                    const attempt_info& info, callback on_end) override;

private:
  media_settings settings_;
};

/// The result under its final name, `dubbed_N.mp4`, and beside it subtitles and
/// report. The video comes last: where it is, everything is.
class upload_worker : public worker {
public:
  explicit upload_worker(media_settings settings);
  call_handle start(std::shared_ptr<const work_order> order,
                    const attempt_info& info, callback on_end) override;

private:
  media_settings settings_;
};

/// An attempt as the media worker gets it.
media_call call_of(const work_order& order, const attempt_info& info,
                   const std::string& identity);

/// Where a remote worker writes an attempt's result: no two attempts share it.
std::string attempt_key(const work_order& order, const char* extension);

} // namespace dubber
