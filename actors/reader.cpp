#include "actors/reader.hpp"

#include "actors/answers.hpp"
#include "actors/dying.hpp"

namespace dubber {

namespace {

constexpr std::size_t page_size = 1'000;

result<std::vector<event>> whole_history(journal& store, std::uint64_t job_no) {
  std::vector<event> out;
  for (;;) {
    auto page = store.read(job_no, out.size(), page_size);
    if (!page)
      return page.error();
    for (auto& x : *page)
      out.push_back(std::move(x.what));
    if (page->size() < page_size)
      return out;
  }
}

query_answer history_of(journal& store, const job_row& row,
                        const job_query& query) {
  auto found = store.read(row.job_no, query.cursor, query.limit + 1);
  if (!found)
    return found.error();
  history_page page;
  page.job_id = row.job_id;
  for (auto& x : *found) {
    if (page.items.size() == query.limit) {
      page.next = page.items.back().what.seq;
      break;
    }
    page.items.push_back({x.position, std::move(x.what)});
  }
  return page;
}

query_answer answer_of(journal& store, const pipeline_book& pipelines,
                       const forecast_board& forecasts,
                       const job_query& query) {
  row_filter filter;
  filter.job_id = query.job_id;
  auto rows = store.list(filter, 0, 1);
  if (!rows)
    return rows.error();
  if (rows->empty())
    return fault{fault_code::not_found,
                 "there is no job " + std::to_string(query.job_id),
                 0,
                 {}};
  auto& row = rows->front();
  if (query.kind == job_query::what::history)
    return history_of(store, row, query);
  auto events = whole_history(store, row.job_no);
  if (!events)
    return events.error();
  job_state state;
  state.book = &pipelines;
  if (row.pruned)
    state.row = row; // there is no more of it
  state.row.job_no = row.job_no;
  for (auto& x : *events)
    evolve(state, x);
  if (state.plan_missing)
    return pipeline_missing(state);
  if (query.kind == job_query::what::segments)
    return segments_answer(segments_of(state, {}, query));
  auto view = view_of(state, {}, forecasts.weights_for(state));
  view.waiting_for = other_wait(state, {}, false, std::nullopt);
  return view;
}

query_answer list_of(journal& store, const list_query& query) {
  row_filter filter;
  filter.status = query.status;
  auto rows = store.list(filter, query.cursor, query.limit + 1);
  if (!rows)
    return rows.error();
  jobs_page page;
  if (rows->size() > query.limit) {
    rows->resize(query.limit);
    page.next = rows->back().job_no;
  }
  page.items = std::move(*rows);
  return page;
}

} // namespace

reader_actor::behavior_type
reader(reader_actor::stateful_pointer<reader_state> self, context_ptr ctx) {
  self->state.ctx = std::move(ctx);
  leave_word(self);
  return {
    [self](const find_newest& x) {
      row_filter filter;
      filter.job_id = x.job_id;
      auto rows = self->state.ctx->store->list(filter, 0, 1);
      using row_result = result<std::optional<job_row>>;
      std::optional<job_row> row;
      if (rows && !rows->empty())
        row = rows->front();
      auto answer = rows ? row_result{row} : row_result{rows.error()};
      self->send(x.manager, newest_row{x.job_id, std::make_shared<row_result>(
                                                   std::move(answer))});
    },
    [self](const list_unfinished& x) {
      row_filter filter;
      filter.unfinished = true;
      self->send(
        x.manager,
        unfinished_rows{std::make_shared<result<std::vector<job_row>>>(
          self->state.ctx->store->list(filter, x.before, recovery_page))});
    },
    [self](const load_history& x) {
      self->send(x.job,
                 history_loaded{std::make_shared<result<std::vector<event>>>(
                   whole_history(*self->state.ctx->store, x.job_no))});
    },
    [self](find_result& x) {
      using found = result<std::optional<work_result>>;
      auto outcome
        = std::make_shared<found>(self->state.ctx->store->find_result(x.key));
      self->send(x.cache, found_result{std::move(x.key), std::move(outcome)});
    },
    [self](atom::start, const cache_actor& cache) {
      using numbers = result<std::vector<std::uint64_t>>;
      self->send(cache, result_numbers{std::make_shared<numbers>(
                          self->state.ctx->store->result_numbers())});
    },
    [self](const list_ask& x) {
      x.on_answer(list_of(*self->state.ctx->store, x.query));
    },
    [self](const job_ask& x) {
      auto& in = *self->state.ctx;
      x.on_answer(answer_of(*in.store, *in.pipelines, in.forecasts, x.query));
    },
  };
}

} // namespace dubber
