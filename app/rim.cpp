#include "app/rim.hpp"

#include <algorithm>

namespace dubber {

namespace {

constexpr int store_threads = 4;

service_settings settings_of(http_client& http, const config& cfg,
                             const std::string& name, const std::string& url) {
  return {http, url, identity_of(cfg.services.at(name))};
}

std::unique_ptr<local_store> make_folder(const config& cfg, work_pool& files) {
  return cfg.s3 ? nullptr : std::make_unique<local_store>(cfg.store_dir, files);
}

std::unique_ptr<s3_store> make_bucket(const config& cfg, http_client& http,
                                      work_pool& files) {
  if (!cfg.s3)
    return nullptr;
  return std::make_unique<s3_store>(s3_client{http, *cfg.s3}, files,
                                    s3_store::limits{});
}

std::unique_ptr<celery_media_worker>
make_celery(const config& cfg, object_store& store, work_pool& pool,
            const std::filesystem::path& scratch, celery_observer* told) {
  if (!cfg.celery)
    return nullptr;
  return std::make_unique<celery_media_worker>(*cfg.celery, cfg.node_id, store,
                                               pool, scratch, *told);
}

std::map<std::string, std::string>
identities_of(const service_policies& services) {
  std::map<std::string, std::string> out;
  for (auto& [name, policy] : services)
    out[name] = identity_of(policy);
  return out;
}

} // namespace

int pool_threads(const service_policies& services) {
  return std::max(4, services.at("media").max_concurrent
                       + services.at("store").max_concurrent);
}

rim::rim(const config& cfg, const ffmpeg_tools& tools,
         const std::filesystem::path& scratch, probe& says)
  : watch(says), http({}, {}, &watch), files(store_threads),
    folder(make_folder(cfg, files)), bucket(make_bucket(cfg, http, files)),
    store(folder ? static_cast<object_store&>(*folder) : *bucket),
    pool(pool_threads(cfg.services)),
    tasks(cfg.celery ? std::make_unique<celery_watch>(
            says, cfg.celery->reply_queue.empty())
                     : nullptr),
    celery(make_celery(cfg, store, pool, scratch, tasks.get())),
    local(celery ? nullptr
                 : std::make_unique<local_media_worker>(store, pool, tools,
                                                        scratch)),
    media(celery ? static_cast<media_worker&>(*celery) : *local),
    gateway(settings_of(http, cfg, "gateway", cfg.gateway_url)),
    asr(settings_of(http, cfg, "asr", cfg.asr_url), store, pool, scratch),
    translate(settings_of(http, cfg, "translate", cfg.translate_url)),
    tts(settings_of(http, cfg, "tts", cfg.tts_url), store, pool, scratch),
    extract(
      {media, store, pool, scratch, identity_of(cfg.services.at("media"))}),
    merge({media, store, pool, scratch, identity_of(cfg.services.at("media"))}),
    upload({media, store, pool, scratch}),
    calls(http, store, scratch, identities_of(cfg.services)) {
  // nop
}

/// Work on the pool uses everything else here.
rim::~rim() {
  pool.stop();
  files.stop();
}

worker_map rim::workers() {
  return {{work_kind::fetch, &gateway},  {work_kind::extract, &extract},
          {work_kind::transcribe, &asr}, {work_kind::translate, &translate},
          {work_kind::speak, &tts},      {work_kind::merge, &merge},
          {work_kind::upload, &upload},  {work_kind::http, &calls}};
}

} // namespace dubber
