#include "clients/celery/reply_results.hpp"

#include "clients/celery/ledger_store.hpp"
#include "clients/celery/task_state.hpp"

#include <deque>
#include <map>
#include <mutex>
#include <thread>

namespace dubber {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_remembered = 10'000;
constexpr ms longest_store{30'000};
constexpr ms longest_recall{2'500};
constexpr ms store_pause{5'000}; ///< the store takes nothing: so long is waited

/// Ids are ours: anything else is nobody's result.
bool is_task_id(const std::string& text) {
  return text.size() == 36
         && text.find_first_not_of("0123456789abcdef-") == std::string::npos;
}

std::string result_key(const std::string& id) {
  return "artifacts/celery-result-" + id + ".json";
}

} // namespace

struct reply_results::state {
  state(object_store& s, work_pool& p, fs::path f, std::function<void()> n)
    : store(s), pool(p), scratch(std::move(f)), on_news(std::move(n)) {
    // nop
  }

  object_store& store;
  work_pool& pool;
  fs::path scratch;
  std::function<void()> on_news;
  std::mutex mutex;
  std::map<std::string, std::string> heard; ///< of each task, the newest
  std::deque<std::string> order;

  states known(const std::vector<std::string>& ids);

  void hear(const std::string& id, const std::string& text) {
    {
      std::lock_guard lock{mutex};
      if (heard.insert_or_assign(id, text).second)
        order.push_back(id);
      if (order.size() > most_remembered) {
        heard.erase(order.front());
        order.pop_front();
      }
    }
    on_news();
  }
};

reply_results::reply_results(amqp_link::settings where,
                             const std::string& queue, object_store& store,
                             work_pool& pool, fs::path scratch,
                             std::function<void()> on_news,
                             amqp_link::observer& told)
  : state_(std::make_shared<state>(store, pool, std::move(scratch),
                                   std::move(on_news))) {
  amqp_consumer::settings how;
  how.queue = queue;
  how.dead = queue + ".dead";
  from_ = std::make_unique<amqp_consumer>(
    std::move(where), how,
    [s = state_](const amqp_message& what,
                 std::function<void(amqp_verdict)> on_verdict) {
      using verdict = amqp_verdict::what;
      auto id = task_id_in(what.body);
      if (!is_task_id(id))
        return on_verdict({verdict::dead, "no result of a task of ours", {}});
      if (read_task_state(what.body).news == task_news::running) {
        s->hear(id, what.body);
        return on_verdict({});
      }
      s->pool
        .post([s, id, text = what.body, on_verdict](const cancel_flag& c) {
          auto safe = keep_text(s->store, s->scratch, result_key(id), text,
                                {longest_store, c});
          if (safe)
            s->hear(id, text);
          on_verdict(safe ? amqp_verdict{}
                          : amqp_verdict{verdict::later, safe.error().message,
                                         store_pause});
        })
        .release();
    },
    told);
}

reply_results::~reply_results() = default;

void reply_results::stop() {
  from_->stop();
}

task_results::states
reply_results::state::known(const std::vector<std::string>& ids) {
  states out;
  std::lock_guard lock{mutex};
  for (auto& id : ids) {
    auto i = heard.find(id);
    out.push_back(i != heard.end() ? std::optional{i->second} : std::nullopt);
  }
  return out;
}

result<task_results::states>
reply_results::look(const std::vector<std::string>& ids) {
  if (auto wrong = from_->trouble(); !wrong.empty())
    return fault{
      fault_code::unreachable, "the queue of results: " + wrong, 0, {}};
  return state_->known(ids);
}

result<task_results::states>
reply_results::recall(const std::vector<std::string>& ids) {
  task_clock clock{longest_recall, std::make_shared<std::atomic<bool>>(false)};
  // The queue has to be there before a task names it.
  auto out = look(ids);
  while (!out && clock.left() > ms{1}) {
    std::this_thread::sleep_for(ms{20});
    out = look(ids);
  }
  if (!out)
    return out;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if ((*out)[i])
      continue;
    auto text
      = kept_text(state_->store, state_->scratch, result_key(ids[i]), clock);
    if (!text)
      return text.error();
    (*out)[i] = std::move(*text);
  }
  return out;
}

} // namespace dubber
