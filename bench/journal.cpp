// What a durable step costs in the journal, alone and in batches, next to a
// bare loop that appends the same number of bytes to a file and calls
// fdatasync, in the same run, alternating. bench_journal [FOLDER]
#include "bench/bare_file.hpp"
#include "bench/cpu.hpp"
#include "bench/http_stub.hpp"
#include "bench/open_jobs.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

namespace {

using namespace dubber;
namespace fs = std::filesystem;
using steady = std::chrono::steady_clock;

constexpr int rounds = 5;
constexpr std::array batches{1, 10, 50, 200};
constexpr int steps_of_a_round = 200;
/// What SQLite's pages and its WAL may cost.
constexpr double limit_alone = 2.5;

double us_since(steady::time_point t) {
  return std::chrono::duration<double, std::micro>(steady::now() - t).count();
}

double at(std::vector<double> all, double q) {
  std::sort(all.begin(), all.end());
  return all[static_cast<std::size_t>(q * static_cast<double>(all.size() - 1))];
}

/// Of one way to keep a batch of that size.
struct figures {
  std::vector<double> commit_us; ///< each one
  std::vector<double> cpu_us;    ///< a step, by round
  std::vector<double> rate;      ///< steps a second, by round
};

/// `step(n)` makes `n` steps durable. A round takes `steps_of_a_round` steps or
/// 20 commits, whatever is more.
template <class F>
void measure(figures& to, int batch, F&& step) {
  auto commits = std::max(20, steps_of_a_round / batch);
  auto cpu = bench::cpu_us();
  auto began = steady::now();
  for (auto i = 0; i < commits; ++i) {
    auto one = steady::now();
    step(batch);
    to.commit_us.push_back(us_since(one));
  }
  auto steps = static_cast<double>(commits * batch);
  to.rate.push_back(steps / us_since(began) * 1e6);
  to.cpu_us.push_back((bench::cpu_us() - cpu) / steps);
}

/// One event of one job after the other, each with its job's row, as the
/// writer gets them; jobs of eight steps.
class steps_of_jobs {
public:
  explicit steps_of_jobs(journal& to) : to_(to), epoch_(*to.open_epoch()) {
    auto play = bench::history_of(1, {0, "translate"}, 8, time_point{ms{1}});
    row_ = *play.row;
    for (auto& x : play.history)
      if (events_.size() < 8)
        events_.push_back(x);
  }

  void operator()(int steps) {
    std::vector<journal_append> batch;
    for (auto i = 0; i < steps; ++i) {
      auto& seq = seqs_[static_cast<std::size_t>(next_++) % seqs_.size()];
      if (seq.done == events_.size())
        seq = {++last_job_, 0};
      journal_append one;
      one.job_no = seq.job;
      one.epoch = epoch_;
      one.expected_seq = seq.done;
      one.events = {events_[seq.done]};
      one.events[0].seq = ++seq.done;
      one.row = row_;
      one.row->job_no = seq.job;
      one.row->job_id = static_cast<std::int64_t>(seq.job);
      batch.push_back(std::move(one));
    }
    auto kept = to_.commit(batch);
    if (!kept)
      bench::give_up(kept.error().message.c_str());
    for (auto& x : *kept)
      if (x.refused)
        bench::give_up(x.refused->message.c_str());
  }

private:
  struct place {
    std::uint64_t job;
    std::size_t done;
  };

  journal& to_;
  std::uint64_t epoch_;
  std::uint64_t last_job_ = 200;
  std::vector<place> seqs_ = [] {
    std::vector<place> out;
    for (std::uint64_t job = 1; job <= 200; ++job)
      out.push_back({job, 0});
    return out;
  }();
  int next_ = 0;
  job_row row_;
  std::vector<event> events_;
};

void print(const char* what, const figures& x) {
  std::printf("  %-26s %8.0f %8.0f us  %9.0f steps/s  %7.1f us CPU a step\n",
              what, at(x.commit_us, .5), at(x.commit_us, .99), at(x.rate, .5),
              at(x.cpu_us, .5));
}

} // namespace

int main(int argc, char** argv) {
  auto name = ((argc > 1 ? fs::path{argv[1]} : fs::temp_directory_path())
               / "dubber-bench-XXXXXX")
                .string();
  if (::mkdtemp(name.data()) == nullptr)
    bench::give_up("cannot make a folder");
  fs::path folder = name;
  {
    auto store = open_sqlite_journal((folder / "journal.db").string());
    if (!store)
      bench::give_up(store.error().message.c_str());
    steps_of_jobs ours{**store};
    ours(1'600); // as large as it is in use, more or less
    constexpr std::size_t event_bytes = 500;
    bench::bare_file bare{folder / "bare", event_bytes};
    std::printf("%-28s %8s %8s\n", "steps a commit", "p50", "p99");
    for (auto batch : batches) {
      figures file, journal;
      for (auto i = 0; i < rounds; ++i) {
        measure(file, batch, bare);
        measure(journal, batch, ours);
      }
      std::printf("%d\n", batch);
      print("bare append + fdatasync", file);
      print("journal", journal);
      auto ratio = at(journal.commit_us, .5) / at(file.commit_us, .5);
      std::printf("  a commit takes %.2f x the bare one", ratio);
      if (batch == 1)
        std::printf(", limit %.1f: %s", limit_alone,
                    ratio <= limit_alone ? "kept" : "MISSED");
      std::printf("\n");
    }
  }
  std::error_code left_for_the_system;
  fs::remove_all(folder, left_for_the_system);
  return 0;
}
