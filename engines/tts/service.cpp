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

constexpr auto espeak = "/usr/bin/espeak-ng";
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
    std::string voices;
    std::string variants;
    if (run_child({espeak, "--voices"}, 10s, &voices) != 0
        || run_child({espeak, "--voices=variant"}, 10s, &variants) != 0)
      throw std::runtime_error("espeak-ng does not run");
    parse_voices(voices, voices_);
    parse_variants(variants, voices_);
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
    server.Get("/languages", [this](const httplib::Request&,
                                    httplib::Response& response) {
      auto all = nlohmann::json::array();
      for (auto& [name, file] : voices_.files)
        all.push_back(name);
      answer_json(response, 200,
                  {{"languages", all}, {"variants", voices_.variants}});
    });
  }

private:
  /// espeak-ng's argument, or nothing when it was answered 422.
  std::string choose_voice(const nlohmann::json& body,
                           httplib::Response& response) const {
    auto text = [&](const char* field) -> std::optional<std::string> {
      auto at = body.find(field);
      if (at == body.end() || at->is_null())
        return std::string{};
      if (at->is_string())
        return at->get<std::string>();
      return std::nullopt;
    };
    auto language = text("lang");
    auto voice = text("voice");
    if (!language || language->empty())
      answer_invalid(response, "lang", "a string is required");
    else if (!voice)
      answer_invalid(response, "voice", "a string is required");
    else if (find_voice(voices_, *language).empty()) {
      std::string known;
      for (auto& name : voices_.languages())
        known += " " + name;
      answer_invalid(response, "lang",
                     "unsupported language, this service speaks" + known);
    } else {
      auto out = find_voice(voices_, *language, *voice);
      if (out.empty())
        answer_invalid(response, "voice",
                       "unsupported voice: a language, or a language and a "
                       "sound like es+f3 (GET /languages lists them)");
      return out;
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
    auto code = run_child({espeak, "-b", "1", "-v", voice, "-s",
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
  voice_table voices_;
  std::mutex sweeping_;
  std::atomic<std::chrono::steady_clock::time_point> swept_;
};

} // namespace

std::unique_ptr<engine> make_tts(const engine_options& options) {
  return std::make_unique<tts_service>(options);
}

} // namespace dubber
