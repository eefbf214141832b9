#include "clients/celery/celery_task.hpp"

#include "clients/celery/ledger.hpp"
#include "clients/celery/ledger_store.hpp"
#include "clients/celery/task_state.hpp"
#include "core/fail_point.hpp"

namespace dubber {

namespace {

time_point wall_now() {
  return std::chrono::time_point_cast<ms>(std::chrono::system_clock::now());
}

cancel_flag never_cancelled() {
  return std::make_shared<std::atomic<bool>>(false);
}

} // namespace

celery_task::celery_task(const celery_parts& with, request what, ms timeout,
                         media_worker::callback on_end)
  : with_(with), what_(std::move(what)), clock_(timeout, never_cancelled()),
    on_end_(std::move(on_end)) {
  // nop
}

void celery_task::begin() {
  std::weak_ptr<celery_task> weak = weak_from_this();
  task_watch::waiter who;
  who.on_news = [weak](const std::string& id, const std::string& text) {
    if (auto me = weak.lock())
      me->post([me, id, text] { me->news(id, text); });
  };
  who.on_late = [weak] {
    if (auto me = weak.lock())
      me->late();
  };
  {
    std::lock_guard lock{mutex_}; // the deadline may have passed already
    token_ = with_.watch.begin(clock_.deadline, std::move(who));
  }
  post([me = shared_from_this()] { me->open(); });
}

/// Steps do not overlap, and none begins when it is over.
void celery_task::post(std::function<void()> step) {
  with_.pool
    .post(
      [me = shared_from_this(), step = std::move(step)](const cancel_flag&) {
        std::lock_guard one{me->steps_};
        if (!me->is_over())
          step();
      })
    .release();
}

void celery_task::open() {
  auto known = load_ledger(with_.store, with_.scratch, what_.work, clock_);
  if (!known)
    return end(known.error());
  std::vector<std::string> ids;
  {
    std::lock_guard lock{mutex_};
    out_ = std::move(*known);
    for (auto& x : out_) {
      x.ended = x.ended || with_.revoked.has(x.id);
      ids.push_back(x.id);
    }
  }
  // With no ids: whether results can be had at all.
  with_.watch.ask(
    ids, [me = shared_from_this()](result<task_results::states> heard) {
      me->post([me, heard = std::move(heard)] { me->decide(heard); });
    });
}

void celery_task::decide(const result<task_results::states>& heard) {
  if (!heard)
    return end(heard.error());
  std::vector<task_news> news;
  std::vector<task_state> states;
  for (auto& text : *heard) {
    states.push_back(text ? read_task_state(*text) : task_state{});
    news.push_back(states.back().news);
  }
  remote_step step;
  std::vector<std::string> unsure;
  {
    std::lock_guard lock{mutex_};
    step = next_step(out_, news, wall_now());
    current_ = step.which;
    for (std::size_t i = 0; i < out_.size(); ++i)
      out_[i].ended = out_[i].ended || news[i] == task_news::failed;
    for (auto i : step.revoke) {
      out_[i].ended = true;
      unsure.push_back(out_[i].id);
    }
  }
  if (!unsure.empty())
    with_.revoke(std::move(unsure));
  if (step.kind == remote_step::what::send)
    return send();
  auto known = at(step.which);
  if (step.kind == remote_step::what::fail)
    return fail(step.which, states[step.which].end.error());
  auto left = known.deadline - wall_now();
  if (step.kind == remote_step::what::take) {
    tell(left < ms{0} ? "late" : "taken_up", known.id);
    return check(step.which, *states[step.which].end);
  }
  tell("taken_up", known.id);
  with_.watch.shorten(token_, task_watch::steady::now() + left);
  follow();
}

/// Persist, then act: a task that may be out is on record.
void celery_task::send() {
  dispatch next{task_id(what_.work, what_.attempt, what_.output_key),
                what_.output_key, wall_now() + clock_.left(), false, false};
  {
    std::lock_guard lock{mutex_};
    remember(out_, next);
    current_ = out_.size() - 1;
  }
  if (auto kept = save(clock_); !kept)
    return end(kept.error());
  DUBBER_FAIL_POINT("celery.before_publish");
  task_call call;
  call.id = next.id;
  call.name = what_.task;
  call.arguments = what_.arguments;
  call.expires = next.deadline;
  call.time_limit = clock_.left();
  call.reply_to = with_.how.reply_queue;
  call.traceparent = what_.traceparent;
  call.origin = "dubber-orchestrator@" + with_.node;
  if (is_over())
    return; // cancelled meanwhile, and not sent
  follow();
  with_.sender.send(
    task_message(call),
    [me = shared_from_this()](task_sender::fate how, const fault& why) {
      me->post([me, how, why] { me->sent(how, why); });
    });
}

void celery_task::sent(task_sender::fate how, const fault& why) {
  using fate = task_sender::fate;
  DUBBER_FAIL_POINT("celery.after_publish");
  std::size_t which = 0;
  {
    std::lock_guard lock{mutex_};
    which = current_;
    out_[which].sent = how == fate::sent;
    out_[which].ended = out_[which].ended || how == fate::not_sent;
  }
  // A store that does not take this makes a crash cost a task, nothing more.
  [[maybe_unused]] auto kept = save(clock_);
  tell(how == fate::sent ? "sent" : "unsent", at(which).id, why.message);
  if (how != fate::sent)
    end(why);
}

} // namespace dubber
