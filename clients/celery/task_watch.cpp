#include "clients/celery/task_watch.hpp"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

namespace dubber {

namespace {

using steady = task_watch::steady;
using states = task_results::states;

struct question {
  std::vector<std::string> ids;
  std::function<void(result<states>)> on_answer;
};

struct entry {
  steady::time_point deadline;
  task_watch::waiter who;
  std::map<std::string, std::string> heard = {}; ///< of each task
  bool late = false;
};

} // namespace

struct task_watch::state {
  state(std::unique_ptr<task_results> f, settings s, observer& o)
    : from(std::move(f)), how(s), told(o) {
    // nop
  }

  const std::unique_ptr<task_results> from; ///< of the thread
  const settings how;
  observer& told;

  mutable std::mutex mutex;
  std::condition_variable changed;
  std::map<token, entry> waiting;
  std::vector<question> asked;
  token last = 0;
  bool stopping = false, over = false;
  bool woken = false; ///< the next moment may be another one
  bool hurry = false; ///< there may be news
  std::string trouble = "not connected yet";

  // Of the thread alone.
  ms pause{0};
  steady::time_point next_look{};
  bool was_up = false;

  void look_soon() {
    woken = hurry = true;
    changed.notify_all();
  }

  void run();
  bool sleep();
  steady::time_point next_moment() const;
  void tell_late();
  void answer();
  void look();
  std::vector<std::string> followed() const;
  void tell_news(const std::vector<std::string>& ids, const states& are);
  bool heard_from(const result<states>& outcome);
};

/// The next thing there is to do; locked.
steady::time_point task_watch::state::next_moment() const {
  auto out = next_look;
  for (auto& [who, x] : waiting)
    if (!x.late)
      out = std::min(out, x.deadline);
  return out;
}

/// @returns false: it is over.
bool task_watch::state::sleep() {
  std::unique_lock lock{mutex};
  changed.wait_until(lock, next_moment(),
                     [this] { return stopping || woken || !asked.empty(); });
  woken = false;
  if (std::exchange(hurry, false) && pause == ms{0})
    next_look = steady::now();
  return !stopping;
}

void task_watch::state::run() {
  while (sleep()) {
    tell_late();
    answer();
    if (steady::now() >= next_look)
      look();
  }
  std::lock_guard lock{mutex};
  over = true;
  changed.notify_all();
}

void task_watch::state::tell_late() {
  std::vector<std::function<void()>> late;
  {
    std::lock_guard lock{mutex};
    auto now = steady::now();
    for (auto& [who, x] : waiting)
      if (!x.late && x.deadline <= now) {
        x.late = true;
        late.push_back(x.who.on_late);
      }
  }
  for (auto& each : late)
    each();
}

void task_watch::state::answer() {
  std::vector<question> now;
  {
    std::lock_guard lock{mutex};
    now = std::exchange(asked, {});
  }
  for (auto& x : now) {
    auto found = from->recall(x.ids);
    if (heard_from(found))
      x.on_answer(std::move(found));
  }
}

std::vector<std::string> task_watch::state::followed() const {
  std::lock_guard lock{mutex};
  std::vector<std::string> out;
  for (auto& [who, x] : waiting)
    for (auto& [id, text] : x.heard)
      out.push_back(id);
  if (!stopping)
    told.tasks_waited_for(out.size());
  return out;
}

void task_watch::state::look() {
  auto ids = followed();
  auto found = from->look(ids);
  if (heard_from(found) && found)
    tell_news(ids, *found);
  next_look = steady::now()
              + (!found        ? pause
                 : ids.empty() ? how.idle
                               : how.poll);
}

void task_watch::state::tell_news(const std::vector<std::string>& ids,
                                  const states& are) {
  std::map<std::string_view, const std::string*> now;
  for (std::size_t i = 0; i < ids.size(); ++i)
    if (are[i])
      now[ids[i]] = &*are[i];
  std::vector<std::function<void()>> tell;
  {
    std::lock_guard lock{mutex};
    for (auto& [who, x] : waiting)
      for (auto& [id, text] : x.heard)
        if (auto i = now.find(id); i != now.end() && *i->second != text) {
          text = *i->second;
          tell.emplace_back(
            [f = x.who.on_news, id = id, text = text] { f(id, text); });
        }
  }
  for (auto& each : tell)
    each();
}

/// How the results do. @returns false: nobody wants to know any more.
bool task_watch::state::heard_from(const result<states>& outcome) {
  std::lock_guard lock{mutex};
  if (stopping)
    return false;
  if (outcome) {
    pause = ms{0};
    trouble.clear();
    if (!std::exchange(was_up, true))
      told.results_up();
    return true;
  }
  was_up = false;
  pause
    = pause == ms{0} ? how.first_pause : std::min(2 * pause, how.longest_pause);
  trouble = outcome.error().message;
  told.results_down(outcome.error(), pause);
  return true;
}

task_watch::task_watch(std::unique_ptr<task_results> from, settings how,
                       observer& told)
  : state_(std::make_shared<state>(std::move(from), how, told)) {
  std::thread{[s = state_] {
    s->run();
  }}.detach();
}

task_watch::~task_watch() {
  stop();
}

task_watch::token task_watch::begin(steady::time_point deadline, waiter who) {
  std::lock_guard lock{state_->mutex};
  auto out = ++state_->last;
  state_->waiting.emplace(out, entry{deadline, std::move(who)});
  state_->woken = true;
  state_->changed.notify_all();
  return out;
}

void task_watch::follow(token who, std::vector<std::string> ids) {
  std::lock_guard lock{state_->mutex};
  auto i = state_->waiting.find(who);
  if (i == state_->waiting.end())
    return;
  for (auto& each : ids)
    i->second.heard.try_emplace(std::move(each));
  state_->look_soon();
}

void task_watch::shorten(token who, steady::time_point deadline) {
  std::lock_guard lock{state_->mutex};
  auto i = state_->waiting.find(who);
  if (i == state_->waiting.end())
    return;
  i->second.deadline = std::min(i->second.deadline, deadline);
  state_->woken = true;
  state_->changed.notify_all();
}

void task_watch::end(token who) {
  std::lock_guard lock{state_->mutex};
  state_->waiting.erase(who);
}

void task_watch::ask(
  std::vector<std::string> ids,
  std::function<void(result<task_results::states>)> on_answer) {
  std::lock_guard lock{state_->mutex};
  state_->asked.push_back({std::move(ids), std::move(on_answer)});
  state_->changed.notify_all();
}

void task_watch::wake() {
  std::lock_guard lock{state_->mutex};
  state_->look_soon();
}

void task_watch::stop() {
  state_->from->stop();
  std::unique_lock lock{state_->mutex};
  state_->stopping = true;
  state_->waiting.clear();
  state_->asked.clear();
  state_->changed.notify_all();
  state_->changed.wait_for(lock, state_->how.longest_stop,
                           [this] { return state_->over; });
}

std::string task_watch::trouble() const {
  std::lock_guard lock{state_->mutex};
  return state_->trouble;
}

} // namespace dubber
