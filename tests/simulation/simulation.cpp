#include "tests/simulation/simulation.hpp"

namespace dubber::sim {

namespace {

/// More are no progress but a loop.
constexpr std::uint64_t most_steps = 400'000;

} // namespace

simulation::simulation(std::uint64_t seed,
                       std::function<void(std::string_view)> echo)
  : plan_(seed), order_(plan_.chance.fork()), begin_(time_.now()) {
  log_.echo = [this, echo = std::move(echo)](std::string_view line) {
    if (echo)
      echo(std::to_string((time_.now() - begin_).count()) + " "
           + std::string{line});
  };
  plan_outages();
  time_.after(plan_.healed_at, [this] { heal(); });
}

simulation::~simulation() = default;

void simulation::plan_outages() {
  for (auto& x : plan_.outages)
    time_.after(x.from, [this, &x] {
      log_.note("outage of " + x.of);
      auto until = time_.now() + x.length;
      if (x.of == "journal")
        store_.set_down_until(until);
      else
        workers_.set_down(x.of, x.how, until);
      if (x.of == "gateway")
        told_.set_down(x.how, until);
    });
  auto& d = plan_.chance;
  auto some_time = [&] {
    return d.between(ms{0}, plan_.healed_at);
  };
  if (plan_.has.has(trouble::orderly_stop))
    time_.after(some_time(), [this] { stop_in_order(); });
  if (plan_.has.has(trouble::other_policy))
    for (auto n = d.between(1, 3); n > 0; --n)
      time_.after(some_time(), [this] { read_policy_again(); });
}

/// SIGHUP.
void simulation::read_policy_again() {
  log_.note("other policies");
  plan_.policies = changed(plan_.policies, plan_.chance);
  judge_.on_policy();
  if (process_)
    process_->follow(plan_.policies);
}

void simulation::heal() {
  log_.note("healed");
  healed_ = true;
  told_.heal();
  workers_.heal();
  store_.heal();
  people_.heal();
}

void simulation::start() {
  if (process_)
    return;
  log_.note("start");
  workers_.revive();
  told_.revive();
  store_.set_alive(true);
  process_ = std::make_unique<process>(
    rim{plan_, time_, workers_, told_, store_, metrics_, judge_});
  people_.open(*process_);
}

void simulation::die(ms down_for) {
  log_.note("the process dies");
  ++crashes_;
  must_die_ = false;
  people_.close();
  workers_.orphan_all();
  told_.orphan_all();
  store_.set_alive(false);
  judge_.on_crash();
  process_.reset();
  time_.after(down_for, [this] { start(); });
}

void simulation::stop_in_order() {
  if (!process_)
    return;
  log_.note("orderly stop");
  process_->begin_stop([this] { must_die_ = true; });
  // The limit of DRAIN_TIMEOUT.
  time_.after(ms{8'000}, [this, life = crashes_] {
    if (life == crashes_)
      must_die_ = true;
  });
}

/// What may go wrong between any two messages.
void simulation::disturb(const std::vector<std::size_t>& ready) {
  auto& d = plan_.chance;
  if (healed_)
    return;
  if (plan_.has.strikes(trouble::commit_slow, d, 60))
    process_->stall_disk(time_.now() + d.between(ms{1}, ms{3'000}));
  if (plan_.has.strikes(trouble::read_slow, d, 60))
    process_->stall_reader(time_.now() + d.between(ms{1}, ms{3'000}));
  for (auto [what, kind] : {std::pair{trouble::stage_dies, "stage"},
                            std::pair{trouble::job_dies, "job"}}) {
    if (!plan_.has.strikes(what, d, 100) || ready.empty())
      continue;
    auto who = ready[d.below(ready.size())];
    if (process_->kind_of(who) != kind)
      continue;
    log_.note("a " + std::string{kind} + " dies");
    judge_.on_death();
    // While what it has to be written is under way.
    if (d.one_in(3))
      process_->stall_disk(time_.now() + d.between(ms{1}, ms{3'000}));
    process_->kill(who);
  }
  if (plan_.has.strikes(trouble::process_dies, d, 400))
    must_die_ = true;
}

void simulation::pass_time() {
  auto next = process_ ? process_->next() : time_.next();
  auto t = next ? std::max(*next, time_.now()) : time_.now() + ms{1'000};
  if (process_)
    process_->set_time(t);
  else
    time_.set(t);
}

/// One actor handles one message, or one thing happens in the world, or time
/// passes because nothing else can.
void simulation::turn() {
  ++steps_;
  std::vector<std::size_t> ready;
  if (process_) {
    if (must_die_) {
      die(plan_.chance.between(ms{0}, ms{10'000}));
      return;
    }
    ready = process_->ready_actors();
    disturb(ready);
  }
  auto due = time_.due();
  if (ready.empty() && due == 0) {
    if (process_)
      process_->rest();
    pass_time();
    return;
  }
  // A busy machine: time goes on though somebody could act.
  if (process_ && !healed_ && order_.one_in(300))
    process_->set_time(time_.now() + order_.between(ms{1}, ms{50}));
  auto who = order_.below(ready.size() + due);
  if (who < ready.size())
    log_.note(1, process_->step(ready[who]));
  else
    time_.do_one(who - ready.size());
}

bool simulation::is_over() {
  return healed_ && process_ && people_.are_content()
         && store_.unfinished().empty();
}

/// Everything has ended: another start finds nothing to do.
void simulation::check_rest() {
  log_.note("all have ended");
  judge_.expect_silence();
  die(ms{0});
  auto end = time_.now() + ms{30'000};
  while (time_.now() < end && judge_.broken().empty())
    turn();
  judge_.at_end(told_.untouched());
}

verdict_of_seed simulation::run() {
  start();
  auto deadline = begin_ + plan_.healed_at + patience;
  auto over = false;
  while (judge_.broken().empty()) {
    turn();
    // Asked now and then: it looks at all jobs.
    if (steps_ % 64 == 0 && is_over()) {
      over = true;
      break;
    }
    judge_.demand(steps_ < most_steps, "the actors run in circles");
    if (time_.now() >= deadline)
      break;
  }
  if (!over)
    for (auto& row : store_.unfinished())
      judge_.demand(false, "job " + std::to_string(row.job_id) + " is stuck: "
                             + std::string{to_string(row.status)});
  judge_.demand(over, "somebody still waits to get a job in");
  if (over)
    check_rest();
  workers_.orphan_all();
  told_.orphan_all();
  store_.set_alive(false);
  process_.reset();
  verdict_of_seed out;
  out.seed = plan_.seed;
  out.broken = judge_.broken();
  out.trace = log_.hash();
  out.steps = steps_;
  out.crashes = crashes_;
  for (auto& [job_no, record] : judge_.records())
    ++out.ended[record.status];
  return out;
}

} // namespace dubber::sim
