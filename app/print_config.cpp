#include "app/config.hpp"
#include "app/values.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace dubber {

namespace {

using json = nlohmann::ordered_json;

json print_policy(const service_policy& policy) {
  return {
    {"urls", policy.urls},
    {"identity", policy.identity},
    {"max_concurrent", policy.max_concurrent},
    {"queue_timeout", print_duration(policy.queue_timeout)},
    {"attempt_timeout",
     {{"base", print_duration(policy.attempt_timeout.base)},
      {"per_media_second",
       print_duration(policy.attempt_timeout.per_media_second)}}},
    {"total_timeout", print_duration(policy.total_timeout)},
    {"max_hold", print_duration(policy.max_hold)},
    {"retry",
     {{"max_attempts", policy.retry.max_attempts},
      {"initial", print_duration(policy.retry.initial)},
      {"multiplier", policy.retry.multiplier},
      {"cap", print_duration(policy.retry.cap)},
      {"jitter", policy.retry.jitter}}},
    {"budget", {{"ratio", policy.budget.ratio}, {"min", policy.budget.min}}},
    {"breaker",
     {{"window", policy.breaker.window_calls > 0
                   ? json(policy.breaker.window_calls)
                   : json(print_duration(policy.breaker.window))},
      {"min_calls", policy.breaker.min_calls},
      {"failure_rate", policy.breaker.failure_rate},
      {"slow_rate", policy.breaker.slow_rate},
      {"slow_after", policy.breaker.slow_after},
      {"consecutive", policy.breaker.consecutive},
      {"open", print_duration(policy.breaker.open)},
      {"open_cap", print_duration(policy.breaker.open_cap)},
      {"half_open_calls", policy.breaker.half_open_calls}}},
    {"on_exhausted", std::string{to_string(policy.on_exhausted)}}};
}

} // namespace

std::map<std::string, std::string>
policy_fields(const service_policies& services) {
  std::map<std::string, std::string> out;
  for (auto& [name, policy] : services) {
    const auto flat = print_policy(policy).flatten();
    for (auto& [path, value] : flat.items()) {
      auto key = "services." + name + path;
      std::replace(key.begin(), key.end(), '/', '.');
      out[key] = value.is_string() ? value.get<std::string>() : value.dump();
    }
  }
  return out;
}

std::string print_config(const config& settings) {
  json services = json::object();
  for (const auto& [name, policy] : settings.services)
    services[name] = print_policy(policy);
  json all = {
    {"HTTP_HOST", settings.http_host},
    {"HTTP_PORT", settings.http_port},
    {"API_TOKENS_FILE", settings.api_tokens_file.string()},
    {"API_GATEWAY_URL", settings.gateway_url},
    {"ASR_URL", settings.asr_url},
    {"TRANSLATE_URL", settings.translate_url},
    {"TTS_URL", settings.tts_url},
    {"RABBITMQ_URL", masked_url(settings.rabbitmq_url)},
    {"DATA_DIR", settings.data_dir.string()},
    {"JOURNAL_URL", settings.journal_url},
    {"STORE_URL", settings.s3 ? "s3" : "file:" + settings.store_dir.string()},
    {"MEDIA_WORKER", settings.media_worker},
    {"PIPELINES_DIR", settings.pipelines_dir.string()},
    {"POLICY_FILE", settings.policy_file.string()},
    {"DRAIN_TIMEOUT", print_duration(settings.drain_timeout)},
    {"PARK_TIMEOUT", print_duration(settings.park_timeout)},
    {"HISTORY_RETENTION", print_duration(settings.history_retention)},
    {"ARTIFACT_RETENTION", print_duration(settings.artifact_retention)},
    {"CACHE_MAX_BYTES", print_bytes(settings.cache_max_bytes)},
    {"CACHE_MAX_AGE", print_duration(settings.cache_max_age)},
    {"MAX_OPEN_JOBS", settings.max_open_jobs},
    {"MAX_OPEN_CALLS", settings.max_open_calls},
    {"LOG_LEVEL", settings.log_level},
    {"LOG_FORMAT", settings.log_format},
    {"NODE_ID", settings.node_id},
    {"services", services},
    {"max_degraded_ratio", settings.max_degraded_ratio}};
  if (auto& s3 = settings.s3)
    all.update({{"MINIO_ENDPOINT", s3->endpoint},
                {"MINIO_BUCKET", s3->bucket},
                {"MINIO_ACCESS_KEY", s3->keys.access_key},
                {"MINIO_SECRET_KEY", "***"},
                {"MINIO_REGION", s3->keys.region}});
  if (auto& celery = settings.celery)
    all.update({{"REDIS_URL", masked_url(settings.redis_url)},
                {"CELERY_QUEUE", celery->queue},
                {"CELERY_EXTRACT_TASK", celery->extract_task},
                {"CELERY_MERGE_TASK", celery->merge_task},
                {"CELERY_REPLY_QUEUE", celery->reply_queue}});
  return all.dump(2, ' ', false, json::error_handler_t::replace);
}

} // namespace dubber
