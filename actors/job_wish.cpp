#include "actors/job.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <map>

namespace dubber {

namespace {

using asker = std::function<void(control_answer)>;

/// How long the store may take to say what it has. The front end gives up on
/// an answer later.
constexpr ms look_deadline{5'000};

bool may_repeat(const in::control& wish) {
  return wish.what == control_verb::redo || wish.what == control_verb::edit;
}

/// @param facts Of the wish; on record or not.
control_done done_of(job_ptr self, const in::control& wish, bool changed,
                     std::map<std::string, std::uint32_t> repeats) {
  control_done out{view(self), changed, std::move(repeats)};
  if (!wish.edit)
    return out;
  job_query query;
  query.cursor = wish.edit->segment;
  query.limit = 1;
  query.language = wish.edit->language;
  if (auto page = segments(self, query))
    for (auto& x : page->items)
      out.segment = x;
  return out;
}

/// The wish that is next, with who asked; it is none of the inputs any more.
std::pair<in::control, job_callers::wish> next_wish(job_actor_state& st) {
  auto& wishes = st.callers->wishes;
  std::pair<in::control, job_callers::wish> out{
    std::move(std::get<in::control>(st.inputs.front())),
    std::move(wishes.front())};
  st.inputs.erase(st.inputs.begin());
  wishes.erase(wishes.begin());
  return out;
}

/// A wish that changes nothing, or is only asked about, is answered at once.
bool answer_idle_wish(job_ptr self, const in::control& wish) {
  auto& st = self->state;
  auto fits = judge(st.job, wish);
  using kind = verdict::kind;
  if (fits.what == kind::change && !st.callers->wishes.front().dry_run)
    return false;
  auto [asked, who] = next_wish(st);
  if (!who.on_answer)
    return true;
  if (fits.what == kind::impossible) {
    who.on_answer(control_impossible{fits.why, view(self)});
  } else if (fits.what == kind::absent) {
    who.on_answer(fault{fault_code::not_found, fits.why, 0, {}});
  } else {
    auto t = now(self, *st.ctx);
    std::map<std::string, std::uint32_t> repeats;
    if (may_repeat(asked))
      repeats = repeats_of(st.job, decide(st.job, asked, t), t);
    who.on_answer(done_of(self, asked, false, std::move(repeats)));
  }
  return true;
}

/// Has the store asked for what a new run would use.
bool look_first(job_ptr self, const in::control& wish) {
  auto& st = self->state;
  if (!st.ctx->files || wish.looked || !may_repeat(wish)
      || judge(st.job, wish).what != verdict::kind::change)
    return false;
  auto needed = files_needed(st.job, wish);
  if (needed.empty())
    return false;
  std::vector<std::string> keys;
  for (auto& file : needed)
    keys.push_back(file.key);
  auto [asked, who] = next_wish(st);
  asked.looked = true;
  auto id = st.ctx->next_ticket();
  auto call = st.ctx->files->missing(
    std::move(keys), look_deadline,
    [me = caf::actor_cast<job_actor>(self),
     id](result<std::vector<std::string>> r) {
      caf::anon_send(
        me,
        files_looked_for{id, std::make_shared<result<std::vector<std::string>>>(
                               std::move(r))});
    });
  fault late{
    fault_code::timeout, "the object store did not answer in time", 0, {}};
  self->delayed_send(
    self, look_deadline,
    files_looked_for{
      id, std::make_shared<result<std::vector<std::string>>>(std::move(late))});
  st.callers->looks.push_back(
    {id, std::move(asked), std::move(who), std::move(needed), std::move(call)});
  return true;
}

/// The job's number is another's now: it may not go on, and be told of.
bool refuse_wish(job_ptr self) {
  auto [asked, who] = next_wish(self->state);
  if (who.on_answer)
    who.on_answer(control_impossible{
      "the gateway has another job under this number now", view(self)});
  return true;
}

} // namespace

bool put_aside(job_ptr self) {
  auto wish = std::get_if<in::control>(&self->state.inputs.front());
  if (wish && self->state.quiet && !wish->silent)
    return refuse_wish(self);
  return wish && (look_first(self, *wish) || answer_idle_wish(self, *wish));
}

asker asker_of(job_ptr self, const std::vector<event>& facts) {
  auto& st = self->state;
  auto& wish = std::get<in::control>(st.inputs.front());
  auto on_answer = std::move(st.callers->wishes.front().on_answer);
  if (!on_answer)
    return {};
  std::map<std::string, std::uint32_t> repeats;
  if (may_repeat(wish)) {
    std::vector<event_body> bodies;
    for (auto& x : facts)
      bodies.push_back(x.body);
    repeats = repeats_of(st.job, bodies, now(self, *st.ctx));
  }
  return [self, wish, repeats, on_answer](const control_answer& a) {
    if (auto done = std::get_if<control_done>(&a))
      on_answer(done_of(self, wish, done->changed, repeats));
    else
      on_answer(a);
  };
}

void on_control(job_ptr self, job_control& x) {
  auto& st = self->state;
  if (x.wish.silent) {
    st.quiet = true;
    self->send(st.ctx->reporter, atom::withdraw_v, st.job.row.job_no);
  }
  st.callers.make().wishes.push_back(
    {std::move(x.on_answer), std::move(x.notes), x.dry_run});
  take(self, std::move(x.wish));
}

void on_files_looked_for(job_ptr self, const files_looked_for& x) {
  auto& callers = self->state.callers;
  if (!callers)
    return; // known before
  auto& looks = callers->looks;
  auto i = std::find_if(looks.begin(), looks.end(),
                        [&](auto& look) { return look.id == x.id; });
  if (i == looks.end())
    return; // late, or known before
  auto look = std::move(*i);
  looks.erase(i);
  if (!*x.missing) {
    auto why = x.missing->error();
    why.code = fault_code::unreachable;
    if (look.who.on_answer)
      look.who.on_answer(std::move(why));
    return;
  }
  auto gone = **x.missing;
  std::sort(gone.begin(), gone.end());
  for (auto& file : look.needed)
    if (std::binary_search(gone.begin(), gone.end(), file.key))
      look.wish.gone.push_back(file.maker);
  callers->wishes.push_back(std::move(look.who));
  take(self, std::move(look.wish));
}

} // namespace dubber
