#pragma once

#include "app/api_tokens.hpp"
#include "app/pipeline_folder.hpp"
#include "clients/amqp/address.hpp"
#include "clients/celery/celery_media_worker.hpp"
#include "clients/s3/s3_client.hpp"
#include "core/call_pool.hpp"
#include "core/policy.hpp"
#include "core/time.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace dubber {

/// Names and values of environment variables.
using environment = std::map<std::string, std::string>;

/// The process's own environment.
environment process_environment();

/// Everything the program was told, validated: nothing checks again after this.
struct config {
  std::string http_host = "127.0.0.1";
  std::uint16_t http_port = 8400; ///< 0: any free port
  std::filesystem::path api_tokens_file;
  std::shared_ptr<const api_tokens> tokens; ///< null: none are configured
  /// `sqlite:PATH` or `memory:`; the default is journal.db in `data_dir`.
  std::string journal_url;
  /// The file of a `sqlite:` journal; empty for `memory:`.
  std::filesystem::path journal_path;
  std::filesystem::path data_dir = "data";
  std::filesystem::path store_dir; ///< of STORE_URL `file:DIR`
  std::optional<s3_settings> s3; ///< STORE_URL is `s3`, instead of `store_dir`
  // Base URLs without a slash at the end; the same as services[...].urls.
  std::string gateway_url = "http://api-gateway:8080";
  std::string asr_url = "http://service-asr:8100";
  std::string translate_url = "http://service-translate:8200";
  std::string tts_url = "http://service-tts:8300";
  std::string rabbitmq_url = "amqp://guest:guest@rabbitmq:5672//";
  std::optional<amqp_address> broker; ///< none: RABBITMQ_URL is empty
  std::string media_worker = "local";
  std::string redis_url;
  std::optional<celery_settings> celery; ///< MEDIA_WORKER is `celery`
  std::filesystem::path pipelines_dir;   ///< empty: the shipped one alone
  /// What its definitions say, before the policy file.
  pipeline_shelf pipelines;
  std::filesystem::path policy_file;
  service_policies services = default_policies();
  std::string policy_sha256; ///< of the policy file's text; empty: no file
  double max_degraded_ratio = default_degraded_ratio;
  ms drain_timeout{8'000};
  ms park_timeout{86'400'000};
  ms history_retention{30LL * 86'400'000};
  ms artifact_retention{7LL * 86'400'000};
  std::uint64_t cache_max_bytes = 10'000'000'000; ///< 0: no cache
  ms cache_max_age{30LL * 86'400'000};
  std::size_t max_open_jobs = 100'000;
  std::size_t max_open_calls = default_open_calls; ///< over all services
  std::string log_level = "info";                  ///< debug info warn error
  std::string log_format = "text";                 ///< text json
  std::string node_id;                             ///< default: the host's name
  /// What was set and has no effect in this version; one sentence each, to be
  /// logged at start.
  std::vector<std::string> notices;
};

/// Reads the environment and the policy file that it names: a config, or every
/// mistake there is, each starting with the setting's name. An empty variable
/// counts as not set, but for RABBITMQ_URL: without a broker.
std::variant<config, std::vector<std::string>>
load_config(const environment& env);

/// What of the config depends on the policy file, read again: `services`, and
/// the neighbours' URLs; or every mistake there is.
/// @param before The services as they are without the policy file.
std::variant<config, std::vector<std::string>>
load_policies(const environment& env,
              const service_policies& before = default_policies());

/// Every field of the policies by its name in the policy file, such as
/// `services.asr.retry.cap`.
std::map<std::string, std::string>
policy_fields(const service_policies& services);

/// The config as JSON for `--print-config`, passwords masked.
std::string print_config(const config& settings);

} // namespace dubber
