#include "app/program.hpp"

#include "actors/system.hpp"
#include "app/broker.hpp"
#include "app/learned_file.hpp"
#include "app/learned_times_file.hpp"
#include "app/policy_reload.hpp"
#include "app/process.hpp"
#include "app/rim.hpp"
#include "app/values.hpp"
#include "clients/folders.hpp"
#include "http/server.hpp"
#include "journal/notes.hpp"
#include "metrics/catalogue.hpp"
#include "metrics/log.hpp"
#include "metrics/wall_clock.hpp"

#include <unistd.h>

#include <atomic>
#include <iostream>

namespace dubber {

namespace fs = std::filesystem;

namespace {

constexpr ms presigned_for{3'600'000}; ///< as the gateway's

int fail(const std::string& why) {
  log::write(log::level::error, "start.failed", {{"reason", why}});
  return 1;
}

result<std::unique_ptr<journal>> open_journal(const config& cfg) {
  if (cfg.journal_path.empty())
    return make_memory_journal();
  return open_sqlite_journal(cfg.journal_path.string());
}

/// With the pipelines that jobs in the journal have begun with, and the
/// services that only those call.
result<config> with_kept_pipelines(config cfg, journal& store) {
  auto kept = store.notes(pipeline_area);
  if (!kept)
    return kept.error();
  for (auto& mistake : add_kept_pipelines(*kept, cfg.pipelines))
    log::write(log::level::error, "pipeline.unreadable", {{"text", mistake}});
  for (auto& [service, policy] : cfg.pipelines.services)
    cfg.services.try_emplace(service, policy);
  return cfg;
}

/// An empty scratch folder: what a killed process left is of no use.
std::string prepare_folders(const config& cfg, const fs::path& scratch) {
  std::error_code ec;
  fs::remove_all(scratch, ec);
  for (auto& folder : {cfg.data_dir, scratch})
    if (auto why = create_folders(folder))
      return why->message;
  if (cfg.s3)
    return {};
  for (auto& folder : {cfg.store_dir, cfg.store_dir / "artifacts"})
    if (auto why = create_folders(folder))
      return why->message;
  // A process that was killed may have made the folder of the artifacts, and
  // not come to this.
  if (auto why = sync_folder(cfg.store_dir))
    return why->message;
  return {};
}

/// @param kept What is remembered of keyed requests.
route_settings routes_of(const config& cfg, coordinator& jobs, const rim& world,
                         const catalogue& says, std::vector<note> kept) {
  idempotency_setup answered;
  answered.kept = std::move(kept);
  answered.keep
    = [&jobs](std::vector<note> notes, std::function<void(bool)> on_kept) {
        jobs.keep(std::move(notes), std::move(on_kept));
      };
  route_settings out{
    jobs, [&says] { return says.expose(); },          DUBBER_SWAGGER_DIR, {},
    {},   make_idempotency_store(std::move(answered))};
  out.access.loopback = is_loopback(cfg.http_host);
  out.access.own_host = cfg.http_host;
  if (cfg.tokens)
    out.access.owner = [tokens = cfg.tokens](std::string_view token) {
      return tokens->owner(token);
    };
  if (world.folder)
    out.locate = [&world](const std::string& key) {
      return world.folder->locate(key);
    };
  else
    out.presign = [&world](const std::string& key, const std::string& type,
                           const std::string& disposition) {
      return world.bucket->presigned(
        key, wall_now(), presigned_for,
        {{"response-content-type", type},
         {"response-content-disposition", disposition}});
    };
  return out;
}

/// Intake is refused at once, while what was asked before is answered; then
/// what was accepted goes to disk, the socket is closed, and everything ends.
void stop_in_order(coordinator_system& actors, http_server& server, broker* mq,
                   ms limit) {
  actors.begin_stop();
  if (mq)
    mq->stop_intake();
  server.drain(limit / 4);
  if (mq)
    mq->stop_events();
  auto flushed = actors.flush(limit / 2);
  server.stop(limit / 8);
  actors.stop();
  log::write(flushed ? log::level::info : log::level::warn, "stop.done",
             {{"journal", flushed ? "flushed" : "not flushed in time"}});
}

} // namespace

int run_program(const config& given) {
  stop_limit limit; // goes last: it watches over the end of all others
  auto signals = take_signals();
  raise_file_limit();
  for (auto& text : given.notices)
    log::write(log::level::warn, "config.notice", {{"text", text}});

  auto scratch = given.data_dir / "scratch";
  auto tools = given.celery ? result<ffmpeg_tools>{ffmpeg_tools{}}
                            : ffmpeg_tools::find();
  if (!tools)
    return fail(tools.error().message);
  // A folder that cannot be made shows when the journal is opened.
  if (auto folder = given.journal_path.parent_path(); !folder.empty())
    create_folders(folder);
  // The journal's lock first: a second process must not sweep the first one's
  // scratch.
  auto store = open_journal(given);
  if (!store)
    return fail(store.error().message);
  auto complete = with_kept_pipelines(given, **store);
  if (!complete)
    return fail(complete.error().message);
  auto& cfg = *complete;
  auto pipelines = std::make_shared<const pipeline_book>(cfg.pipelines.book);
  if (auto why = prepare_folders(cfg, scratch); !why.empty())
    return fail(why);

  auto learned = cfg.data_dir / "learned_speeds.json";
  auto times = cfg.data_dir / "learned_times.json";
  auto says = catalogue::make();
  says->policy_read(true);
  rim world{cfg, *tools, scratch, *says};
  if (world.folder)
    world.folder->sweep();
  // Whoever started us starts us again (docs/resilience.md).
  std::atomic<bool> broken = false;
  job_rules rules;
  rules.park_timeout = cfg.park_timeout;
  rules.max_degraded_ratio = cfg.max_degraded_ratio;
  auto actors = coordinator_system::start(
    {cfg.services, world.workers(), &world.gateway, store->get(), says.get(),
     cfg.max_open_jobs, rules, &world.store,
     retention_policy{cfg.history_retention, cfg.artifact_retention,
                      cfg.cache_max_bytes, cfg.cache_max_age},
     policy_view{cfg.policy_sha256, wall_now()}, cfg.max_open_calls,
     load_speeds(learned),
     [learned](const speed_board::all& x) { save_speeds(learned, x); },
     load_times(times),
     [times](const learned_times& x) { return save_times(times, x); },
     [&broken](const std::string&) {
       broken = true;
       ::kill(::getpid(), SIGTERM);
     },
     pipelines, &world.http});
  if (!actors)
    return fail(actors.error().message);
  auto kept = (*store)->notes(request_area);
  if (!kept)
    return fail(kept.error().message);
  server_settings listen;
  listen.host = cfg.http_host;
  listen.port = cfg.http_port;
  auto routes = routes_of(cfg, **actors, world, *says, std::move(*kept));
  routes.pipelines = pipelines;
  auto published = read_published(**store);
  if (!published)
    return fail(published.error().message);
  std::optional<broker> mq;
  if (cfg.broker) {
    mq.emplace(*cfg.broker, cfg.node_id, **actors, **store, *says, *published);
    routes.broker = [&mq, &world] {
      auto out = mq->health();
      if (world.celery)
        out.merge(world.celery->health());
      return out;
    };
  }
  auto server = http_server::start(listen, std::move(routes), *says);
  if (!server)
    return fail(server.error().message);
  // Not before it is clear that we can listen: calls would be for nothing.
  (*actors)->take_up();
  if (mq)
    mq->begin();
  log::write(log::level::info, "start.done",
             {{"host", cfg.http_host},
              {"port", std::to_string((*server)->port())},
              {"journal", cfg.journal_url}});
  // For whoever started us on port 0.
  std::cout << "listening on " << cfg.http_host << ":" << (*server)->port()
            << std::endl;

  policy_reader_again policies{cfg, **actors, *says};
  auto signal = wait_for_signal(signals);
  for (; signal == SIGHUP; signal = wait_for_signal(signals))
    policies.read(process_environment());
  log::write(log::level::info, "stop.begun",
             {{"signal", std::to_string(signal)}});
  limit.begin(cfg.drain_timeout);
  if (world.celery)
    world.celery->leave_tasks();
  stop_in_order(**actors, **server, mq ? &*mq : nullptr, cfg.drain_timeout);
  return broken ? 1 : 0;
}

} // namespace dubber
