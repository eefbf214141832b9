#pragma once

#include "app/celery_watch.hpp"
#include "app/config.hpp"
#include "clients/local_store.hpp"
#include "clients/media/local_media_worker.hpp"
#include "clients/s3/s3_store.hpp"
#include "clients/workers/http_stage.hpp"
#include "clients/workers/media.hpp"
#include "clients/workers/services.hpp"
#include "metrics/probe.hpp"

#include <filesystem>
#include <memory>

namespace dubber {

/// Feeds the metrics from the HTTP client's thread.
class client_watch : public http_client_observer {
public:
  explicit client_watch(probe& says) : says_(says) {
    // nop
  }
  void call_ended(std::string_view host, int status, ms took) override {
    says_.client_call_ended(host, status, took);
  }
  void connections(std::string_view host, int open, int idle) override {
    says_.client_connections(host, open, idle);
  }

private:
  probe& says_;
};

/// Threads of the pool that media and store work runs on, from the start to the
/// end: enough for every permit that leads there.
int pool_threads(const service_policies& services);

/// Everything outside the actors, built from the config; lives longer than they
/// do. `tools` are of a local media worker.
struct rim {
  rim(const config& cfg, const ffmpeg_tools& tools,
      const std::filesystem::path& scratch, probe& says);
  rim(const rim&) = delete;
  rim& operator=(const rim&) = delete;
  ~rim();

  worker_map workers();

  client_watch watch;
  http_client http;
  work_pool files; ///< the store's own: work on the pool waits for it
  std::unique_ptr<local_store> folder; ///< null: the store is `bucket`
  std::unique_ptr<s3_store> bucket;
  object_store& store;
  work_pool pool;
  std::unique_ptr<celery_watch> tasks;
  std::unique_ptr<celery_media_worker> celery; ///< null: the worker is `local`
  std::unique_ptr<local_media_worker> local;
  media_worker& media;
  gateway_client gateway;
  asr_client asr;
  translate_client translate;
  tts_client tts;
  extract_worker extract;
  merge_worker merge;
  upload_worker upload;
  http_stage_worker calls;
};

} // namespace dubber
