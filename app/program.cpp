#include "app/program.hpp"

#include "actors/system.hpp"
#include "app/values.hpp"
#include "clients/local_store.hpp"
#include "clients/media/local_media_worker.hpp"
#include "clients/workers/media.hpp"
#include "clients/workers/services.hpp"
#include "http/server.hpp"
#include "metrics/catalogue.hpp"
#include "metrics/log.hpp"

#include <pthread.h>
#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <mutex>
#include <thread>

namespace dubber {

namespace fs = std::filesystem;

namespace {

int fail(const std::string& why) {
  log::write(log::level::error, "start.failed", {{"reason", why}});
  return 1;
}

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

service_settings settings_of(http_client& http, const config& cfg,
                             const std::string& name, const std::string& url) {
  auto& identity = cfg.services.at(name).identity;
  return {http, url, identity.empty() ? url : identity};
}

result<std::unique_ptr<journal>> open_journal(const config& cfg) {
  if (cfg.journal_path.empty())
    return make_memory_journal();
  return open_sqlite_journal(cfg.journal_path.string());
}

constexpr int store_threads = 4;

/// Everything outside the actors; lives longer than they do.
struct rim {
  rim(const config& cfg, const ffmpeg_tools& tools, const fs::path& scratch,
      probe& says)
    : watch(says), http({}, {}, &watch), files(store_threads),
      store(cfg.store_dir, files),
      pool(std::max(4, cfg.services.at("media").max_concurrent
                         + cfg.services.at("store").max_concurrent)),
      media(store, pool, tools, scratch),
      gateway(settings_of(http, cfg, "gateway", cfg.gateway_url)),
      asr(settings_of(http, cfg, "asr", cfg.asr_url), store, pool, scratch),
      translate(settings_of(http, cfg, "translate", cfg.translate_url)),
      tts(settings_of(http, cfg, "tts", cfg.tts_url), store, pool, scratch),
      extract({media, store, pool, scratch}),
      merge({media, store, pool, scratch}),
      upload({media, store, pool, scratch}) {
    // nop
  }

  /// Work on the pool uses everything else here.
  ~rim() {
    pool.stop();
    files.stop();
  }

  worker_map workers() {
    return {{work_kind::fetch, &gateway},  {work_kind::extract, &extract},
            {work_kind::transcribe, &asr}, {work_kind::translate, &translate},
            {work_kind::speak, &tts},      {work_kind::merge, &merge},
            {work_kind::upload, &upload}};
  }

  client_watch watch;
  http_client http;
  work_pool files; ///< the store's own: work on the pool waits for it
  local_store store;
  work_pool pool;
  local_media_worker media;
  gateway_client gateway;
  asr_client asr;
  translate_client translate;
  tts_client tts;
  extract_worker extract;
  merge_worker merge;
  upload_worker upload;
};

/// An empty scratch folder: what a killed process left is of no use.
std::string prepare_folders(const config& cfg, const fs::path& scratch) {
  std::error_code ec;
  fs::remove_all(scratch, ec);
  for (auto& folder : {cfg.data_dir, cfg.store_dir, scratch}) {
    fs::create_directories(folder, ec);
    if (ec)
      return "cannot create " + folder.string() + ": " + ec.message();
  }
  return {};
}

/// Ends the process when the orderly stop takes too long, whatever hangs (a
/// disk, say). Nothing is lost by that: the journal expects it at any moment.
class stop_limit {
public:
  stop_limit() = default;
  stop_limit(const stop_limit&) = delete;
  stop_limit& operator=(const stop_limit&) = delete;
  ~stop_limit() {
    {
      std::lock_guard lock{mutex_};
      over_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable())
      thread_.join();
  }

