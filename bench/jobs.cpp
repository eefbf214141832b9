// What a job of eight `http` stages costs: the real program, with all that it
// normally does, between nginx and an API gateway, next to the bare loops of
// the HTTP client and of the disk, alternating in the same run. Each figure
// stands next to its limit. bench_jobs --help
#include "bench/bare_file.hpp"
#include "bench/bare_loops.hpp"
#include "bench/job_scene.hpp"

namespace {

using namespace dubber;
using namespace dubber::bench;
using steady = std::chrono::steady_clock;

constexpr double limit_share = .6;     ///< of the bare loop's jobs/s
constexpr double limit_cpu_ms = .12;   ///< a job
constexpr double limit_alone = 1.3;    ///< x (9 commits + 8 bare calls)
constexpr double limit_waiting_kb = 5; ///< a job
constexpr double limit_beside = .9;    ///< of the jobs/s without slow calls
constexpr int commits_of_a_job = 9;
constexpr std::size_t bytes_of_a_commit = 1'000;

struct plan {
  int rounds = 5;
  std::uint64_t jobs = 4'000; ///< of a round at 200 in flight
  std::uint64_t alone = 200;
  std::uint64_t waiting = 10'000;
  fs::path program;
  fs::path nginx = "/usr/sbin/nginx";
};

double at(std::vector<double> all, double q) {
  std::sort(all.begin(), all.end());
  return all[static_cast<std::size_t>(q * static_cast<double>(all.size() - 1))];
}

double median(const std::vector<double>& all) {
  return at(all, .5);
}

const char* verdict(bool kept) {
  return kept ? "kept" : "MISSED";
}

/// Of one number of jobs in flight, by round.
struct load_figures {
  std::uint64_t in_flight;
  std::vector<double> bare_rate, bare_cpu, rate, cpu, cpu_of_burst, share;
};

/// Of one job after the other.
struct alone_figures {
  std::vector<double> p50, p99, bare_p50, commit_p50, ratio;
};

double commit_ms(const fs::path& folder) {
  bare_file file{folder / "bare", bytes_of_a_commit};
  std::vector<double> took;
  for (int i = 0; i < 200; ++i) {
    auto began = steady::now();
    file(1);
    took.push_back(
      std::chrono::duration<double, std::milli>(steady::now() - began).count());
  }
  return median(took);
}

void under_load(job_scene& scene, const plan& how, load_figures& to) {
  auto jobs = std::max(how.jobs, 4 * to.in_flight * how.jobs / 4'000);
  auto bare = bare_jobs{scene.stub.port, static_cast<int>(jobs),
                        static_cast<int>(to.in_flight)}
                .run();
  auto cpu = scene.run->cpu();
  auto ours = scene.world.run(jobs, to.in_flight, "fast");
  auto count = static_cast<double>(jobs);
  to.cpu_of_burst.push_back((scene.run->cpu() - cpu) * 1000 / count);
  scene.world.settle();
  to.cpu.push_back((scene.run->cpu() - cpu) * 1000 / count);
  to.bare_rate.push_back(bare.rate);
  to.bare_cpu.push_back(bare.cpu_ms);
  to.rate.push_back(count / ours.seconds);
  to.share.push_back(to.rate.back() / bare.rate);
}

void alone(job_scene& scene, const plan& how, alone_figures& to) {
  auto bare = bare_jobs{scene.stub.port, static_cast<int>(how.alone), 1}.run();
  to.bare_p50.push_back(median(bare.took_ms));
  to.commit_p50.push_back(commit_ms(scene.folder));
  auto ours = scene.world.run(how.alone, 1, "fast");
  to.p50.push_back(median(ours.took_ms));
  to.p99.push_back(at(ours.took_ms, .99));
  to.ratio.push_back(
    to.p50.back()
    / (commits_of_a_job * to.commit_p50.back() + to.bare_p50.back()));
}

void print(const load_figures& x) {
  auto n = static_cast<int>(x.in_flight);
  auto share = median(x.share);
  auto cpu = median(x.cpu);
  std::printf("%5d in flight: %.0f jobs/s, bare calls %.0f: %.0f %%, limit "
              "%.0f %%: %s\n",
              n, median(x.rate), median(x.bare_rate), share * 100,
              limit_share * 100, verdict(share >= limit_share));
  std::printf(
    "%22s %.3f ms of our CPU a job, %.3f of it after its end is told; "
    "limit %.2f: %s; bare calls %.3f\n",
    "", cpu, cpu - median(x.cpu_of_burst), limit_cpu_ms,
    verdict(cpu <= limit_cpu_ms), median(x.bare_cpu));
}

void print(const alone_figures& x) {
  auto ratio = median(x.ratio);
  std::printf("one job alone: p50 %.2f ms, p99 %.2f; %d commits of %.3f ms and "
              "8 bare calls of %.3f: %.2f x, limit %.1f: %s\n",
              median(x.p50), median(x.p99), commits_of_a_job,
              median(x.commit_p50), median(x.bare_p50) / calls_of_a_job, ratio,
              limit_alone, verdict(ratio <= limit_alone));
}

/// 10,000 jobs in a call that is not answered, and fast ones beside them.
void beside_slow_ones(job_scene& scene, const plan& how) {
  scene.start();
  scene.world.run(how.jobs, 200, "fast"); // warms it up
  scene.world.settle();
  std::vector<double> before, beside;
  auto rate = [&] {
    auto ran = scene.world.run(how.jobs, 200, "fast");
    scene.world.settle();
    return static_cast<double>(how.jobs) / ran.seconds;
  };
  for (int i = 0; i < how.rounds; ++i)
    before.push_back(rate());
  auto memory = scene.run->memory("VmRSS");
  scene.world.begin(how.waiting, "slow");
  std::this_thread::sleep_for(std::chrono::seconds{1}); // their reports
  auto kb = static_cast<double>(scene.run->memory("VmRSS") - memory) / 1024
            / static_cast<double>(how.waiting);
  for (int i = 0; i < how.rounds; ++i)
    beside.push_back(rate());
  auto share = median(beside) / median(before);
  std::printf("%zu jobs wait in a call: %.1f KB each, limit %.0f: %s\n",
              static_cast<std::size_t>(how.waiting), kb, limit_waiting_kb,
              verdict(kb <= limit_waiting_kb));
  std::printf("fast jobs beside them: %.0f jobs/s, without them %.0f: %.0f %%, "
              "limit %.0f %%: %s\n",
              median(beside), median(before), share * 100, limit_beside * 100,
              verdict(share >= limit_beside));
}

[[noreturn]] void usage() {
  std::fprintf(stderr,
               "bench_jobs [--rounds N] [--jobs N] [--alone N] [--waiting N]\n"
               "           [--program FILE] [--nginx FILE]\n");
  std::exit(2);
}

plan read_plan(int argc, char** argv) {
  plan out;
  auto beside = fs::read_symlink("/proc/self/exe").parent_path();
  out.program = beside.parent_path() / "app/dubber-orchestrator";
  for (int i = 1; i < argc; i += 2) {
    std::string_view name{argv[i]};
    if (i + 1 == argc)
      usage();
    std::string value{argv[i + 1]};
    if (name == "--program")
      out.program = value;
    else if (name == "--nginx")
      out.nginx = value;
    else if (name == "--rounds")
      out.rounds = std::stoi(value);
    else if (name == "--jobs")
      out.jobs = std::stoul(value);
    else if (name == "--alone")
      out.alone = std::stoul(value);
    else if (name == "--waiting")
      out.waiting = std::stoul(value);
    else
      usage();
  }
  if (out.rounds < 1 || out.jobs < 1 || out.alone < 1)
    usage();
  return out;
}

} // namespace

int main(int argc, char** argv) {
  auto how = read_plan(argc, argv);
  job_scene scene{how.program, how.nginx};
  scene.start();
  scene.world.run(how.jobs, 200, "fast"); // warms it up
  scene.world.settle();
  std::vector<load_figures> loads(2);
  loads[0].in_flight = 200;
  loads[1].in_flight = 2'000;
  alone_figures one;
  for (int i = 0; i < how.rounds; ++i) {
    alone(scene, how, one);
    for (auto& load : loads)
      under_load(scene, how, load);
  }
  std::printf("medians of %d rounds; %.1f requests to the gateway a job\n",
              how.rounds,
              static_cast<double>(scene.world.requests())
                / static_cast<double>(scene.world.jobs()));
  for (auto& load : loads)
    print(load);
  print(one);
  scene.check();
  if (how.waiting > 0)
    beside_slow_ones(scene, how);
  return 0;
}
