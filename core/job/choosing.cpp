#include "core/job/choosing.hpp"

#include "core/languages.hpp"

namespace dubber {

namespace {

/// What the gateway says of its pipeline is not known yet.
bool was_never_fetched(const job_state& st) {
  return st.row.source_object_key.empty();
}

} // namespace

std::optional<event_body> choice_of(const job_state& st,
                                    const pipeline& wanted) {
  if (st.plan->id == wanted.id && !st.plan_missing)
    return std::nullopt;
  return ev::pipeline_chosen{wanted.name, wanted.id};
}

std::optional<event_body> restart_choice(const job_state& st,
                                         const pipeline& wanted) {
  if (was_never_fetched(st)) // said also where it is this one already
    return ev::pipeline_chosen{wanted.name, wanted.id};
  return choice_of(st, wanted);
}

result<std::optional<event_body>> choice_by(const job_state& st,
                                            const fetched& source) {
  std::optional<event_body> none;
  auto& name = source.options->pipeline;
  if (name.empty() || st.pipeline_asked || !was_never_fetched(st))
    return none;
  auto wanted = st.book->find(name);
  if (!wanted)
    return no_such_pipeline(*st.book, name);
  return choice_of(st, *wanted);
}

std::optional<event_body> languages_by(const job_state& st,
                                       const fetched& source) {
  auto further = further_languages(*source.options);
  if (further == st.plan->further)
    return std::nullopt;
  further.insert(further.begin(), source.target_language);
  return ev::languages_chosen{std::move(further)};
}

void go_by(job_state& st, pipeline_ptr plan) {
  st.plan = std::move(plan);
  st.answers.clear();
  st.further.assign(st.plan->further.size(), {});
  st.stages.resize(1);
  st.stages.resize(st.plan->stages.size());
}

fault no_such_pipeline(const pipeline_book& book, const std::string& name) {
  return {fault_code::invalid_input,
          "there is no pipeline \"" + name.substr(0, 64)
            + "\"; there is: " + book.names(),
          0,
          {}};
}

} // namespace dubber