  void begin(ms limit) {
    thread_ = std::thread{[this, limit] {
      std::unique_lock lock{mutex_};
      if (changed_.wait_for(lock, limit, [this] { return over_; }))
        return;
      log::write(log::level::error, "stop.overdue",
                 {{"limit_ms", std::to_string(limit.count())}});
      std::_Exit(1);
    }};
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool over_ = false;
  std::thread thread_;
};

/// As many open files as the system lets us have: connections are files too.
void raise_file_limit() {
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0)
    return;
  files.rlim_cur = std::min<rlim_t>(files.rlim_max, 65'536);
  if (::setrlimit(RLIMIT_NOFILE, &files) != 0)
    log::write(log::level::warn, "start.file_limit",
               {{"reason", std::strerror(errno)}});
}

route_settings routes_of(const config& cfg, coordinator& jobs,
                         const local_store& store, const catalogue& says) {
  route_settings out{
    jobs, [&says] { return says.expose(); }, DUBBER_SWAGGER_DIR, {},
    {},   make_idempotency_store()};
  out.access.loopback = is_loopback(cfg.http_host);
  out.access.own_host = cfg.http_host;
  if (cfg.tokens)
    out.access.owner = [tokens = cfg.tokens](std::string_view token) {
      return tokens->owner(token);
    };
  out.locate = [&store](const std::string& key) {
    return store.locate(key);
  };
  return out;
}

/// SIGTERM and SIGINT are waited for, here and (blocked) in all threads to
/// come.
sigset_t take_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN); // a file at its limit is a fault of the disk
  return signals;
}

int wait_for_signal(const sigset_t& signals) {
  int signal = 0;
  while (sigwait(&signals, &signal) != 0)
    ;
  return signal;
}

/// Intake is refused at once, while what was asked before is answered; then
/// what was accepted goes to disk, the socket is closed, and everything ends.
void stop_in_order(coordinator_system& actors, http_server& server, ms limit) {
  actors.begin_stop();
  server.drain(limit / 4);
  auto flushed = actors.flush(limit / 2);
  server.stop(limit / 8);
  actors.stop();
  log::write(flushed ? log::level::info : log::level::warn, "stop.done",
             {{"journal", flushed ? "flushed" : "not flushed in time"}});
}

} // namespace

int run_program(const config& cfg) {
  stop_limit limit; // goes last: it watches over the end of all others
  auto signals = take_signals();
  raise_file_limit();
  for (auto& text : cfg.notices)
    log::write(log::level::warn, "config.notice", {{"text", text}});

  auto scratch = cfg.data_dir / "scratch";
  auto tools = ffmpeg_tools::find();
  if (!tools)
    return fail(tools.error().message);
  if (!cfg.journal_path.empty()) {
    std::error_code ec; // shows when the journal is opened
    fs::create_directories(cfg.journal_path.parent_path(), ec);
  }
  // The journal's lock first: a second process must not sweep the first one's
  // scratch.
  auto store = open_journal(cfg);
  if (!store)
    return fail(store.error().message);
  if (auto why = prepare_folders(cfg, scratch); !why.empty())
    return fail(why);

  auto says = catalogue::make();
  rim world{cfg, *tools, scratch, *says};
  world.store.sweep();
  auto actors = coordinator_system::start(
    {cfg.services, world.workers(), &world.gateway, store->get(), says.get(),
     cfg.max_open_jobs, job_rules{cfg.park_timeout}, &world.store,
     retention_policy{cfg.history_retention, cfg.artifact_retention}});
  if (!actors)
    return fail(actors.error().message);
  server_settings listen;
  listen.host = cfg.http_host;
  listen.port = cfg.http_port;
  auto server = http_server::start(
    listen, routes_of(cfg, **actors, world.store, *says), *says);
  if (!server)
    return fail(server.error().message);
  // Not before it is clear that we can listen: calls would be for nothing.
  (*actors)->take_up();
  log::write(log::level::info, "start.done",
             {{"host", cfg.http_host},
              {"port", std::to_string((*server)->port())},
              {"journal", cfg.journal_url}});
  // For whoever started us on port 0.
  std::cout << "listening on " << cfg.http_host << ":" << (*server)->port()
            << std::endl;

  auto signal = wait_for_signal(signals);
  log::write(log::level::info, "stop.begun",
             {{"signal", std::to_string(signal)}});
  limit.begin(cfg.drain_timeout);
  stop_in_order(**actors, **server, cfg.drain_timeout);
  return 0;
}

} // namespace dubber
