#include "engines/child_process.hpp"
#include "engines/http_service.hpp"
#include "engines/tts/voices.hpp"

#include <fstream>
#include <mutex>
#include <stdexcept>

namespace dubber {

namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr size_t longest_text = 20'000;
constexpr auto synthesis_timeout = 60s;
constexpr auto audio_lifetime = 1h;
constexpr uintmax_t most_audio_bytes = 2'000'000'000;
constexpr auto sweep_interval = 60s;
constexpr double bytes_per_second = 22050 * 2;
constexpr uintmax_t wav_header = 44;

class tts_service : public engine {
public:
  explicit tts_service(const engine_options& options)
    : folder_(fs::absolute(options.data / "audio")), places_(options.queue) {
    fs::create_directories(folder_);
    std::string table;
    if (run_child({"/usr/bin/espeak-ng", "--voices"}, 10s, &table) != 0)
      throw std::runtime_error("espeak-ng does not run");
    voices_ = parse_voices(table);
    sweep();
  }

  void mount(httplib::Server& server) override {
    server.Post("/synthesize", [this](const httplib::Request& request,
                                      httplib::Response& response,
                                      const httplib::ContentReader& reader) {
      admission::place place{places_, response};
      if (!place)
        return;
      if (auto body = read_json(request, response, reader))
        synthesize(*body, response);
    });
    server.Get(
      R"(/audio/([A-Za-z0-9-]{1,64}\.wav))",
      [this](const httplib::Request& request, httplib::Response& response) {
        if (!answer_file(request, response, folder_ / request.matches[1].str(),
                         "audio/wav"))
          answer_json(response, 404, {{"detail", "Not Found"}});
      });
    auto list = [this](const httplib::Request&, httplib::Response& response) {
      answer_json(response, 200, {{"languages", voices_}});
    };
    server.Get("/languages", list);
    server.Get("/voices", list);
  }

private:
  /// The voice's name, or nothing when it was answered 422.
  std::string choose_voice(const nlohmann::json& body,
                           httplib::Response& response) const {
    for (auto* field : {"voice", "lang"}) {
      auto at = body.find(field);
      bool optional = std::string_view{field} == "voice";
      if (optional && (at == body.end() || at->is_null()))
        continue;
      auto name = at != body.end() && at->is_string()
                    ? normal_voice(at->get_ref<const std::string&>())
                    : std::string{};
      if (voices_.contains(name))
        return name;
      answer_invalid(response, field, "no such language or voice");
      return {};
    }
    return {};
  }

  void synthesize(const nlohmann::json& body, httplib::Response& response) {
    auto at = body.find("text");
    if (at == body.end() || !at->is_string())
      return answer_invalid(response, "text", "a string is required");
    auto text = speakable(at->get_ref<const std::string&>());
    if (text.find_first_not_of(' ') == std::string::npos)
      return answer_invalid(response, "text", "nothing to say");
    if (text.size() > longest_text)
      return answer_invalid(response, "text", "longer than 20000 bytes");
    double rate = 1;
    if (auto r = body.find("rate"); r != body.end() && !r->is_null()) {
      rate = r->is_number() ? r->get<double>() : 0;
      if (!(rate >= 0.5 && rate <= 2))
        return answer_invalid(response, "rate", "a number from 0.5 to 2");
    }
    auto voice = choose_voice(body, response);
    if (!voice.empty())
      speak(text, voice, rate, response);
  }

  void speak(const std::string& text, const std::string& voice, double rate,
             httplib::Response& response) {
    if (std::chrono::steady_clock::now() - swept_.load() > sweep_interval)
      sweep();
    auto name = random_name();
    auto script = folder_ / (name + ".txt");
    auto part = folder_ / (name + ".part");
    auto wav = folder_ / (name + ".wav");
    std::ofstream{script} << text << '\n';
    auto code = run_child({"/usr/bin/espeak-ng", "-b", "1", "-v", voice, "-s",
                           std::to_string(words_per_minute(rate)), "-f",
                           script.string(), "-w", part.string()},
                          synthesis_timeout);
    std::error_code ignored; // a leftover goes with the next sweep
    fs::remove(script, ignored);
    std::error_code missing;
    auto size = fs::file_size(part, missing);
    if (code != 0 || missing || size <= wav_header) {
      fs::remove(part, ignored);
      return answer_json(response, 500, {{"detail", "the synthesis failed"}});
    }
    fs::rename(part, wav);
    auto seconds = static_cast<double>(size - wav_header) / bytes_per_second;
    answer_json(response, 200,
                {{"audio_path", wav.string()}, {"duration", seconds}});
  }

  /// Removes what is too old, then the oldest until the rest fits.
  void sweep() {
    std::lock_guard guard{sweeping_};
    swept_ = std::chrono::steady_clock::now();
    std::multimap<fs::file_time_type, std::pair<fs::path, uintmax_t>> files;
    uintmax_t total = 0;
    std::error_code gone; // a file may vanish while we look: skip it
    for (auto& entry : fs::directory_iterator{folder_}) {
      auto size = entry.file_size(gone);
      auto time = gone ? fs::file_time_type{} : entry.last_write_time(gone);
      if (gone)
        continue;
      files.emplace(time, std::pair{entry.path(), size});
      total += size;
    }
    auto oldest = fs::file_time_type::clock::now() - audio_lifetime;
    for (auto& [time, file] : files) {
      if (time >= oldest && total <= most_audio_bytes)
        break;
      fs::remove(file.first, gone);
      total -= file.second;
    }
  }

  fs::path folder_;
  admission places_;
  std::set<std::string> voices_;
  std::mutex sweeping_;
  std::atomic<std::chrono::steady_clock::time_point> swept_;
};

} // namespace

std::unique_ptr<engine> make_tts(const engine_options& options) {
  return std::make_unique<tts_service>(options);
}

} // namespace dubber
