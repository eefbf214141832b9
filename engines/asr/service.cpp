#include "engines/asr/listener.hpp"
#include "engines/child_process.hpp"
#include "engines/http_service.hpp"

#include <cstring>

namespace dubber {

namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr uint64_t largest_upload = 5'000'000'000;
constexpr auto read_timeout = 60s; // ffmpeg without a sample
constexpr size_t longest_media = size_t{12} * 3600 * asr_rate;
constexpr unsigned media_per_decoder = 2; // decoded side by side

/// A file that goes when the request does.
struct temporary {
  fs::path path;
  ~temporary() {
    std::error_code ignored; // swept at the next start
    fs::remove(path, ignored);
  }
};

/// Uploads wait here for their turn with nothing but a file on the disk.
class turns {
public:
  explicit turns(unsigned count) : free_(count) {
    // nop
  }

  class turn {
  public:
    explicit turn(turns& owner) : owner_(owner) {
      std::unique_lock lock{owner_.mutex_};
      owner_.changed_.wait(
        lock, [this] { return owner_.stopping_ || owner_.free_ > 0; });
      if (owner_.stopping_)
        throw engine_stops{};
      --owner_.free_;
    }
    ~turn() {
      std::lock_guard guard{owner_.mutex_};
      ++owner_.free_;
      owner_.changed_.notify_one();
    }
    turn(const turn&) = delete;
    turn& operator=(const turn&) = delete;

  private:
    turns& owner_;
  };

  void stop() {
    std::lock_guard guard{mutex_};
    stopping_ = true;
    changed_.notify_all();
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  unsigned free_;
  bool stopping_ = false;
};

program decoder_of(const fs::path& media) {
  return {"/usr/bin/ffmpeg",
          "-nostdin",
          "-v",
          "error",
          "-protocol_whitelist",
          "file,pipe",
          "-format_whitelist",
          "mov,mp4,m4a,3gp,matroska,webm,avi,flv,mpegts,mpeg,wav,w64,ogg,mp3,"
          "aac,flac,aiff,au,caf",
          "-i",
          "file:" + media.string(),
          "-map",
          "0:a:0",
          "-vn",
          "-ac",
          "1",
          "-ar",
          std::to_string(asr_rate),
          "-f",
          "s16le",
          "pipe:1"};
}

nlohmann::json segments_json(const std::vector<heard_word>& words) {
  auto list = nlohmann::json::array();
  for (auto& segment : make_segments(words)) {
    auto inner = nlohmann::json::array();
    double sum = 0;
    for (auto& w : segment.words) {
      sum += w.confidence;
      inner.push_back({{"word", w.text},
                       {"start", w.start},
                       {"end", w.end},
                       {"confidence", w.confidence}});
    }
    list.push_back({{"start", segment.start},
                    {"end", segment.end},
                    {"text", segment.text},
                    {"confidence", sum / double(segment.words.size())},
                    {"words", inner}});
  }
  return {{"segments", list}};
}

class asr_service : public engine {
public:
  explicit asr_service(const engine_options& options)
    : folder_(fs::absolute(options.data / "asr")), places_(options.queue),
      turns_(media_per_decoder * options.workers),
      pool_(options.workers, options.fast) {
    fs::remove_all(folder_); // what a crash left
    fs::create_directories(folder_);
  }

  void mount(httplib::Server& server) override {
    server.Post("/transcribe", [this](const httplib::Request& request,
                                      httplib::Response& response,
                                      const httplib::ContentReader& reader) {
      admission::place place{places_, response};
      if (!place)
        return;
      temporary media{folder_ / random_name()};
      auto form
        = receive_form(request, response, reader, media.path, largest_upload);
      if (!form)
        return;
      if (form->bytes == 0)
        return answer_invalid(response, "file", "the file is empty");
      turns::turn turn{turns_};
      transcribe(media.path, response);
    });
    server.Get("/languages",
               [](const httplib::Request&, httplib::Response& response) {
                 answer_json(response, 200, {{"languages", {"en"}}});
               });
  }

  void stop() override {
    turns_.stop();
    pool_.stop();
  }

private:
  void transcribe(const fs::path& media, httplib::Response& response) {
    child_process ffmpeg{decoder_of(media), {false, true}};
    listener ears{pool_};
    std::vector<char> bytes(64 << 10);
    std::vector<int16_t> samples(bytes.size() / 2);
    size_t kept = 0; // half a sample
    size_t total = 0;
    for (;;) {
      // Nobody would read the answer, and the caller asks again perhaps.
      if (caller_is_gone())
        return answer_json(response, 499, {{"detail", "the caller is gone"}});
      auto until = std::chrono::steady_clock::now() + read_timeout;
      auto n = ffmpeg.read(bytes.data() + kept, bytes.size() - kept, until);
      if (n < 0)
        return answer_invalid(response, "file", "decoding took too long");
      if (n == 0)
        break;
      auto have = kept + static_cast<size_t>(n);
      auto count = have / 2;
      std::memcpy(samples.data(), bytes.data(), count * 2);
      kept = have % 2;
      if (kept > 0)
        bytes[0] = bytes[have - 1];
      total += count;
      if (total > longest_media)
        return answer_json(response, 413, {{"detail", "longer than 12 hours"}});
      ears.hear(samples.data(), count);
    }
    auto code = ffmpeg.wait(std::chrono::steady_clock::now() + read_timeout);
    if (code < 0)
      return answer_json(response, 500, {{"detail", "the decoder was killed"}});
    if (code > 0)
      return answer_invalid(response, "file",
                            total == 0 ? "no audio can be decoded from it"
                                       : "its audio is damaged");
    answer_json(response, 200, segments_json(ears.finish()));
  }

  fs::path folder_;
  admission places_;
  turns turns_;
  decoder_pool pool_;
};

} // namespace

std::unique_ptr<engine> make_asr(const engine_options& options) {
  return std::make_unique<asr_service>(options);
}

} // namespace dubber
