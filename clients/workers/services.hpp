#pragma once

#include "clients/gateway.hpp"
#include "clients/http_client.hpp"
#include "clients/object_store.hpp"
#include "clients/work_pool.hpp"
#include "clients/worker.hpp"
#include "clients/workers/rate_memory.hpp"

#include <filesystem>

/// The HTTP neighbours (CONTRACTS.md) as workers.
namespace dubber {

/// What a neighbour is called with.
struct service_settings {
  http_client& http;
  std::string url; ///< without a slash at its end
  std::string identity;
};

/// The API gateway: fetches jobs, and hears of their state.
class gateway_client : public worker, public gateway {
public:
  explicit gateway_client(service_settings settings);

  call_handle start(std::shared_ptr<const work_order> order,
                    const attempt_info& info, callback on_end) override;
  call_handle get(std::int64_t job_id, ms deadline,
                  std::function<void(result<gateway_state>)> on_end) override;
  call_handle patch(std::int64_t job_id, const gateway_update& update,
                    ms deadline,
                    std::function<void(result<done>)> on_end) override;

private:
  std::string job_url(std::int64_t job_id) const;

  service_settings settings_;
};

/// Transcribes a chunk of the extracted sound.
class asr_client : public worker {
public:
  asr_client(service_settings settings, object_store& store, work_pool& pool,
             std::filesystem::path scratch);

  call_handle start(std::shared_ptr<const work_order> order,
                    const attempt_info& info, callback on_end) override;

private:
  service_settings settings_;
  object_store& store_;
  work_pool& pool_;
  std::filesystem::path scratch_;
};

/// Translates one segment's text.
class translate_client : public worker {
public:
  explicit translate_client(service_settings settings);

  call_handle start(std::shared_ptr<const work_order> order,
                    const attempt_info& info, callback on_end) override;

private:
  service_settings settings_;
};

/// Speaks one segment: synthesis and the fetch of its audio are one attempt.
/// Speech longer than its slot is asked for once more at a higher rate, from
/// services that honour it.
class tts_client : public worker {
public:
  tts_client(service_settings settings, object_store& store, work_pool& pool,
             std::filesystem::path scratch);

  call_handle start(std::shared_ptr<const work_order> order,
                    const attempt_info& info, callback on_end) override;

private:
  service_settings settings_;
  object_store& store_;
  work_pool& pool_;
  std::filesystem::path scratch_;
  rate_memory memory_;
};

} // namespace dubber
