#include "core/job/control.hpp"

#include "core/job/editing.hpp"

#include <array>
#include <utility>

namespace dubber {

namespace {

constexpr std::array<std::pair<control_verb, std::string_view>, 7> names{{
  {control_verb::cancel, "cancel"},
  {control_verb::pause, "pause"},
  {control_verb::resume, "resume"},
  {control_verb::retry, "retry"},
  {control_verb::redo, "redo"},
  {control_verb::restart, "restart"},
  {control_verb::edit, "edit"},
}};

verdict change() {
  return {};
}

verdict already() {
  return {verdict::kind::already, {}};
}

verdict impossible(std::string why) {
  return {verdict::kind::impossible, std::move(why)};
}

std::string is(const job_state& st) {
  return "the job is " + std::string{to_string(st.row.status)};
}

/// Its result is stored: only the gateway has to be told.
bool only_report_left(const job_state& st) {
  return st.row.status != job_status::failed
         && st.row.status != job_status::cancelled && st.owed.has_value();
}

verdict may_cancel(const job_state& st, bool silent) {
  // The gateway may not be told of it any more, whatever the job has come to.
  if (silent && (st.owed || !is_final(st.row.status)))
    return change();
  if (st.row.status == job_status::cancelled)
    return already();
  if (is_final(st.row.status))
    return impossible(is(st) + ": there is nothing left to cancel");
  if (only_report_left(st))
    return impossible("the result is stored already; the job is about to be "
                      "completed");
  return change();
}

verdict may_pause(const job_state& st) {
  if (st.row.status == job_status::paused)
    return already();
  if (st.row.status == job_status::parked)
    return impossible("the job is parked: it stands still already");
  if (is_final(st.row.status))
    return impossible(is(st) + ": there is nothing to pause");
  if (only_report_left(st))
    return impossible("the result is stored already; the job is about to be "
                      "completed");
  return change();
}

verdict may_resume(const job_state& st) {
  switch (st.row.status) {
  case job_status::paused:
  case job_status::parked:
    return change();
  case job_status::queued:
  case job_status::running:
    return already();
  case job_status::failed:
    return impossible("the job is failed: retry it");
  default:
    return impossible(is(st) + ": there is nothing to resume");
  }
}

verdict may_retry(const job_state& st) {
  switch (st.row.status) {
  case job_status::parked:
  case job_status::failed:
    return change();
  case job_status::queued:
  case job_status::running:
    return impossible("the job is running: nothing has failed for good");
  case job_status::paused:
    return impossible("the job is paused: resume it");
  case job_status::cancelled:
  case job_status::completed:
    return impossible(is(st) + ": redo or restart it");
  default:
    return impossible(is(st) + ": post it to /orchestrate again");
  }
}

verdict may_run_again(const job_state& st, bool from_start) {
  switch (st.row.status) {
  case job_status::queued:
  case job_status::running:
  case job_status::paused:
    return impossible(is(st) + ": cancel it first");
  case job_status::rejected:
    return from_start ? change()
                      : impossible("the job is rejected: the gateway does not "
                                   "know it");
  default:
    return change();
  }
}

verdict may_redo(const job_state& st, const std::string& stage) {
  auto fits = may_run_again(st, false);
  if (fits.what != verdict::kind::change)
    return fits;
  auto i = st.plan->find(stage);
  if (i < 0)
    return impossible("there is no stage '" + stage + "'");
  if (st.stages.empty())
    return impossible("the job has no stages yet");
  for (auto& name : st.plan->stages[static_cast<std::size_t>(i)].after) {
    auto before = static_cast<std::size_t>(st.plan->find(name));
    if (st.stages[before].status != stage_status::done)
      return impossible("stage '" + stage + "' cannot begin: stage "
                        + std::string{name} + " is not done");
  }
  return change();
}

} // namespace

std::string_view to_string(control_verb what) {
  for (auto& [value, name] : names)
    if (value == what)
      return name;
  return "cancel";
}

std::optional<control_verb> control_verb_from(std::string_view name) {
  for (auto& [value, text] : names)
    if (text == name)
      return value;
  return std::nullopt;
}

verdict judge(const job_state& state, const in::control& wish) {
  if (state.seq == 0)
    return impossible("the job is not on record yet");
  switch (wish.what) {
  case control_verb::cancel:
    return may_cancel(state, wish.silent);
  case control_verb::pause:
    return may_pause(state);
  case control_verb::resume:
    return may_resume(state);
  case control_verb::retry:
    return may_retry(state);
  case control_verb::redo:
    return may_redo(state, wish.stage);
  case control_verb::edit:
    return wish.edit ? may_edit(state, *wish.edit)
                     : impossible("there is nothing to edit");
  default:
    return may_run_again(state, true);
  }
}

} // namespace dubber
