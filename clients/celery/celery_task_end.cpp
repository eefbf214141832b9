#include "clients/celery/celery_task.hpp"
#include "clients/celery/ledger_store.hpp"
#include "clients/celery/task_state.hpp"
#include "clients/digest.hpp"
#include "clients/scratch_folder.hpp"

/// How tasks end: by results, failures, or a cancel.
namespace dubber {

namespace {

namespace fs = std::filesystem;

/// What a cancelled call still writes down, it does in this time.
constexpr ms longest_goodbye{5'000};

fault bad_answer(const std::string& text) {
  return {fault_code::bad_answer,
          "the media worker says it is done, but " + text,
          0,
          {}};
}

} // namespace

void celery_task::late() {
  if (is_over())
    return;
  std::string id;
  {
    std::lock_guard lock{mutex_};
    if (current_ < out_.size())
      id = out_[current_].id;
  }
  tell("overdue", id);
  end(fault{fault_code::timeout,
            "the media worker's task did not end within its deadline",
            0,
            {}});
}

void celery_task::news(const std::string& id, const std::string& text) {
  auto state = read_task_state(text);
  std::size_t which = 0, current = 0;
  {
    std::lock_guard lock{mutex_};
    while (which < out_.size() && out_[which].id != id)
      ++which;
    if (which == out_.size() || out_[which].ended)
      return;
    current = current_;
  }
  if (state.news == task_news::done) {
    if (which != current)
      tell("late", id);
    return check(which, *state.end);
  }
  if (state.news != task_news::failed)
    return;
  if (which == current)
    return fail(which, state.end.error());
  tell("failed", id, state.end.error().message);
  bury(which);
}

void celery_task::fail(std::size_t which, const fault& why) {
  tell("failed", at(which).id, why.message);
  bury(which);
  end(why);
}

std::optional<fault> celery_task::wrong_with(const dispatch& from,
                                             const media_file& file) const {
  if (file.key != from.output_key)
    return bad_answer("under another key than it was asked to: " + file.key);
  scratch_folder folder{with_.scratch, "celery-check"};
  auto object = fetch_file(with_.store, file.key, folder / "object", clock_);
  if (!object && object.error().code == fault_code::not_found)
    return bad_answer("nothing is stored under " + file.key
                      + " (does it use the same store?)");
  if (!object)
    return object.error();
  std::error_code ec;
  auto bytes = fs::file_size(object->path, ec);
  auto hash = sha256_file(object->path);
  if (!hash)
    return hash.error();
  if (ec || bytes != file.bytes || *hash != file.sha256)
    return bad_answer("what is stored under " + file.key
                      + " is not what it says");
  return std::nullopt;
}

/// What the worker says is believed when it is so.
void celery_task::check(std::size_t which, const media_file& file) {
  auto from = at(which);
  if (auto wrong = wrong_with(from, file)) {
    if (wrong->code == fault_code::bad_answer) {
      tell("unusable", from.id, wrong->message);
      bury(which);
    }
    return end(*wrong);
  }
  tell("done", from.id);
  revoke_others(which);
  end(file);
}

void celery_task::follow() {
  std::vector<std::string> ids;
  {
    std::lock_guard lock{mutex_};
    for (auto& x : out_)
      if (!x.ended)
        ids.push_back(x.id);
  }
  with_.watch.follow(token_, std::move(ids));
}

void celery_task::bury(std::size_t which) {
  {
    std::lock_guard lock{mutex_};
    out_[which].ended = true;
  }
  // Not written down, it is found out again.
  [[maybe_unused]] auto kept = save(clock_);
}

/// There is a result: nobody needs the others that may still run.
void celery_task::revoke_others(std::size_t but) {
  std::vector<std::string> ids;
  {
    std::lock_guard lock{mutex_};
    for (std::size_t i = 0; i < out_.size(); ++i)
      if (i != but && !out_[i].ended) {
        out_[i].ended = true;
        ids.push_back(out_[i].id);
      }
  }
  if (ids.empty())
    return;
  with_.revoke(std::move(ids));
  [[maybe_unused]] auto kept = save(clock_);
}

void celery_task::end(result<media_file> outcome) {
  media_worker::callback f;
  {
    std::lock_guard lock{mutex_};
    if (std::exchange(over_, true))
      return;
    f = std::move(on_end_);
  }
  *clock_.cancelled = true; // what a step still waits for
  with_.watch.end(token_);
  f(std::move(outcome));
}

void celery_task::cancel() {
  std::vector<std::string> ids;
  {
    std::lock_guard lock{mutex_};
    if (std::exchange(over_, true))
      return;
    on_end_ = nullptr;
    if (!with_.leaves_tasks)
      for (auto& x : out_)
        if (!std::exchange(x.ended, true))
          ids.push_back(x.id);
  }
  *clock_.cancelled = true;
  with_.watch.end(token_);
  if (ids.empty())
    return;
  for (auto& id : ids)
    tell("revoked", id);
  with_.revoke(std::move(ids));
  // Whoever asks for the same work after a crash need not wait for them.
  with_.pool
    .post([me = shared_from_this()](const cancel_flag& cancelled) {
      std::lock_guard one{me->steps_};
      [[maybe_unused]] auto kept = me->save({longest_goodbye, cancelled});
    })
    .release();
}

void celery_task::tell(const char* outcome, const std::string& id,
                       const std::string& why) const {
  with_.told.task(id, what_.task, outcome, why);
}

dispatch celery_task::at(std::size_t which) const {
  std::lock_guard lock{mutex_};
  return out_[which];
}

result<done> celery_task::save(const task_clock& clock) const {
  std::vector<dispatch> now;
  {
    std::lock_guard lock{mutex_};
    now = out_;
  }
  return save_ledger(with_.store, with_.scratch, what_.work, now, clock);
}

} // namespace dubber
