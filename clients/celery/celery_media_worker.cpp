#include "clients/celery/celery_media_worker.hpp"

#include "clients/celery/celery_task.hpp"
#include "clients/celery/ledger.hpp"
#include "clients/celery/redis_results.hpp"
#include "clients/celery/reply_results.hpp"

#include <nlohmann/json.hpp>

namespace dubber {

namespace {

constexpr std::size_t most_revoked = 10'000;
/// Of a connection to tell of revoked tasks, and how long it matters.
constexpr ms longest_revoke{5'000};
constexpr ms revoke_matters{3'600'000};

amqp_link::settings link_to(const amqp_address& to, const std::string& node,
                            const char* what) {
  amqp_link::settings out;
  out.to = to;
  out.name = "dubber-orchestrator " + node + " " + what;
  return out;
}

} // namespace

void revoked_tasks::add(const std::vector<std::string>& ids) {
  std::lock_guard lock{mutex_};
  for (auto& id : ids)
    if (ids_.insert(id).second)
      order_.push_back(id);
  for (; order_.size() > most_revoked; order_.pop_front())
    ids_.erase(order_.front());
}

bool revoked_tasks::has(const std::string& id) const {
  std::lock_guard lock{mutex_};
  return ids_.count(id) > 0;
}

void celery_parts::revoke(std::vector<std::string> ids) const {
  revoked.add(ids);
  pool
    .post([this, ids = std::move(ids)](const cancel_flag&) {
      auto now
        = std::chrono::time_point_cast<ms>(std::chrono::system_clock::now());
      auto to = amqp_connection::open(
        how.broker, "dubber-orchestrator " + node + " control", longest_revoke);
      result<done> sent = done{};
      if (!to)
        sent = to.error();
      else if (auto there = (*to)->find_exchange(control_exchange); !there)
        sent = there; // no worker has been there since the broker began
      else
        sent = (*to)->publish(control_exchange, "", false,
                              revoke_message(ids, now + revoke_matters));
      if (!sent)
        for (auto& id : ids)
          told.task(id, {}, "not_revoked", sent.error().message);
    })
    .release();
}

struct celery_media_worker::state {
  state(celery_settings s, std::string n, object_store& o, work_pool& p,
        std::filesystem::path f, celery_observer& t)
    : how(std::move(s)), node(std::move(n)), scratch(std::move(f)),
      sender(link_to(how.broker, node, "tasks"), sender_settings(how),
             t.link("tasks")),
      watch(results_of(o, p, t), {}, t), parts{how,         node,    o,
                                               p,           scratch, t,
                                               sender,      watch,   revoked,
                                               leaves_tasks} {
    // nop
  }

  static task_sender::settings sender_settings(const celery_settings& how) {
    task_sender::settings out;
    out.queue = how.queue;
    return out;
  }

  std::unique_ptr<task_results> results_of(object_store& store, work_pool& pool,
                                           celery_observer& told) {
    if (how.reply_queue.empty())
      return std::make_unique<redis_results>(*how.redis);
    return std::make_unique<reply_results>(
      link_to(how.broker, node, "results"), how.reply_queue, store, pool,
      scratch, [this] { wake(); }, told.link("results"));
  }

  /// News may come before the watch is there.
  void wake() {
    if (is_complete)
      watch.wake();
  }

  celery_settings how;
  std::string node;
  std::filesystem::path scratch;
  revoked_tasks revoked;
  std::atomic<bool> leaves_tasks = false;
  std::atomic<bool> is_complete = false;
  task_sender sender;
  task_watch watch;
  celery_parts parts;
};

celery_media_worker::celery_media_worker(celery_settings how,
                                         const std::string& node,
                                         object_store& store, work_pool& pool,
                                         std::filesystem::path scratch,
                                         celery_observer& told)
  : state_(std::make_unique<state>(std::move(how), node, store, pool,
                                   std::move(scratch), told)) {
  state_->is_complete = true;
}

celery_media_worker::~celery_media_worker() {
  stop();
}

call_handle celery_media_worker::extract_audio(const media_call& of,
                                               const std::string& source_key,
                                               const std::string& output_key,
                                               ms timeout, callback on_end) {
  return begin(state_->how.extract_task, of, source_key, output_key, timeout,
               std::move(on_end));
}

call_handle celery_media_worker::merge_audio(const media_call& of,
                                             const std::string& plan_key,
                                             const std::string& output_key,
                                             ms timeout, callback on_end) {
  return begin(state_->how.merge_task, of, plan_key, output_key, timeout,
               std::move(on_end));
}

call_handle celery_media_worker::begin(const std::string& task,
                                       const media_call& of,
                                       const std::string& input,
                                       const std::string& output_key,
                                       ms timeout, callback on_end) {
  celery_task::request what;
  what.task = task;
  what.arguments = nlohmann::json{of.job_id, of.run, input, output_key}.dump(
    -1, ' ', false, nlohmann::json::error_handler_t::replace);
  what.work = work_key(of.call_key, task, input);
  what.output_key = output_key;
  what.attempt = of.attempt;
  what.traceparent = of.traceparent;
  auto made = std::make_shared<celery_task>(state_->parts, std::move(what),
                                            timeout, std::move(on_end));
  made->begin();
  return call_handle{[made] {
    made->cancel();
  }};
}

void celery_media_worker::leave_tasks() {
  state_->leaves_tasks = true;
}

void celery_media_worker::stop() {
  state_->watch.stop();
  state_->sender.stop();
}

std::map<std::string, std::string> celery_media_worker::health() const {
  auto text = [](std::string trouble) {
    return trouble.empty() ? "ok" : trouble;
  };
  return {{"tasks", text(state_->sender.trouble())},
          {"results", text(state_->watch.trouble())}};
}

} // namespace dubber
