// What a restart with 100,000 unfinished jobs costs: the real program on a
// journal full of them, between neighbours that do not answer. Each figure
// stands next to its limit. bench_recovery [JOBS [PROGRAM]]
#include "bench/open_jobs.hpp"
#include "bench/program.hpp"

#include <algorithm>
#include <cstdio>
#include <thread>

namespace {

using namespace dubber;
namespace fs = std::filesystem;
using steady = std::chrono::steady_clock;

constexpr double limit_answers_s = 2;
constexpr double limit_taken_up_s = 5;
constexpr double limit_p99_ms = 50;
constexpr double limit_kb = 10;
constexpr double limit_fold_ms = 100;

double seconds_since(steady::time_point t) {
  return std::chrono::duration<double>(steady::now() - t).count();
}

void print(const char* what, double is, double limit, const char* unit) {
  std::printf("%-44s %9.1f %-4s limit %.0f: %s\n", what, is, unit, limit,
              is <= limit ? "kept" : "MISSED");
}

void print_times(const char* what, std::vector<double> took) {
  if (took.empty())
    return;
  std::sort(took.begin(), took.end());
  auto at = [&](double q) {
    return took[static_cast<std::size_t>(
      q * static_cast<double>(took.size() - 1))];
  };
  std::printf("%-44s p50 %.1f  p99 %.1f  max %.1f ms (%zu)  limit %.0f: %s\n",
              what, at(.5), at(.99), took.back(), took.size(), limit_p99_ms,
              at(.99) <= limit_p99_ms ? "kept" : "MISSED");
}

/// A folder with a journal of `jobs` and media tools that never end.
struct scene {
  explicit scene(std::uint64_t jobs) {
    auto name = (fs::temp_directory_path() / "dubber-bench-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr)
      bench::give_up("cannot make a folder");
    folder = name;
    bench::fill_store(folder / "store");
    fs::create_directories(folder / "bin");
    for (auto tool : {"ffmpeg", "ffprobe"}) {
      std::ofstream{folder / "bin" / tool}
        << "#!/bin/sh\nexec /bin/sleep 600\n";
      fs::permissions(folder / "bin" / tool, fs::perms::owner_all);
    }
    auto began = steady::now();
    auto store = open_sqlite_journal((folder / "journal.db").string());
    if (!store)
      bench::give_up(store.error().message.c_str());
    auto events = bench::fill_journal(**store, jobs);
    std::printf("%llu jobs, %zu events, written in %.1f s\n",
                static_cast<unsigned long long>(jobs), events,
                seconds_since(began));
  }
  scene(const scene&) = delete;
  scene& operator=(const scene&) = delete;
  ~scene() {
    std::error_code left_for_the_system;
    fs::remove_all(folder, left_for_the_system);
  }

  std::map<std::string, std::string> environment(int neighbour) const {
    auto url = bench::url(neighbour, "");
    return {{"HTTP_PORT", "0"},
            {"DATA_DIR", folder.string()},
            {"PATH", (folder / "bin").string() + ":/usr/bin:/bin"},
            {"RABBITMQ_URL", ""},
            {"API_GATEWAY_URL", url},
            {"ASR_URL", url},
            {"TRANSLATE_URL", url},
            {"TTS_URL", url},
            {"LOG_LEVEL", "error"}};
  }

  fs::path folder;
};

/// The value of a metric without labels; -1 when it is not there.
double metric(const std::string& page, const std::string& name) {
  auto at = page.find("\n" + name + " ");
  return at == std::string::npos ? -1
                                 : std::stod(page.substr(at + name.size() + 2));
}

struct times {
  std::vector<double> oldest, newest, list;
};

/// When all were taken up.
struct taking_up {
  double seconds = 0;
  double cpu = 0;
};

/// Asks about 200 times a second until all are taken up and a while longer.
taking_up watch(const bench::program& run, std::uint64_t jobs, times& during,
                times& after) {
  bench::asker ask{run.port};
  double taken_up = 0;
  double cpu = 0;
  auto few = std::min<std::uint64_t>(jobs, 1'000);
  for (std::uint64_t i = 0; taken_up == 0 || run.seconds() < taken_up + 5;
       ++i) {
    auto& to = taken_up == 0 ? during : after;
    auto get = [&](const std::string& path, std::vector<double>& into) {
      auto answer = ask.get(path);
      if (answer.status != 200)
        bench::give_up(("not answered: " + path + "\n" + answer.body).c_str());
      into.push_back(answer.took_ms);
    };
    get("/jobs/" + std::to_string(1 + i * 7 % few), to.oldest);
    get("/jobs/" + std::to_string(jobs - i * 7 % few), to.newest);
    if (i % 10 == 0)
      get("/jobs?limit=50", to.list);
    if (i % 10 == 5 && taken_up == 0
        && metric(ask.get("/metrics").body, "dubber_jobs_to_take_up") == 0) {
      taken_up = run.seconds();
      cpu = run.cpu();
    }
    if (run.seconds() > 120)
      bench::give_up("the jobs are not taken up in two minutes");
    std::this_thread::sleep_for(ms{10}); // a caller's pace
  }
  return {taken_up, cpu};
}

/// ARCHITECTURE 4: a film of 3,000 segments.
void fold_a_film(const fs::path& folder) {
  auto play = bench::history_of(1, {0, "upload"}, 3'000, time_point{ms{1}});
  auto store = open_sqlite_journal((folder / "film.db").string());
  if (!store)
    bench::give_up(store.error().message.c_str());
  bench::filler out{**store};
  out.add(play);
  out.flush();
  auto began = steady::now();
  auto read = (*store)->read(1, 0, 100'000);
  if (!read)
    bench::give_up(read.error().message.c_str());
  auto reading = seconds_since(began) * 1000;
  job_state state;
  state.row.job_no = 1;
  for (auto& fact : *read)
    evolve(state, fact.what);
  auto took = seconds_since(began) * 1000 - reading;
  std::printf("a film of 3,000 segments: %zu events, read in %.1f ms\n",
              read->size(), reading);
  print("folding it", took, limit_fold_ms, "ms");
  if (!(state == play.state))
    bench::give_up("it folds to something else");
}

} // namespace

int main(int argc, char** argv) {
  std::uint64_t jobs = argc > 1 ? std::stoull(argv[1]) : 100'000;
  scene where{jobs};
  fold_a_film(where.folder);
  bench::silent_server neighbours;
  auto beside = fs::read_symlink("/proc/self/exe").parent_path();
  auto path = argc > 2
                ? std::string{argv[2]}
                : (beside.parent_path() / "app/dubber-orchestrator").string();
  bench::program run{path, where.environment(neighbours.port)};
  bench::asker{run.port}.get("/livez");
  auto answers = run.seconds();
  auto empty = static_cast<double>(run.memory("VmRSS"));
  times during, after;
  auto taken_up = watch(run, jobs, during, after);
  auto kb = (static_cast<double>(run.memory("VmRSS")) - empty) / 1024;
  auto peak = (static_cast<double>(run.memory("VmHWM")) - empty) / 1024;
  auto count = static_cast<double>(jobs);
  print("the API answers after", answers, limit_answers_s, "s");
  print("all are taken up after", taken_up.seconds, limit_taken_up_s, "s");
  std::printf("%-44s %9.1f s\n", "our CPU until then", taken_up.cpu);
  print("memory a job", kb / count, limit_kb, "KB");
  print("memory a job, at most", peak / count, limit_kb, "KB");
  print_times("GET a job taken up late, meanwhile", during.oldest);
  print_times("GET a job taken up early, meanwhile", during.newest);
  print_times("GET /jobs, meanwhile", during.list);
  print_times("GET a job, afterwards", after.oldest);
  print_times("GET /jobs, afterwards", after.list);
  return 0;
}
