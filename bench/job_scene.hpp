#pragma once

#include "bench/nginx.hpp"
#include "bench/platform.hpp"
#include "bench/program.hpp"
#include "journal/journal.hpp"

#include <cstdio>

/// The real program between a stub of nginx and a platform, with pipelines of
/// calls.
namespace dubber::bench {

inline constexpr int steps_of_a_job = 8;

namespace fs = std::filesystem;

/// fetch, eight calls in a row, report.
inline std::string pipeline_of_calls(const std::string& name, int port,
                                     int max_concurrent) {
  auto service = name + "-stub";
  auto out = R"({"name":")" + name + R"(","services":{")" + service
             + R"(":{"url":")" + url(port, "") + R"(","max_concurrent":)"
             + std::to_string(max_concurrent)
             + R"(,"attempt_timeout":{"base":"10m"}}},"stages":[)"
               R"({"name":"fetch","kind":"fetch"})";
  std::string before = "fetch";
  for (int i = 1; i <= steps_of_a_job; ++i) {
    auto step = "step-" + std::to_string(i);
    out += R"(,{"name":")" + step + R"(","kind":"http","service":")" + service
           + R"(","after":[")" + before
           + R"("],"cache":false,"request":{"path":"/step","body":{"job":)"
             R"({"$from":"/job/id"},"step":)"
           + std::to_string(i) + R"(,"text":"about 50 bytes"}}})";
    before = step;
  }
  return out + R"(,{"name":"report","kind":"report","after":[")" + before
         + R"("]}]})";
}

/// A folder of its own with all that the program needs, and the program in it.
class job_scene {
public:
  job_scene(const fs::path& program_path, const fs::path& nginx_path)
    : program_path_(program_path), folder(make_folder()),
      stub(nginx_path, folder / "nginx",
           R"({"said":"about fifty bytes of an answer, no more"})") {
    fs::create_directories(folder / "pipelines");
    fs::create_directories(folder / "store");
    std::ofstream{folder / "store/film.mp4"} << "a film";
    define("fast", stub.port, connections);
    define("slow", silent.port, 10'000);
  }
  job_scene(const job_scene&) = delete;
  job_scene& operator=(const job_scene&) = delete;
  ~job_scene() {
    run.reset();
    std::error_code left_for_the_system;
    fs::remove_all(folder, left_for_the_system);
  }

  /// With an empty journal.
  void start() {
    run.reset();
    for (auto end : {"", "-wal", "-shm"})
      fs::remove(journal().string() + end);
    fs::remove(log());
    run.emplace(program_path_.string(), environment(), log());
    world.use(run->port);
    first_job_ = world.jobs();
  }

  /// Ends the program, and looks for the results of all that it was to do.
  void check() {
    run->stop();
    run.reset();
    auto store = open_sqlite_journal(journal().string());
    if (!store)
      give_up(store.error().message.c_str());
    auto jobs = world.jobs() - first_job_;
    for (std::uint64_t job = 1; job <= jobs; ++job) {
      auto read = (*store)->read(job, 0, 1'000);
      if (!read)
        give_up(read.error().message.c_str());
      auto results = std::count_if(read->begin(), read->end(), [](auto& x) {
        auto done = std::get_if<ev::stage_completed>(&x.what.body);
        return done && std::holds_alternative<answered>(done->result);
      });
      if (results != steps_of_a_job)
        give_up(("the journal holds " + std::to_string(results)
                 + " results of job " + std::to_string(job))
                  .c_str());
    }
    std::printf("the journal holds eight results of each of %zu jobs, %.0f MB "
                "in all; the log %.0f MB\n",
                static_cast<std::size_t>(jobs),
                static_cast<double>(fs::file_size(journal())) / 1e6,
                static_cast<double>(fs::file_size(log())) / 1e6);
  }

  fs::path journal() const {
    return folder / "journal.db";
  }

private:
  static constexpr int connections = 256; ///< as many as the client has

  static fs::path make_folder() {
    auto name = (fs::temp_directory_path() / "dubber-bench-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr)
      give_up("cannot make a folder");
    return name;
  }

  void define(const std::string& name, int port, int max_concurrent) const {
    std::ofstream{folder / "pipelines" / (name + ".json")}
      << pipeline_of_calls(name, port, max_concurrent);
  }

  fs::path log() const {
    return folder / "log";
  }

  std::map<std::string, std::string> environment() const {
    auto gateway = url(world.port, "");
    return {{"HTTP_PORT", "0"},
            {"DATA_DIR", folder.string()},
            {"PIPELINES_DIR", (folder / "pipelines").string()},
            {"PATH", "/usr/bin:/bin"},
            {"API_GATEWAY_URL", gateway},
            {"ASR_URL", gateway},
            {"TRANSLATE_URL", gateway},
            {"TTS_URL", gateway},
            {"MAX_OPEN_CALLS", "11000"}};
  }

  fs::path program_path_;
  std::uint64_t first_job_ = 0;

public:
  fs::path folder;
  nginx stub;
  silent_server silent; ///< its calls wait
  platform world;
  std::optional<program> run;
};

} // namespace dubber::bench
